"""Pictures in a local folder: under the hash of their content, whole or not at all."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from exam_api.blobs.pictures import LocalPictures, NotItsHash

DATA = b"\x89PNG picture"
NAME = hashlib.sha256(DATA).hexdigest()


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_a_picture_is_read_as_it_was_kept(tmp_path: Path) -> None:
    pictures = LocalPictures(tmp_path)
    await asyncio.gather(*(pictures.keep(NAME, DATA) for _ in range(8)))
    assert await pictures.read(NAME) == DATA
    assert files(tmp_path) == [NAME]


async def test_bytes_under_a_foreign_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotItsHash):
        await LocalPictures(tmp_path).keep("0" * 64, DATA)
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["../secret", "a" * 63, NAME.upper(), f"{NAME[:2]}/{NAME}", "", "\0"])
async def test_nothing_but_a_hash_is_made_into_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(DATA)
    assert await LocalPictures(tmp_path / "pictures").read(name) is None


async def test_a_damaged_picture_is_not_given_out_and_is_replaced(tmp_path: Path) -> None:
    pictures = LocalPictures(tmp_path)
    await pictures.keep(NAME, DATA)
    (tmp_path / NAME[:2] / NAME).write_bytes(b"half")
    assert await pictures.read(NAME) is None
    await pictures.keep(NAME, DATA)
    assert await pictures.read(NAME) == DATA


async def test_a_folder_that_cannot_be_written_leaves_nothing_half(tmp_path: Path) -> None:
    (tmp_path / NAME[:2]).write_bytes(b"")  # a file where the folder should be
    with pytest.raises(OSError, match="Not a directory"):
        await LocalPictures(tmp_path).keep(NAME, DATA)
    assert files(tmp_path) == [NAME[:2]]
