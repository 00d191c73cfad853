"""Lines of acts that change nothing in the record: written at once, or gathered and written together."""

from collections import deque
from typing import Final

from exam_api.audit_ports import Line, Trail
from exam_api.store import audit
from exam_api.store.engine import Database

HELD_MAX: Final = 20_000
"""Lines a process keeps while the record is away: hours of reading lists. More are counted, not kept."""

AT_ONCE: Final = 500
"""Lines of one transaction: the chain's end is held for a few milliseconds."""


class TrailStore(Trail):
    """`Trail` on the database. Lines that wait are lost if the process dies before the next `flush`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Line] = deque()
        self.lost = 0
        """Lines that found no room."""

    async def write(self, line: Line) -> None:
        """On record when this returns. Raises RecordAway."""
        async with self._database.writing() as connection:
            await audit.append(connection, [line])

    def later(self, line: Line) -> None:
        """On record at the next flush."""
        if len(self._waiting) < HELD_MAX:
            self._waiting.append(line)
        else:
            self.lost += 1

    async def flush(self) -> int:
        """Write what waits, oldest first; how many lines. Raises RecordAway: they go on waiting."""
        written = 0
        while self._waiting:
            lines = [self._waiting[n] for n in range(min(AT_ONCE, len(self._waiting)))]
            async with self._database.writing() as connection:
                await audit.append(connection, lines)
            for _ in lines:
                self._waiting.popleft()
            written += len(lines)
        return written
