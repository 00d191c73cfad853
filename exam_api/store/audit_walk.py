"""Walking the audit's chains: which is the first line that was altered, taken out or put in."""

from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.audit_ports import End, Fault, Found, Line, Place, Walked
from exam_api.store.audit import AUDIT, BEFORE_DAYS, FIRST, HEAD, line_hash
from exam_api.store.engine import Database

PART: Final = 5_000
"""Lines read in one statement: bounded memory, and no statement runs long."""

REMEMBERED: Final = 1_000
"""Latest hashes of a chain that a walk keeps, to tell a line that was put in from one that was altered."""


class Walk:
    """One chain, line by line; knows no database.

    Args:
        sealed: ends of days as they were signed, from the database or held outside.
    """

    def __init__(self, org: UUID, *, start: tuple[str, int, bytes], sealed: Mapping[str, End]) -> None:
        self.org = org
        self.lines = 0
        self._day, self._no, self._digest = start
        self._sealed = dict(sealed)
        self._followed: deque[tuple[bytes, Place]] = deque(maxlen=REMEMBERED)
        """Hash of a line and the place of the line after it."""
        self._day_ends: list[tuple[bytes, Place]] = []

    def take(self, row: Row[Any]) -> Found | None:
        """Go on by one line."""
        place = Place(self.org, row.day, row.no)
        if row.day != self._day and (unsealed := self._day_over(row.day)):
            return unsealed
        due = 1 if row.day != self._day else self._no + 1
        if row.no < due:
            return Found(place, Fault.INSERTED)
        if row.no > due:
            return Found(Place(self.org, row.day, due), Fault.MISSING)
        sound = _own_hash(row, place) == row.hash
        if row.before != self._digest or not sound:
            return self._unfit(row.before, place, sound=sound)
        link = (row.before, place)
        (self._followed if due > 1 else self._day_ends).append(link)
        self._day, self._no, self._digest = row.day, row.no, row.hash
        self.lines += 1
        return None

    def next_day(self, row: Row[Any]) -> Found | None:
        """What the first line of a later day says of the lines that were walked."""
        if unsealed := self._day_over(row.day):
            return unsealed
        fits = row.before == self._digest
        return None if fits else self._unfit(row.before, Place(self.org, row.day, row.no), sound=True)

    def end(self, head: tuple[str, int, bytes] | None) -> Found | None:
        """What the chain's end says of the last line."""
        if unsealed := self._day_over(None):
            return unsealed
        if head is None and self._digest != FIRST:
            return Found(Place(self.org, BEFORE_DAYS, 0), Fault.HEAD)
        day, no, digest = head or (BEFORE_DAYS, 0, FIRST)
        own, told = (self._day, self._no), (day, no)
        if digest == self._digest:
            # A day that was sealed is over: the head stands before the first line of a later one.
            moved_on = no == 0 and day >= self._day
            return None if moved_on or told == own else Found(Place(self.org, *told), Fault.HEAD)
        if put_in := self._put_in_after(digest):
            return Found(put_in, Fault.INSERTED)
        if told == own:
            return Found(self._here(), Fault.ALTERED)
        return (
            Found(self._after(), Fault.MISSING) if told > own else Found(Place(self.org, *told), Fault.HEAD)
        )

    def _unfit(self, before: bytes, place: Place, *, sound: bool) -> Found:
        if not sound:
            return Found(place, Fault.ALTERED)
        if put_in := self._put_in_after(before):
            return Found(put_in, Fault.INSERTED)
        if place.day != self._day:  # whole days, or the last lines of the day before
            return Found(self._after(), Fault.MISSING)
        return Found(self._here(), Fault.ALTERED)  # the line before was written anew, hash and all

    def _put_in_after(self, digest: bytes) -> Place | None:
        """The first line after the one with that hash: what follows on it was appended by nobody."""
        return next((place for held, place in (*self._followed, *self._day_ends) if held == digest), None)

    def _day_over(self, until: str | None) -> Found | None:
        """Compare the end of the day that was walked with its seal; no sealed day may be jumped over."""
        end = self._sealed.pop(self._day, None)
        if end is not None and end != End(self._no, self._digest):
            if end.no > self._no:
                return Found(self._after(), Fault.MISSING)
            if end.no < self._no:
                return Found(Place(self.org, self._day, end.no + 1), Fault.INSERTED)
            return Found(self._here(), Fault.ALTERED)
        gone = min((day for day in self._sealed if until is None or day < until), default=None)
        return None if gone is None else Found(Place(self.org, gone, 1), Fault.MISSING)

    def _here(self) -> Place:
        return Place(self.org, self._day, self._no)

    def _after(self) -> Place:
        return Place(self.org, self._day, self._no + 1)


