"""Whole backups and restores: the record's tables, the files beside it, the marks of the secrets."""

import secrets
from pathlib import Path

from exam_api.blobs import trees
from exam_api.console_ports import Act
from exam_api.keys import Purpose, derive
from exam_api.settings import Settings
from exam_api.store.backup.archive import FilePart, Manifest, Told, opened, written
from exam_api.store.backup.forgotten import Forgotten
from exam_api.store.backup.restoring import (
    Beginning,
    Over,
    Restored,
    back_up,
    check_archive,
    deletions,
    mark_of,
    note_backup,
    restore,
)
from exam_api.store.engine import Database


def marks(settings: Settings) -> tuple[str, ...]:
    """Of the present secret and the former ones."""
    known = (settings.secret, *settings.previous_secrets)
    return tuple(mark_of(derive(one, Purpose.FIELD_ENCRYPTION)) for one in known)


async def back_up_to(path: Path, settings: Settings, *, at_ms: int, tell: Told) -> Manifest:
    """Everything into one file.

    Raises:
        BackupRefused, RecordAway, OSError.
    """
    backup_id = secrets.token_hex(8)
    database = Database(settings.database_url, command_s=None)
    try:
        with written(path) as writer:
            await note_backup(database, backup_id, act=Act(actor="operator:backup", at_ms=at_ms))
            names = tuple(trees.files_in(settings.data_dir))
            tell.begin("files", len(names))
            files: list[FilePart] = []
            for name in names:
                part = FilePart(path=name, size=0, sha256="")
                size, sha256 = writer.file(part.name, trees.read(settings.data_dir, name))
                files.append(FilePart(path=name, size=size, sha256=sha256))
                tell.advance(1)
            return await back_up(
                database,
                writer,
                of=Beginning(id=backup_id, made_ms=at_ms, marks=marks(settings)),
                files=files,
                tell=tell,
            )
    finally:
        await database.close()


async def restore_from(
    path: Path, settings: Settings, *, over: Over, at_ms: int, tell: Told
) -> tuple[Manifest, Restored]:
    """Everything out of one file; files first, so that the record names none that is missing.

    Raises:
        BackupRefused, StrangePath, RecordAway, OSError.
    """
    database = Database(settings.database_url, command_s=None)
    try:
        with opened(path) as archive:
            check_archive(archive.manifest, marks=marks(settings))
            tell.begin("files", len(archive.manifest.files))
            for part in archive.manifest.files:
                trees.put(settings.data_dir, part.path, part.sha256, archive.chunks(part.name, part.sha256))
                tell.advance(1)
            act = Act(actor="operator:restore", at_ms=at_ms)
            done = await restore(database, archive, over=over, act=act, tell=tell)
            return archive.manifest, done
    finally:
        await database.close()


async def deletions_of(settings: Settings) -> Forgotten:
    """The log of deletions as it stands now. Raises RecordAway."""
    database = Database(settings.database_url)
    try:
        return await deletions(database)
    finally:
        await database.close()
