"""Whole backups and restores: the record's tables, the files beside it, the marks of the secrets."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from exam_api.blobs import trees
from exam_api.console_ports import Act
from exam_api.keys import Purpose, derive
from exam_api.settings import Settings
from exam_api.store.backup.archive import ArchiveWriter, FilePart, Manifest, Told, opened, written
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


async def back_up_to(
    path: Path, settings: Settings, *, at_ms: int, tell: Told, pictures: bool = False
) -> Manifest:
    """Everything into one file.

    Args:
        pictures: camera pictures of candidates too.

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

            def all_files(lengths: Mapping[str, int]) -> list[FilePart]:
                segments = _segments(writer, settings.data_dir, lengths, tell) if pictures else []
                return [*files, *segments]

            return await back_up(
                database,
                writer,
                of=Beginning(id=backup_id, made_ms=at_ms, marks=marks(settings)),
                files=all_files,
                tell=tell,
            )
    finally:
        await database.close()


def _segments(
    writer: ArchiveWriter, data_dir: Path, lengths: Mapping[str, int], tell: Told
) -> list[FilePart]:
    """Segments as far as the record knows them. One that is not here lies on another machine, or is lost."""
    tell.begin("camera pictures", len(lengths))
    files: list[FilePart] = []
    for segment, length in lengths.items():
        name = f"{trees.SEGMENTS}/{segment}"
        if (data_dir / name).is_file():
            part = FilePart(path=name, size=0, sha256="")
            size, sha256 = writer.file(part.name, trees.read_upto(data_dir, name, length))
            files.append(FilePart(path=name, size=size, sha256=sha256))
        tell.advance(1)
    return files


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
                chunks = archive.chunks(part.name, part.sha256)
                trees.put(settings.data_dir, part.path, size=part.size, sha256=part.sha256, chunks=chunks)
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
