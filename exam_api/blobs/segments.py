"""Snapshots in append-only files of a session and retention class, each picture encrypted.

A frame is `KWS1`, the length of what follows (u32), a nonce, and AES-256-GCM of the picture; session, attempt
and digest are authenticated with it. A process writes to files of its own: two never meet in one. A frame
that was cut by a crash is the end of its file: whoever comes next opens a new name, nothing refers to it.

When bytes are on disk: `append` answers when the system has them, so a killed process loses nothing; they are
forced to disk every `SYNC_EVERY_BYTES` and when a file is closed. A power cut may take what came since: a
picture is a hint for people, the next one comes within minutes, and no candidate waits for a disk.
"""

import asyncio
import contextlib
import math
import os
import re
import secrets
import struct
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam_api.errors import PicturesAway
from exam_api.snapshot_ports import Place, Segments

SEGMENT_BYTES: Final = 256 * 1024 * 1024
"""From here on a new file begins: one is copied, checked or unlinked in seconds."""

SYNC_EVERY_BYTES: Final = 8 * 1024 * 1024
"""Bytes of one file after which they are forced to disk."""

OPEN_MAX: Final = 64
"""Files that are open at once; the one that was not used for longest is closed."""

FRAME_MAX: Final = 1024 * 1024
"""No frame is longer: a place that says so is not read."""

CLASS: Final = "exam"
"""The one retention class so far (`retention.json`, `snapshot`): the first folder of a segment's name."""

_SIGN: Final = b"KWS1"
_HEAD: Final = struct.Struct(">4sI12s")
_NONCE: Final = 12
_TAG: Final = 16
_NAME: Final = re.compile(r"[a-z]{1,16}/[0-9a-f]{32}/[0-9a-f]{8}-[0-9a-f]{6}\.seg")

_log = structlog.stdlib.get_logger("kaowu.segments")

Write = Callable[[int, memoryview], int]


class _Open:
    """A file that is written to."""

    __slots__ = ("fd", "name", "size", "unsynced")

    def __init__(self, name: str, fd: int) -> None:
        self.name = name
        self.fd = fd
        self.size = 0
        self.unsynced = 0


