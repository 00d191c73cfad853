"""The file of a backup: a .zip whose last part lists all others with their counts and hashes.

It is written under another name and gets its own at the end: what bears the name is whole.
Parts are hashed as they are before compression, so any tool that unpacks .zip can check them. At the very
end, as the .zip's comment, stands a seal: the hash of every byte before it, the .zip's own headers too. It is
checked before anything is read out.
"""

import hashlib
import os
import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from exam_api.store.backup.errors import BackupAltered, BackupDamaged, NotABackup

FORM: Final = 2
"""Form of the archive; another number is another program's."""

LIST: Final = "manifest.json"
"""The part that is written last."""

CHUNK: Final = 1 << 20
"""Bytes read at a time: what a restore holds in memory of a part."""

LIST_MAX: Final = 256 << 20
"""Bytes of the list that are read; a million files have some 130 MB of it."""

SEAL_BYTES: Final = hashlib.sha256().digest_size * 2
"""The seal in hex digits: the last bytes of the file."""

SEAL_SIGN: Final = b"kaowu backup sealed by sha256 "
"""What stands before the seal."""

LEVEL: Final = 3
"""Of deflate: rows are mostly hashes and ids, a higher level costs time and saves little."""


class TablePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table: rows as JSON lists, one a line, in the order of its key."""

    table: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def name(self) -> str:
        """Of the part in the archive."""
        return f"tables/{self.table}.jsonl"


class FilePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of the data folder, by its path in there."""

    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Of the part in the archive."""
        return f"files/{self.path}"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself. Holds no secret: marks of the secrets only."""

    form: int
    id: str
    made_ms: int
    revision: str
    engine: str
    """Kind of the database it was taken from."""
    secrets: tuple[str, ...]
    """Marks of the secrets that were set, the present one first."""
    tables: tuple[TablePart, ...]
    files: tuple[FilePart, ...]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(one.rows for one in self.tables)


class ArchiveWriter:
    """Parts one after the other; nothing is held of them but their hashes."""

    def __init__(self, held: zipfile.ZipFile) -> None:
        self._zip = held

    async def lines(self, name: str, chunks: AsyncIterable[bytes]) -> str:
        """One part from pieces that come; its SHA-256."""
        digest = hashlib.sha256()
        with self._zip.open(_entry(name, packed=True), "w", force_zip64=True) as part:
            async for chunk in chunks:
                digest.update(chunk)
                part.write(chunk)
        return digest.hexdigest()

    def file(self, name: str, chunks: Iterable[bytes]) -> tuple[int, str]:
        """One part as it is; its size and SHA-256."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_entry(name, packed=False), "w", force_zip64=True) as part:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                part.write(chunk)
        return size, digest.hexdigest()

    def end(self, manifest: Manifest) -> None:
        """The list of all parts, at the end."""
        self._zip.writestr(_entry(LIST, packed=True), msgspec.json.encode(manifest))


class ArchiveReader:
    """The parts of an archive that is whole."""

    def __init__(self, held: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = held
        self.manifest = manifest

    def chunks(self, name: str, sha256: str) -> Iterator[bytes]:
        """The bytes of one part. Raises BackupDamaged: after the last of them, when the hash does not fit."""
        digest = hashlib.sha256()
        try:
            with self._zip.open(name) as part:
                while chunk := part.read(CHUNK):
                    digest.update(chunk)
                    yield chunk
        except (KeyError, zipfile.BadZipFile, EOFError, zipfile.zlib.error) as broken:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
            raise BackupDamaged(name) from broken
        if digest.hexdigest() != sha256:
            raise BackupDamaged(name)

    def lines(self, part: TablePart) -> Iterator[bytes]:
        """Whole lines, many at a time. Raises BackupDamaged."""
        rest = b""
        for chunk in self.chunks(part.name, part.sha256):
            whole, found, beyond = (rest + chunk).rpartition(b"\n")
            if found:
                yield whole + found
            rest = beyond
        if rest:
            raise BackupDamaged(part.name)


@contextmanager
def written(path: Path) -> Generator[ArchiveWriter, None, None]:
    """A new archive, for its owner's eyes only; bears its name when the block has ended well.

    Raises OSError.
    """
    if path.exists():
        raise FileExistsError(path)
    fresh = path.with_name(f".{path.name}.part")
    try:
        with (
            open(fresh, "w+b", opener=lambda name, flags: os.open(name, flags, 0o600)) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as held,
        ):
            held.comment = SEAL_SIGN + b"0" * SEAL_BYTES
            yield ArchiveWriter(held)
            held.close()
            _seal(file)
            _to_disk(file)
        fresh.rename(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


@contextmanager
def opened(path: Path) -> Generator[ArchiveReader, None, None]:
    """An archive, byte for byte as it was written. Raises NotABackup, BackupAltered, OSError."""
    try:
        with path.open("rb") as file:
            _check_seal(file, path)
            with zipfile.ZipFile(file) as held:
                yield ArchiveReader(held, _listed(held, path))
    except zipfile.BadZipFile as broken:
        raise NotABackup(path) from broken


async def counted(chunks: AsyncIterator[bytes], tell: "Told") -> AsyncIterator[bytes]:
    """The same pieces; their lines are told."""
    async for chunk in chunks:
        yield chunk
        tell.advance(chunk.count(b"\n"))


class Told:
    """Where progress is told; this one tells nobody."""

    def begin(self, what: str, total: int) -> None:
        """A part begins."""

    def advance(self, by: int) -> None:
        """So much more of it is done."""


def _seal(file: IO[bytes]) -> None:
    """Write the seal of everything before it in its place."""
    size = file.seek(0, os.SEEK_END)
    seal = _hash(file, size - SEAL_BYTES)
    file.seek(size - SEAL_BYTES)
    file.write(seal)


def _check_seal(file: IO[bytes], path: Path) -> None:
    """See that no byte is missing, added or another. Raises NotABackup, BackupAltered."""
    size = file.seek(0, os.SEEK_END)
    if size < len(SEAL_SIGN) + SEAL_BYTES:
        raise NotABackup(path)
    file.seek(size - len(SEAL_SIGN) - SEAL_BYTES)
    if file.read(len(SEAL_SIGN)) != SEAL_SIGN:
        raise NotABackup(path)
    seal = file.read(SEAL_BYTES)
    if _hash(file, size - SEAL_BYTES) != seal:
        raise BackupAltered(path)


def _hash(file: IO[bytes], size: int) -> bytes:
    """SHA-256 of the first `size` bytes, as hex digits."""
    digest, left = hashlib.sha256(), size
    file.seek(0)
    while left and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


def _listed(held: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        info = held.getinfo(LIST)
        if info.file_size > LIST_MAX:
            raise NotABackup(path)
        manifest = msgspec.json.decode(held.read(info), type=Manifest)
    except (KeyError, msgspec.MsgspecError) as broken:
        raise NotABackup(path) from broken
    if manifest.form != FORM:
        raise NotABackup(path)
    return manifest


def _entry(name: str, *, packed: bool) -> zipfile.ZipInfo:
    """Without an instant of its own: the list says when."""
    made = zipfile.ZipInfo(name)
    made.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    made.external_attr = 0o600 << 16
    return made


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
