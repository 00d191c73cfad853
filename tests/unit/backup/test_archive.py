"""The file of a backup: what is not byte for byte as it was written is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exam_api.store.backup.archive import FORM, FilePart, Manifest, TablePart, opened, written
from exam_api.store.backup.errors import BackupAltered, NotABackup

LINES = b'["1","one"]\n["2","two"]\n'


async def _pieces() -> AsyncIterator[bytes]:
    for at in range(0, len(LINES), 5):
        yield LINES[at : at + 5]


async def _made(path: Path) -> None:
    with written(path) as writer:
        size, file_sha256 = writer.file("files/pictures/x", [b"pict", b"ure"])
        sha256 = await writer.lines("tables/t.jsonl", _pieces())
        writer.end(
            Manifest(
                form=FORM,
                id="1",
                made_ms=1,
                revision="r",
                engine="sqlite",
                secrets=("m",),
                tables=(TablePart(table="t", columns=("a", "b"), rows=2, sha256=sha256),),
                files=(FilePart(path="pictures/x", size=size, sha256=file_sha256),),
            )
        )


def made(path: Path) -> bytes:
    asyncio.run(_made(path))
    return path.read_bytes()


def read(path: Path) -> bytes:
    with opened(path) as archive:
        (table,), (file,) = archive.manifest.tables, archive.manifest.files
        return b"".join([*archive.lines(table), *archive.chunks(file.name, file.sha256)])


def test_what_was_written_is_read(tmp_path: Path) -> None:
    made(tmp_path / "a.backup")
    assert read(tmp_path / "a.backup") == LINES + b"picture"


def test_a_flip_of_any_bit_of_any_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    held = made(path)
    for at in range(len(held)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            altered = bytearray(held)
            altered[at] ^= mask
            path.write_bytes(altered)
            with pytest.raises((BackupAltered, NotABackup)), opened(path):
                pass


def test_a_backup_that_was_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    held = made(path)
    for size in range(len(held)):
        path.write_bytes(held[:size])
        with pytest.raises((BackupAltered, NotABackup)), opened(path):
            pass


@pytest.mark.parametrize("before", [False, True])
def test_bytes_that_were_added_are_refused(tmp_path: Path, *, before: bool) -> None:
    path = tmp_path / "a.backup"
    held = made(path)
    for more in (b"\x00", b"a", held[-64:], held):
        path.write_bytes(more + held if before else held + more)
        with pytest.raises((BackupAltered, NotABackup)), opened(path):
            pass


def test_a_byte_taken_out_of_the_middle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    held = made(path)
    for at in range(0, len(held), 3):
        path.write_bytes(held[:at] + held[at + 1 :])
        with pytest.raises((BackupAltered, NotABackup)), opened(path):
            pass
