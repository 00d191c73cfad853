"""One run at a time in a folder: two would mix their plans and books, and measure each other."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class RunsAlready(Exception):
    """Another run writes to this folder."""

    def __init__(self, folder: Path, by: str) -> None:
        super().__init__(f"{folder} is in use by another run (process {by})")
        self.folder = folder
        self.by = by


@contextmanager
def alone_in(folder: Path) -> Generator[None, None, None]:
    """Keep others out of the folder, as long as this process lives. Raises RunsAlready."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = folder.with_name(f".{folder.name}.lock")
    with mark.open("a+", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            raise RunsAlready(folder, held.read().strip()) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield
