"""Rows of a rehearsal go, those of a real session stay, whoever asks."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import BindParameter, Uuid, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError

from exam_api.attempt.model import FactKind
from exam_api.item_ports import ItemQuery
from exam_api.people import Reach
from exam_api.record import LogKind
from exam_api.rehearsal.plan import Plan
from exam_api.rehearsal_ports import Shadow, ShadowPerson
from exam_api.ruling_ports import ScoreReview
from exam_api.store.accounts import AccountStore
from exam_api.store.backup.tables import digests
from exam_api.store.engine import Database
from exam_api.store.items import ItemStore
from exam_api.store.record import RecordStore
from exam_api.store.rehearsals import REGISTRATION, RehearsalStore
from exam_api.store.result_book import ResultBookStore
from exam_api.store.results import ResultStore
from exam_api.store.reviews import ReviewStore
from exam_api.store.scored import ScoredPapers
from exam_api.store.sessions import SESSION
from exam_api.usecases.rehearse import shadow_facts, shadow_people
from question_pools.draw import DrawIndex
from tests.integration.store.builders import NOON_MS, Story, a_fact, a_result, an_op
from tests.integration.store.world import (
    ACT,
    BLIND,
    SEALER,
    Planned,
    Stores,
    a_roster,
    a_session,
    registered,
)

PLAN = Plan(planned=3, candidates=3, arrive_s=1.0, steady_s=1.0)

NAMED = {"audit", "audit_head"}
EVERYWHERE = Reach(everywhere=True)


@pytest_asyncio.fixture
async def fresh(database_url: str) -> AsyncIterator[Database]:
    """A database of its own: whole tables are compared."""
    held = Database(database_url)
    yield held
    await held.close()


class Ground:
    """A real session with one candidate who sat it, and a rehearsal of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stores = Stores(database)
        self.rehearsals = RehearsalStore(database, SEALER, BLIND)
        self.planned: Planned
        self.real_attempt = UUID(int=0)

    async def lay(self) -> None:
        self.planned = await a_session(self.stores)
        await registered(self.stores, self.planned, a_roster(1))
        await self.stores.sittings.announce(self.planned.id, act=ACT)
        (self.real_attempt,) = await self.attempts(self.planned.id)
        await self.sat(self.real_attempt, self.planned.id, self.planned.institution_id)

    async def begun(self, count: int = 3) -> tuple[Shadow, Sequence[ShadowPerson]]:
        people = shadow_people(count, uuid4)
        facts = shadow_facts(self.planned.facts, uuid4(), PLAN, NOON_MS)
        shadow = await self.rehearsals.begin(self.planned.id, facts, people, act=ACT)
        assert shadow is not None
        for one in people:
            await self.sat(one.registration_id, shadow.session_id, shadow.institution_id)
        return shadow, people

    async def sat(self, attempt_id: UUID, session_id: UUID, institution_id: UUID) -> None:
        """Paper, answers, a credit, a late answer, a hand-in."""
        story = Story(session_id)
        story.attempt_id = attempt_id
        credit = a_fact(attempt_id, kind=FactKind.CREDIT, actor="system")
        story.started().ops([an_op(1), an_op(2)]).fact(credit).closed()
        story.ops([an_op(3)], kind=LogKind.LATE)
        await RecordStore(self.database).write_log(story.entries)
        result = a_result(attempt_id, session_id=session_id, institution_id=institution_id)
        await ResultStore(self.database).put(result)
        planned = await self.stores.plans.load(session_id)
        assert planned is not None
        paper = DrawIndex(planned.pool, planned.blueprint).draw(attempt_id.bytes * 2)
        await self.stores.plans.save_papers(session_id, {attempt_id: paper})

    async def attempts(self, session_id: UUID) -> Sequence[UUID]:
        return [one.id for one in await self.stores.plans.registrations(session_id)]

    async def rows(self) -> dict[str, str]:
        async with self.database.reading() as connection:
            found = await digests(connection)
        return {name: digest for name, digest in found.items() if name not in NAMED}

    async def done(self, statement: str, **given: object) -> None:
        async with self.database.writing() as connection:
            await connection.execute(text(statement).bindparams(*(_uuid(name) for name in given)), given)


def _uuid(name: str) -> BindParameter[UUID]:
    return bindparam(name, type_=Uuid())


async def test_everything_of_a_rehearsal_goes_and_nothing_else(fresh: Database) -> None:
    ground = Ground(fresh)
    await ground.lay()
    before = await ground.rows()
    shadow, _ = await ground.begun()
    assert await ground.rows() != before
    on_record = await ground.rehearsals.on_record(shadow.session_id)
    assert (on_record.started, on_record.ops, on_record.results) == (3, 6, 3)
    await ground.rehearsals.close(shadow.session_id)
    gone = await ground.rehearsals.take_out(shadow)
    assert {
        "op": 9,
        "score_run": 3,
        "paper": 3,
        "fact": 3,
        "late_request": 3,
        "attempt": 3,
    }.items() <= gone.items()
    assert await ground.rehearsals.take_out(shadow) == {}
    assert await ground.rehearsals.left() == [shadow]
    await ground.rehearsals.end(shadow, told={"outcome": "go"}, act=ACT)
    assert await ground.rows() == before
    assert await ground.rehearsals.left() == []
    async with fresh.reading() as connection:
        asked = text("select act from audit where object = :of order by no")
        told = await connection.execute(asked, {"of": f"session:{shadow.session_id}"})
        assert [act for (act,) in told] == ["rehearsal.begun", "rehearsal.removed"]
        asked = text("select count(*) from audit where act = 'attempt.credit'")
        assert (await connection.execute(asked)).scalar_one() == 1  # the real candidate's


