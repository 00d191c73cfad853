"""Pictures of items in a local folder, each under the hash of its content: written once, never changed."""

import asyncio
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from exam_api.item_ports import PictureFiles

NAME: Final = re.compile(r"[0-9a-f]{64}")
"""The only names there are; nothing else is ever made into a path."""


class NotItsHash(Exception):
    """The bytes do not bear the name they came with."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"these bytes are not {sha256}")
        self.sha256 = sha256


class LocalPictures(PictureFiles):
    """`ab/abcdef…`: two hex digits of folder, so that no folder grows long."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, sha256: str, data: bytes) -> None:
        """Answer when bytes and name are on disk. Raises NotItsHash, OSError."""
        await asyncio.to_thread(self._keep, sha256, data)

    async def read(self, sha256: str) -> bytes | None:
        """The bytes, or None where they are not here (or damaged: then they no longer bear their name)."""
        return await asyncio.to_thread(self._read, sha256)

    def _keep(self, sha256: str, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotItsHash(sha256)
        path = self._path(sha256)
        if self._read(sha256) is not None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
        try:
            with fresh.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)  # whole or not at all; whoever comes second brings the same bytes
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._folder):
            _sync_folder(folder)

    def _read(self, sha256: str) -> bytes | None:
        if NAME.fullmatch(sha256) is None:
            return None
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    """Without it a file can be on disk and its name not."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