class LocalSegments(Segments):
    """`<class>/<session>/<writer>-<number>.seg` below a folder."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, write: Write = os.write) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._write = write
        self._writer = secrets.token_hex(4)
        self._number = 0
        self._open: OrderedDict[UUID, _Open] = OrderedDict()

    def append(self, data: bytes, *, session_id: UUID, key: bytes, bound: bytes, digest: bytes) -> Place:
        """As the port says, within a running loop: handing 32 KB to the system costs less than a thread."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, data, bound + digest)
        frame = _HEAD.pack(_SIGN, _NONCE + len(sealed), nonce) + sealed
        try:
            held = self._for(session_id, len(frame))
            offset = held.size
            self._whole(held.fd, frame)
        except OSError:
            self._leave(session_id)  # its end is unknown now
            raise PicturesAway from None
        held.size += len(frame)
        held.unsynced += len(frame)
        if held.unsynced >= SYNC_EVERY_BYTES:
            self._sync(held)
        return Place(segment=held.name, offset=offset, length=len(frame), digest=digest)

    async def read(self, place: Place, *, key: bytes, bound: bytes) -> bytes | None:
        """As the port says."""
        return await asyncio.to_thread(self._read, place, key, bound)

    async def drop(self, place: Place) -> None:
        """As the port says; what the disk refuses stays, encrypted and with nothing that names it."""
        await asyncio.to_thread(self._drop, place)

    async def resting(self, *, since_ms: int) -> Sequence[str]:
        """As the port says."""
        return await asyncio.to_thread(self._resting, since_ms)

    async def unlink(self, segments: Sequence[str]) -> None:
        """As the port says; a session's folder goes with its last segment."""
        await asyncio.to_thread(self._unlink, segments)

    async def forget(self, session_id: UUID) -> None:
        """As the port says; the room is free at once, even of a file that another process holds open.

        What the disk refuses (another user's file) stays: its rows and keys are gone, so nobody can read it.
        """
        await asyncio.to_thread(self._forget, session_id)

    def close(self) -> None:
        """Force everything to disk and let it go."""
        while self._open:
            _synced(self._open.popitem()[1].fd)

    def _for(self, session_id: UUID, more: int) -> _Open:
        held = self._open.get(session_id)
        if held is not None and held.size + more > self._segment_bytes and held.size:
            self._leave(session_id)
            held = None
        if held is None:
            held = self._open[session_id] = self._begin(session_id)
            if len(self._open) > OPEN_MAX:
                self._leave(next(iter(self._open)))
        self._open.move_to_end(session_id)
        return held

    def _begin(self, session_id: UUID) -> _Open:
        self._number += 1
        name = f"{CLASS}/{session_id.hex}/{self._writer}-{self._number:06x}.seg"
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _Open(name, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600))

    def _whole(self, fd: int, frame: bytes) -> None:
        """Write all of it; a short write is gone on with, one of nothing is a disk that is full."""
        left = memoryview(frame)
        while left:
            wrote = self._write(fd, left)
            if wrote <= 0:
                raise OSError(f"{len(left)} bytes left unwritten")
            left = left[wrote:]

    def _sync(self, held: _Open) -> None:
        held.unsynced = 0
        _beside(os.dup(held.fd))  # a copy: the file may be closed meanwhile

    def _leave(self, session_id: UUID) -> None:
        held = self._open.pop(session_id, None)
        if held is not None:
            _beside(held.fd)

    def _drop(self, place: Place) -> None:
        with contextlib.suppress(OSError), (self._folder / place.segment).open("r+b") as file:
            file.seek(place.offset)
            file.write(bytes(place.length))

    def _resting(self, since_ms: int) -> list[str]:
        found = sorted(self._folder.glob(f"{CLASS}/*/*.seg"))
        names = [path.relative_to(self._folder).as_posix() for path in found if _written_ms(path) < since_ms]
        return [name for name in names if _NAME.fullmatch(name)]

    def _unlink(self, segments: Sequence[str]) -> None:
        for name in segments:
            path = self._folder / name
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others lie there
                path.parent.rmdir()

    def _forget(self, session_id: UUID) -> None:
        names = [
            path.relative_to(self._folder).as_posix()
            for path in self._folder.glob(f"*/{session_id.hex}/*.seg")
        ]
        for name in names:
            try:
                os.truncate(self._folder / name, 0)
                self._unlink([name])
            except FileNotFoundError:
                continue
            except OSError as refused:
                _log.warning("segment.kept", segment=name, why=refused.strerror)

    def _read(self, place: Place, key: bytes, bound: bytes) -> bytes | None:
        least = _HEAD.size + _TAG
        if _NAME.fullmatch(place.segment) is None or not least <= place.length <= FRAME_MAX:
            return None
        try:
            with (self._folder / place.segment).open("rb") as file:
                file.seek(place.offset)
                frame = file.read(place.length)
        except (OSError, ValueError):
            return None
        if len(frame) != place.length:
            return None
        sign, length, nonce = _HEAD.unpack_from(frame)
        if sign != _SIGN or length != place.length - _HEAD.size + _NONCE:
            return None
        try:
            data = AESGCM(key).decrypt(nonce, frame[_HEAD.size :], bound + place.digest)
        except (InvalidTag, ValueError):
            return None
        return data if sha256(data).digest() == place.digest else None


def _written_ms(path: Path) -> float:
    """When a file was written to last; gone meanwhile: never rests."""
    try:
        return path.stat().st_mtime_ns / 1e6
    except FileNotFoundError:
        return math.inf


def _beside(fd: int) -> None:
    """As `_synced`, in a thread: requests do not wait for it."""
    asyncio.get_running_loop().run_in_executor(None, _synced, fd)


def _synced(fd: int) -> None:
    """Force a file to disk and close it; a disk that cannot is told of by the next append."""
    with contextlib.suppress(OSError):
        os.fdatasync(fd)
    with contextlib.suppress(OSError):
        os.close(fd)
