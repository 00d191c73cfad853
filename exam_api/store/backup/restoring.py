"""Backup and restore of the record: one transaction each, from a steady sight and into all or nothing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from exam_api.console_ports import Act
from exam_api.store import audit
from exam_api.store.backup.archive import FORM, ArchiveReader, ArchiveWriter, FilePart, Manifest, Told
from exam_api.store.backup.errors import OtherRevision, OtherSecret
from exam_api.store.backup.forgotten import Forgotten, forget_again, forgotten
from exam_api.store.backup.tables import (
    check_filled,
    clear,
    dump,
    fill,
    refuse_filled,
    revision_of,
    segment_lengths,
    steady,
    unguarded,
)
from exam_api.store.engine import Database
from exam_api.store.migrate import head

MARK_HEX: Final = 16
"""Characters of a secret's mark."""


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a backup before it is read."""

    id: str
    made_ms: int
    marks: Sequence[str]
    """Of the secrets that are set, the present one first."""


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore may take out, and what it must not bring back."""

    wipe: bool
    """Take out what is there; what its audit tells of deletions is heeded."""
    log: Forgotten
    """Deletions known from elsewhere."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore did beside putting rows in."""

    rows: int
    erased_again: int
    """Lines that tell what was erased again."""


def mark_of(key: bytes) -> str:
    """Tells the secret that gave a key from others, and tells nothing of it."""
    return hashlib.sha256(b"kaowu backup" + key).hexdigest()[:MARK_HEX]


async def note_backup(database: Database, backup_id: str, *, act: Act) -> None:
    """Its line in the audit, before anything is read: the whole record leaves the house."""
    async with database.writing() as connection:
        await audit.append(connection, [_line(act, "record.backed-up", backup_id)])


async def back_up(
    database: Database,
    writer: ArchiveWriter,
    *,
    of: Beginning,
    files: Callable[[Mapping[str, int]], Sequence[FilePart]],
    tell: Told,
) -> Manifest:
    """Every table as of one instant, then the list.

    Args:
        database: where from.
        writer: where to.
        of: what is known of this backup.
        files: told how long each segment of camera pictures is as of that instant, names all files it wrote.
        tell: where progress is told.

    Raises:
        OtherRevision, RecordAway.
    """
    async with database.reading() as connection:
        await steady(connection)
        held = await revision_of(connection)
        if held != head():
            raise OtherRevision(what="database", held=held, wanted=head())
        tables = await dump(connection, writer, tell)
        lengths = await segment_lengths(connection)
        engine = connection.dialect.name
    manifest = Manifest(
        form=FORM,
        id=of.id,
        made_ms=of.made_ms,
        revision=held,
        engine=engine,
        secrets=tuple(of.marks),
        tables=tables,
        files=tuple(files(lengths)),
    )
    writer.end(manifest)
    return manifest


async def restore(
    database: Database,
    archive: ArchiveReader,
    *,
    over: Over,
    act: Act,
    tell: Told,
) -> Restored:
    """Put everything back, erase again what was erased since, and say so in the audit; all or nothing.

    Raises:
        OtherRevision, TargetNotEmpty, BackupDamaged, ReadBackDiffers, RecordAway.
    """
    async with database.writing() as connection:
        held = await revision_of(connection)
        if held != head():
            raise OtherRevision(what="database", held=held, wanted=head())
        log = over.log
        if over.wipe:
            log = log.joined(await forgotten(connection))
        else:
            await refuse_filled(connection)
        async with unguarded(connection):
            await clear(connection)
            await fill(connection, archive, tell)
        # After the guards are back: PostgreSQL alters no table that a cursor of the transaction has read.
        await check_filled(connection, archive)
        lines = await forget_again(connection, log.beyond(await forgotten(connection)), act=act)
        made = archive.manifest
        told = _line(act, "record.restored", made.id, made_ms=made.made_ms, rows=made.rows, wiped=over.wipe)
        await audit.append(connection, [*lines, told])
    return Restored(rows=made.rows, erased_again=len(lines))


async def deletions(database: Database) -> Forgotten:
    """The log of deletions, to be kept apart from the backups. Raises RecordAway."""
    async with database.reading() as connection:
        return await forgotten(connection)


def check_archive(manifest: Manifest, *, marks: Sequence[str]) -> None:
    """See that this program and these secrets can read it.

    Raises:
        OtherRevision, OtherSecret.
    """
    if manifest.revision != head():
        raise OtherRevision(what="backup", held=manifest.revision, wanted=head())
    if manifest.secrets[0] not in marks:
        raise OtherSecret(manifest.secrets[0])


def _line(act: Act, what: str, backup_id: str, **body: str | int | bool) -> audit.Line:
    return audit.Line(at_ms=act.at_ms, actor=act.actor, act=what, object=f"backup:{backup_id}", body=body)
