"""Folders of the data folder that belong into a backup: read file by file, put back whole or not at all."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

TREES: Final = ("pictures",)
"""Folders whose files are part of the record and never change."""

SEGMENTS: Final = "snapshots"
"""The folder of camera pictures: its files only grow; what the record refers to of them counts."""

CHUNK: Final = 1 << 20
"""Bytes read at a time."""


class StrangePath(Exception):
    """A file would be put where no file of the record lies."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} lies in none of {', '.join((*TREES, SEGMENTS))}")
        self.path = path


def files_in(data_dir: Path) -> Iterator[str]:
    """Paths of all files there are, below the data folder; what is being written is left out."""
    for tree in TREES:
        for path in sorted((data_dir / tree).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(data_dir).as_posix()


def read(data_dir: Path, path: str) -> Iterator[bytes]:
    """One file, piece by piece. Raises OSError."""
    with (data_dir / path).open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def read_upto(data_dir: Path, path: str, size: int) -> Iterator[bytes]:
    """The first bytes of a file that grows; fewer where there are fewer. Raises OSError."""
    with (data_dir / path).open("rb") as file:
        while size and (chunk := file.read(min(CHUNK, size))):
            size -= len(chunk)
            yield chunk


def put(data_dir: Path, path: str, *, size: int, sha256: str, chunks: Iterable[bytes]) -> bool:
    """One file under its path; False: it was there already, or one that has only grown since.

    Whatever `chunks` raises leaves nothing behind. Raises StrangePath, OSError.
    """
    goal = data_dir / _own(path)
    if goal.is_file() and _hash(data_dir, path, size) == sha256:
        return False
    goal.parent.mkdir(parents=True, exist_ok=True)
    fresh = goal.with_name(f".{goal.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(goal)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return True


def _own(path: str) -> PurePosixPath:
    parts = PurePosixPath(path)
    if (
        parts.is_absolute()
        or ".." in parts.parts
        or parts.parts[:1] not in {(tree,) for tree in (*TREES, SEGMENTS)}
    ):
        raise StrangePath(path)
    return parts


def _hash(data_dir: Path, path: str, size: int) -> str:
    digest = hashlib.sha256()
    for chunk in read_upto(data_dir, path, size):
        digest.update(chunk)
    return digest.hexdigest()