async def test_time_given_to_a_shadow_by_itself_leaves_no_line_in_the_audit(fresh: Database) -> None:
    ground = Ground(fresh)
    await ground.lay()
    _, (one,) = await ground.begun(1)
    record = RecordStore(fresh)
    for attempt_id in (ground.real_attempt, one.registration_id):
        fact = a_fact(attempt_id, kind=FactKind.CREDIT, actor="system", at_ms=NOON_MS + 9)
        await record.add_fact(fact, audit_act="attempt.credit")
        assert fact in await record.facts_since(since_ms=NOON_MS + 9)
    async with fresh.reading() as connection:
        told = await connection.execute(text("select object from audit where act = 'attempt.credit'"))
        assert {named for (named,) in told} == {f"attempt:{ground.real_attempt}"}


async def test_while_it_stands_nobody_sees_it_and_no_other_begins(fresh: Database) -> None:
    ground = Ground(fresh)
    await ground.lay()
    shadow, people = await ground.begun(1)
    listed = await ground.stores.sittings.sessions(None)
    assert [line.facts.id for line in listed] == [ground.planned.id]
    houses = await ground.stores.sittings.institutions()
    assert [one.id for one in houses] == [ground.planned.institution_id]
    assert [one.id for one in await AccountStore(fresh).institutions()] == [ground.planned.institution_id]
    assert len(await ResultBookStore(fresh).late(institution_id=None, session_id=None)) == 1
    assert [one.facts.id for one in await ScoredPapers(fresh).all_owned(Reach(everywhere=True))] == [
        ground.planned.id
    ]
    assert await ground.rehearsals.planned(shadow.session_id) is None
    found = await ground.rehearsals.planned(ground.planned.id)
    assert found is not None
    assert found.enrolled == 1
    assert len(await ground.rehearsals.neighbours(now_ms=NOON_MS)) == 1
    again = shadow_facts(ground.planned.facts, uuid4(), PLAN, NOON_MS)
    assert await ground.rehearsals.begin(ground.planned.id, again, people, act=ACT) is None


async def test_a_real_session_that_bears_the_mark_by_hand_is_not_taken_out(fresh: Database) -> None:
    ground = Ground(fresh)
    await ground.lay()
    (real,) = await ground.stores.plans.registrations(ground.planned.id)
    marked = uuid4()
    async with fresh.writing() as connection:
        row = (await connection.execute(select(SESSION).where(SESSION.c.id == ground.planned.id))).one()
        own = {"id": marked, "plan_no": row.plan_no + 1, "rehearsal": True}
        await connection.execute(insert(SESSION), {**row._asdict(), **own})
        place = (await connection.execute(select(REGISTRATION).where(REGISTRATION.c.id == real.id))).one()
        own = {"id": uuid4(), "session_id": marked, "ticket_no": "X" + real.ticket_no}
        await connection.execute(insert(REGISTRATION), {**place._asdict(), **own})
    before = await ground.rows()
    shadow = Shadow(
        session_id=marked, institution_id=ground.planned.institution_id, begun_ms=NOON_MS, opens_ms=NOON_MS
    )
    assert await ground.rehearsals.left() == []
    await ground.rehearsals.close(marked)
    assert await ground.rehearsals.take_out(shadow) == {}
    assert await ground.rehearsals.end(shadow, told={}, act=ACT) == {}
    assert await ground.rows() == before


async def test_what_shadows_are_drawn_and_ask_counts_nowhere(fresh: Database) -> None:
    ground = Ground(fresh)
    await ground.lay()
    items, reviews = ItemStore(fresh), ReviewStore(fresh)
    pool_id = (await ground.stores.pools.pools(EVERYWHERE))[0].id
    before = await items.found(pool_id, ItemQuery())
    assert sum(one.drawn for one in before.lines) > 0
    shadow, (one,) = await ground.begun(1)
    assert await items.found(pool_id, ItemQuery()) == before
    asked = ScoreReview(
        id=uuid4(), attempt_id=one.registration_id, session_id=shadow.session_id,
        institution_id=shadow.institution_id, asked_by="candidate", asked_ms=NOON_MS, reason="",
    )  # fmt: skip
    assert await reviews.ask(asked)
    assert await reviews.listed(EVERYWHERE, open_only=False) == []


FORBIDDEN = (
    "delete from op where attempt_id = :real",
    "delete from event where attempt_id = :real",
    "delete from fact where attempt_id = :real",
    "delete from paper where attempt_id = :real",
    "delete from score_run where attempt_id = :real",
    "update op set mask = 0 where attempt_id = :shadow",
    "update session set rehearsal = true where id = :session",
    "update session set rehearsal = false where id = :rehearsal",
    "update registration set session_id = :rehearsal where id = :real",
)


async def test_what_is_real_stays_and_becomes_no_rehearsal(fresh: Database) -> None:
    ground = Ground(fresh)
    await ground.lay()
    shadow, people = await ground.begun(1)
    known = {
        "real": ground.real_attempt,
        "shadow": people[0].registration_id,
        "session": ground.planned.id,
        "rehearsal": shadow.session_id,
    }
    for statement in FORBIDDEN:
        given = {name: one for name, one in known.items() if f":{name}" in statement}
        with pytest.raises(DBAPIError, match="never changed"):
            await ground.done(statement, **given)
