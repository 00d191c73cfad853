"""A bar on standard error for what takes long; nothing where nobody looks."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from exam_api.store.backup.archive import Told


class Bar(Told):
    """One line for each part."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:>20}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._now: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, what: str, total: int) -> None:
        """The part before has ended."""
        if self._now is not None:
            self._progress.remove_task(self._now)
        self._now = self._progress.add_task(what, total=total)

    def advance(self, by: int) -> None:
        """So much more of it."""
        if self._now is not None:
            self._progress.advance(self._now, by)
