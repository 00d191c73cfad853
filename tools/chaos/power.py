"""What a power loss takes: the end of Redis' append-only file, as long as the last seconds wrote."""

import asyncio
import os
import time
from collections import deque
from pathlib import Path
from typing import Final

_LOOK_EVERY_S: Final = 0.01
_KEPT: Final = 2_000
"""Sizes remembered: 20 s."""


def newest_file(folder: Path) -> Path | None:
    """The file that Redis appends to: from version 7 the newest increment, before that the one file."""
    parts = sorted(
        (folder / "appendonlydir").glob("*.incr.aof"),
        key=lambda path: int(path.name.removesuffix(".incr.aof").rpartition(".")[2]),
    )
    whole = folder / "appendonly.aof"
    return parts[-1] if parts else (whole if whole.exists() else None)


class Sizes:
    """How long the append-only file was at which instant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: deque[tuple[float, Path, int]] = deque(maxlen=_KEPT)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            path = newest_file(self.folder)
            if path is not None:
                self.seen.append((time.monotonic(), path, path.stat().st_size))
            await asyncio.sleep(_LOOK_EVERY_S)

    def at(self, instant: float, path: Path) -> int:
        """The last size seen before an instant; 0 where none was."""
        sizes = [size for seen, known, size in self.seen if known == path and seen <= instant]
        return sizes[-1] if sizes else 0


def cut(sizes: Sizes, *, seconds: float, killed_at: float) -> int:
    """Take from the file what was written in the last seconds before the kill; returns bytes.

    The cut falls where it falls: Redis itself drops a torn command at the end (`aof-load-truncated`), and an
    unfinished transaction whole.
    """
    path = newest_file(sizes.folder)
    if path is None:
        return 0
    kept = min(sizes.at(killed_at - seconds, path), path.stat().st_size)
    removed = path.stat().st_size - kept
    os.truncate(path, kept)
    return removed
