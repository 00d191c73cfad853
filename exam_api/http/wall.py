"""The live table of each watched session: one in a process, however many pages look at it."""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from itertools import islice
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from litestar.types import Receive, Scope, Send

from enrollment.identity import mask_name
from exam_api.attempt.chain import masks
from exam_api.attempt.glance import Glance, glance_of
from exam_api.attempt.model import LiveAttempt
from exam_api.errors import LiveAway
from exam_api.http.bare import header
from exam_api.http.watching import Subscribed, Watching, event, push, stream
from exam_api.http.wire_staff import LiveRow
from exam_api.people import Role
from exam_api.ports import Clock, Live
from exam_api.record import LogEntry, LogKind, Result
from exam_api.visible import Field, Relation, Show, Sight

COALESCE_S: Final = 0.2
"""Changes of this time are told together: a page can be told of at most five tables a second."""

REFRESH_S: Final = 5.0
"""How often the whole table is looked at: progress and last seen move without an entry in the log."""

RING: Final = 500
"""Pieces a page can be behind; beyond it the page takes the whole table again."""

IDLE_S: Final = 30.0
"""How long a table is kept fresh that nobody looks at: a page that reloads finds it."""

COALESCE_EACH_S: Final = 0.0001
"""The same for each row: pages of 5,000 are told twice a second, whatever happens."""

REST: Final = 4
"""A table rests this many times as long as its look at the changed rows took: answers go before walls."""

AT_ONCE: Final = 64
"""Changed attempts that are asked for together."""

WHOLE: Final = Sight(Role.OFFICER, frozenset({Relation.DEPARTMENT}))
"""Everything a wall has to show."""

ON_WALL: Final = (Field.NAME, Field.TICKET, Field.SEAT, Field.SCORE, Field.PASSED)
"""What of a wall not everybody sees."""

_encode: Final = msgspec.json.Encoder().encode
log = structlog.get_logger("http")