async def walked(
    database: Database,
    *,
    org: UUID | None = None,
    day: str | None = None,
    sealed: Mapping[UUID, Mapping[str, End]],
) -> list[Walked]:
    """Walk every chain, or one; whole, or one day of it with its ties to the days beside it.

    Raises RecordAway.
    """
    async with database.reading() as connection:
        orgs = sorted({*await chains(connection), *sealed}) if org is None else [org]
        return [await _walk(connection, one, day, sealed.get(one, {})) for one in orgs]


async def chains(connection: AsyncConnection) -> Sequence[UUID]:
    """Every chain that has a line or an end."""
    return (await connection.execute(select(AUDIT.c.org).union(select(HEAD.c.org)))).scalars().all()


async def _walk(connection: AsyncConnection, org: UUID, day: str | None, ends: Mapping[str, End]) -> Walked:
    if day is not None:
        ends = {one: end for one, end in ends.items() if one == day}
    walk = Walk(org, start=await _start(connection, org, day), sealed=ends)
    async for row in _rows(connection, org, day):
        if day is not None and row.day > day:
            return Walked(org, walk.lines, walk.next_day(row))
        if found := walk.take(row):
            return Walked(org, walk.lines, found)
    head = select(HEAD.c.day, HEAD.c.no, HEAD.c.hash).where(HEAD.c.org == org)
    end = (await connection.execute(head)).first()
    return Walked(org, walk.lines, walk.end(None if end is None else (end.day, end.no, end.hash)))


async def _start(connection: AsyncConnection, org: UUID, day: str | None) -> tuple[str, int, bytes]:
    """Where the walk begins: before the first line, or at the last one before the day."""
    if day is None:
        return BEFORE_DAYS, 0, FIRST
    last = (
        select(AUDIT.c.day, AUDIT.c.no, AUDIT.c.hash)
        .where(AUDIT.c.org == org, AUDIT.c.day < day)
        .order_by(AUDIT.c.day.desc(), AUDIT.c.no.desc())
        .limit(1)
    )
    row = (await connection.execute(last)).first()
    return (BEFORE_DAYS, 0, FIRST) if row is None else (row.day, row.no, row.hash)


async def _rows(connection: AsyncConnection, org: UUID, day: str | None) -> AsyncGenerator[Row[Any], None]:
    """Lines in their order, part by part; of a day, and one line beyond it."""
    asked = select(AUDIT).where(AUDIT.c.org == org).order_by(AUDIT.c.day, AUDIT.c.no).limit(PART)
    if day is not None:
        asked = asked.where(AUDIT.c.day >= day)
    at: tuple[str, int] | None = None
    while True:
        part = asked if at is None else asked.where(tuple_(AUDIT.c.day, AUDIT.c.no) > tuple_(*at))
        rows = (await connection.execute(part)).all()
        for row in rows:
            yield row
            if day is not None and row.day > day:
                return
        if len(rows) < PART:
            return
        at = rows[-1].day, rows[-1].no


def _own_hash(row: Row[Any], place: Place) -> bytes | None:
    """The hash that a line as it is read would have; None: no line is written like that."""
    line = Line(at_ms=row.at_ms, actor=row.actor, act=row.act, object=row.object, org=None)
    try:
        return line_hash(row.before, place, line, row.body)
    except msgspec.MsgspecError:
        return None
