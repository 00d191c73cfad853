"""Time that was given, as the ledger shows it: to its tenant, with its audit line, on either database."""

from uuid import UUID, uuid4

from exam_api.attempt.model import Fact, FactKind
from exam_api.people import Reach
from exam_api.store.credits import CreditStore
from exam_api.store.engine import Database
from exam_api.store.record import RecordStore
from tests.integration.store.builders import NOON_MS, Story, a_fact
from tests.integration.store.world import Planned, Stores, a_roster, a_session, registered

EVERYWHERE = Reach(everywhere=True)


class Room:
    """A session with candidates whose clocks are moved."""

    def __init__(self, database: Database) -> None:
        self.stores = Stores(database)
        self.record = RecordStore(database)
        self.credits = CreditStore(database)

    async def begin(self, *, people: int = 2) -> "Room":
        self.planned: Planned = await a_session(self.stores)
        roster = a_roster(people, first=1_000 + uuid4().int % 19_000)
        await registered(self.stores, self.planned, roster)
        self.people = [one.id for one in roster]
        return self

    async def told(
        self, attempt_id: UUID, kind: FactKind, *, at_ms: int, ms: int = 240_000, **more: object
    ) -> Fact:
        story = Story(self.planned.id)
        story.attempt_id = attempt_id
        fact = a_fact(attempt_id, kind=kind, at_ms=at_ms, ms=ms, **{"actor": "system"} | more)
        await self.record.write_log(story.fact(fact).entries)
        return fact


async def test_credits_are_listed_newest_first_with_their_line_in_the_audit(database: Database) -> None:
    room = await Room(database).begin()
    first, second = room.people
    early = await room.told(first, FactKind.CREDIT, at_ms=NOON_MS + 1, reason="room:page-dead")
    late = await room.told(second, FactKind.CREDIT, at_ms=NOON_MS + 2, ms=-60_000, reason="debit")
    await room.told(first, FactKind.EXTEND, at_ms=NOON_MS + 3)
    lines = await room.credits.listed(EVERYWHERE, session_id=room.planned.id, most=10)
    assert [line.fact for line in lines] == [late, early]
    assert {line.session_id for line in lines} == {room.planned.id}
    assert all(line.ticket_no for line in lines)
    assert all(line.entered is not None and line.entered.org == room.planned.institution_id for line in lines)
    assert {line.sealed_ms for line in lines} == {0}
    (newest,) = await room.credits.listed(EVERYWHERE, session_id=room.planned.id, most=1)
    assert newest.fact == late


async def test_credits_are_seen_by_those_who_run_the_session_and_nobody_beside(database: Database) -> None:
    own, other = await Room(database).begin(people=1), await Room(database).begin(people=1)
    mine = await own.told(own.people[0], FactKind.CREDIT, at_ms=NOON_MS)
    theirs = await other.told(other.people[0], FactKind.CREDIT, at_ms=NOON_MS)
    for room, fact in ((own, mine), (other, theirs)):
        reach = Reach(institution_id=room.planned.institution_id)
        assert [line.fact for line in await room.credits.listed(reach, session_id=None, most=10)] == [fact]
    stranger = Reach(institution_id=other.planned.institution_id)
    assert await own.credits.listed(stranger, session_id=own.planned.id, most=10) == []


async def test_the_same_credit_told_again_is_one(database: Database) -> None:
    room = await Room(database).begin(people=1)
    fact = a_fact(room.people[0], kind=FactKind.CREDIT, actor="system")
    story = Story(room.planned.id)
    story.attempt_id = room.people[0]
    for _ in range(2):
        await room.record.write_log(story.fact(fact).entries)
    lines = await room.credits.listed(EVERYWHERE, session_id=room.planned.id, most=10)
    assert [line.fact for line in lines] == [fact]


async def test_what_moved_one_clock_is_told_in_order(database: Database) -> None:
    room = await Room(database).begin()
    first, second = room.people
    kinds = (FactKind.RESUME, FactKind.PAUSE, FactKind.CREDIT, FactKind.EXTEND)
    told = [await room.told(first, kind, at_ms=NOON_MS + 9 - n) for n, kind in enumerate(kinds)]
    await room.told(second, FactKind.CREDIT, at_ms=NOON_MS)
    held = await room.credits.of_attempt(first)
    assert held == [fact for fact in reversed(told) if fact.kind is not FactKind.EXTEND]