class Table:
    """Rows of one session, and the pieces by which pages keep up."""

    def __init__(
        self, session_id: UUID, *, live: Live, watch: Watching, clock: Clock, sight: Sight = WHOLE
    ) -> None:
        self._session_id = session_id
        self._sight = sight
        self._live = live
        self._watch = watch
        self._clock = clock
        self._epoch = secrets.token_hex(4)
        self._version = 0
        self._pieces: deque[tuple[int, bytes]] = deque(maxlen=RING)
        self._rows: dict[UUID, LiveRow] = {}
        self._marks: dict[UUID, bytes] = {}
        """Of each attempt as it was last looked at."""
        self._hidden: dict[UUID, int] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._filled = False
        self._first = asyncio.Lock()
        self._asked_at = 0.0
        self.pages = 0

    @property
    def event_id(self) -> str:
        """Id of the newest piece: what a page that has the whole table resumes from."""
        return f"{self._epoch}.{self._version}"

    async def rows(self) -> list[LiveRow]:
        """The whole table, as fresh as the live state.

        Raises LiveAway.
        """
        self._asked_at = asyncio.get_running_loop().time()
        if self._task is None:
            self._begin_anew()
            self._task = asyncio.create_task(self._keep(), name="wall")
        await self._fill()
        return sorted(self._rows.values(), key=lambda row: (row.seat, row.ticket_no))

    def _begin_anew(self) -> None:
        """Nobody looked for a while: what pages remember of before cannot be resumed from."""
        self._epoch = secrets.token_hex(4)
        self._version = 0
        self._pieces.clear()
        self._filled = False

    def end(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def feed(self, out: Send, after: str) -> None:
        """Send what came after an id, then everything that comes."""
        version = self._resumed(after)
        await push(out, self._tick())  # the page need not wait for news to know that it is connected
        if version is None:
            await push(out, event("again", b"{}", self.event_id))
            version = self._version
        while True:
            if self._pieces and version < self._version and self._pieces[0][0] > version + 1:
                await push(out, event("again", b"{}", self.event_id))
                version = self._version
            fresh = b"".join(piece for number, piece in self._pieces if number > version)
            version = self._version
            if fresh:
                await push(out, fresh)
            changed = self._changed
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), REFRESH_S)
            if not changed.is_set():
                await push(out, self._tick())

    def _tick(self) -> bytes:
        return event("tick", _encode({"serverMs": self._clock.now_ms()}))

    def _resumed(self, after: str) -> int | None:
        epoch, _, number = after.partition(".")
        if epoch != self._epoch or not number.isdigit() or int(number) > self._version:
            return None
        oldest = self._pieces[0][0] if self._pieces else self._version + 1
        return int(number) if int(number) + 1 >= oldest or int(number) == self._version else None

    async def _keep(self) -> None:
        """Follow the log until ended, or until nobody has looked for `IDLE_S`."""
        seen = self._watch.subscribe(self._session_id)
        try:
            while True:
                try:
                    await self._follow(seen)
                    self._task = None
                    return  # noqa: TRY300 - the loop is for what goes wrong
                except LiveAway:
                    await asyncio.sleep(1)
                except Exception as wrong:  # noqa: BLE001 - one bad entry must not end the wall
                    log.warning("wall.failed", why=type(wrong).__name__)
                    await asyncio.sleep(1)
        finally:
            seen.close()

    async def _follow(self, seen: Subscribed) -> None:
        loop = asyncio.get_running_loop()
        await self._fill()
        due = loop.time()
        while self.pages or loop.time() - self._asked_at < IDLE_S:
            batch = await seen.next(max(0.0, due - loop.time()))
            dirty = {one.entry.attempt_id for one in batch.events}
            self._note(one.entry for one in batch.events)
            if batch.again or loop.time() >= due:
                await self._look_over(dirty)
                due = loop.time() + REFRESH_S
            elif dirty:
                began = loop.time()
                self._tell(await self._looked_at(dirty))
                least_s = max(COALESCE_S, COALESCE_EACH_S * len(self._rows))
                await asyncio.sleep(min(REFRESH_S, max(least_s, REST * (loop.time() - began))))

    async def _fill(self) -> None:
        """Look at everybody, once."""
        async with self._first:  # a whole room's staff opens it at once: one looks, the others wait
            if not self._filled:
                self._changed_of(await self._live.of_session(self._session_id))
                self._filled = True

    async def _look_over(self, dirty: set[UUID]) -> None:
        """Look at these, and where something moved without an entry in the log; tell what changed."""
        glances = await self._live.glances(self._session_id)
        moved = {each for each, glance in glances.items() if self._marks.get(each) != glance.mark}
        changed = await self._looked_at(moved | dirty)
        self._tell(changed, self._seen(glances))

    async def _looked_at(self, attempt_ids: Collection[UUID]) -> list[LiveRow]:
        """Look at these; the rows that changed."""
        changed: list[LiveRow] = []
        left = iter(attempt_ids)
        while some := list(islice(left, AT_ONCE)):
            found = await asyncio.gather(*(self._live.find(one) for one in some))
            changed += self._changed_of(one for one in found if one is not None)
        return changed

    def _changed_of(self, attempts: Iterable[LiveAttempt]) -> list[LiveRow]:
        changed: list[LiveRow] = []
        for one in attempts:
            attempt_id = one.armed.attempt_id
            self._marks[attempt_id] = glance_of(one).mark
            row = live_row(one, hidden=self._hidden.get(attempt_id, 0), sight=self._sight)
            if self._rows.get(attempt_id) != row:
                self._rows[attempt_id] = row
                changed.append(row)
        return changed

    def _seen(self, glances: Mapping[UUID, Glance]) -> dict[str, int]:
        """Newer signs of life, by row: a few bytes each, as they are most of what moves."""
        told: dict[str, int] = {}
        for attempt_id, glance in glances.items():
            row = self._rows.get(attempt_id)
            if row is not None and glance.last_seen_ms > row.last_seen_ms:
                self._rows[attempt_id] = msgspec.structs.replace(row, last_seen_ms=glance.last_seen_ms)
                told[row.id] = glance.last_seen_ms
        return told

    def _note(self, entries: Iterable[LogEntry]) -> None:
        """Remember what the live state does not keep: how often a page was left."""
        for entry in entries:
            if entry.kind is LogKind.EVENTS and entry.data:
                with contextlib.suppress(msgspec.DecodeError):
                    kinds = [one.get("kind") for one in _events(entry.data)]
                    left = kinds.count("hidden")
                    self._hidden[entry.attempt_id] = self._hidden.get(entry.attempt_id, 0) + left

    def _tell(self, changed: list[LiveRow], seen: Mapping[str, int] | None = None) -> None:
        if changed:
            self._add("rows", {"serverMs": self._clock.now_ms(), "rows": changed})
        if seen:
            self._add("seen", {"serverMs": self._clock.now_ms(), "seen": seen})
        if changed or seen:
            rung, self._changed = self._changed, asyncio.Event()
            rung.set()

    def _add(self, name: str, data: Mapping[str, object]) -> None:
        self._version += 1
        self._pieces.append((self._version, event(name, _encode(data), self.event_id)))


class Wall:
    """All tables of this process."""

    def __init__(self, *, live: Live, watch: Watching, clock: Clock) -> None:
        self._live = live
        self._watch = watch
        self._clock = clock
        self._tables: dict[tuple[UUID, frozenset[Field]], Table] = {}

    def table(self, session_id: UUID, sight: Sight = WHOLE) -> Table:
        """The session's table; the first who asks starts it. Who sees less has a table of their own."""
        key = (session_id, frozenset(field for field in ON_WALL if sight.of(field) is Show.FULL))
        held = self._tables.get(key)
        if held is None:
            self._forget()
            held = Table(session_id, live=self._live, watch=self._watch, clock=self._clock, sight=sight)
            self._tables[key] = held
        return held

    def close(self) -> None:
        """End all tables."""
        for table in self._tables.values():
            table.end()
        self._tables.clear()

    def _forget(self) -> None:
        """Tables that nobody looks at go when another is wanted."""
        idle = [key for key, table in self._tables.items() if not table.pages]
        for key in idle[:-8]:
            self._tables.pop(key).end()


class WallStream:
    """The reply of GET …/watch, sent as long as the page listens."""

    def __init__(self, table: Table, *, over: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._table = table
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Feed the page."""
        after = header(scope["headers"], b"last-event-id").decode("latin-1")
        self._table.pages += 1
        try:
            await self._table.rows()
            await stream(receive, send, lambda out: self._table.feed(out, after), over=self._over)
        finally:
            self._table.pages -= 1


def live_row(one: LiveAttempt, *, hidden: int = 0, sight: Sight = WHOLE) -> LiveRow:
    """An attempt on the wall as far as somebody sees it: counts, never which answers."""
    name, ticket_no, seat = one.armed.label.split("|")
    result = msgspec.msgpack.decode(one.result, type=Result) if one.result else None
    return LiveRow(
        id=str(one.armed.attempt_id),
        name=sight.text(Field.NAME, name, mask_name(name)),
        ticket_no=sight.text(Field.TICKET, ticket_no),
        seat=sight.text(Field.SEAT, seat),
        state=one.state,
        answered=sum(mask != 0 for mask in masks(one.answers, one.armed.slots)),
        slots=one.armed.slots,
        fence=one.fence,
        started_ms=one.started_ms,
        deadline_ms=one.deadline_ms,
        last_seen_ms=one.last_seen_ms,
        closed_ms=one.closed_ms,
        close_kind=one.close_kind,
        score_centi=sight.value(Field.SCORE, result.score.total_centi) if result else None,
        passed=sight.value(Field.PASSED, result.score.passed) if result else None,
        durable=one.durable,
        late_ops=one.late_ops,
        side_ops=one.side_ops,
        takeover_asked_ms=one.takeover_asked_ms,
        hidden=hidden,
    )


def _events(data: bytes) -> list[dict[str, Any]]:
    return msgspec.json.decode(data, type=list[dict[str, Any]])
