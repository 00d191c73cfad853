"""Exposure: counts beside the papers, what a person was given before, and who read keys."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select

from exam_api.console_ports import PlanAsk
from exam_api.exposure_ports import KeysRead
from exam_api.store.audit import AUDIT
from exam_api.store.engine import Database
from exam_api.store.exposure import EXPOSURE, SESSION, VERSION, ExposureStore
from exam_api.store.record import RecordStore
from question_pools.draw import DrawIndex, Paper
from tests.integration.store.builders import NOON_MS, Story
from tests.integration.store.world import ACT, Planned, Stores, a_roster, a_session, registered

DAY_MS = 86_400_000


class Sittings:
    """Sessions on one pool."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stores = Stores(database)
        self.exposures = ExposureStore(database)
        self.record = RecordStore(database)
        self.roster = a_roster(2, first=21_000 + uuid4().int % 6_000)
        self.pool_id = UUID(int=0)
        self._first: Planned | None = None
        self._blueprint_id = UUID(int=0)

    async def session(self, *, day: int) -> Planned:
        """A session of the same people in the same pool."""
        opens = {"opens_ms": NOON_MS + day * DAY_MS, "entry_ms": NOON_MS + day * DAY_MS - 1_800_000}
        opens |= {
            "latest_entry_ms": opens["opens_ms"] + 900_000,
            "closes_ms": opens["opens_ms"] + 7_200_000,
        }
        if self._first is None:
            planned = self._first = await a_session(self.stores, **opens)
            asked = select(VERSION.c.pool_id, SESSION.c.blueprint_id).join(
                SESSION, SESSION.c.pool_version_id == VERSION.c.id
            )
            async with self.database.reading() as connection:
                row = (await connection.execute(asked.where(SESSION.c.id == planned.id))).one()
            self.pool_id, self._blueprint_id = row.pool_id, row.blueprint_id
        else:
            facts = msgspec.structs.replace(self._first.facts, id=uuid4(), **opens)
            await self.stores.sittings.plan(
                PlanAsk(facts=facts, pool_id=self.pool_id, blueprint_id=self._blueprint_id), act=ACT
            )
            planned = Planned(facts.id, self._first.institution_id, facts)
        await registered(
            self.stores, planned, [msgspec.structs.replace(one, id=uuid4()) for one in self.roster]
        )
        return planned

    async def draw(self, planned: Planned, *seeds: bytes) -> Sequence[tuple[UUID, Paper]]:
        """Papers for the first people of a session, saved."""
        loaded = await self.stores.plans.load(planned.id)
        assert loaded is not None
        index = DrawIndex(loaded.pool, loaded.blueprint)
        people = await self.stores.plans.registrations(planned.id)
        drawn = [(one.id, index.draw(seed)) for one, seed in zip(people, seeds, strict=False)]
        await self.stores.plans.save_papers(planned.id, dict(drawn))
        return drawn

    async def items_of(self, planned: Planned, *papers: Paper) -> Counter[str]:
        loaded = await self.stores.plans.load(planned.id)
        assert loaded is not None
        index = DrawIndex(loaded.pool, loaded.blueprint)
        names = dict(zip(index.versions, (one.id for one in loaded.pool.items), strict=True))
        return Counter(names[slot.version] for paper in papers for slot in paper.slots)


async def test_each_paper_is_counted_once_however_often_it_is_saved(database: Database) -> None:
    sittings = Sittings(database)
    planned = await sittings.session(day=0)
    first = await sittings.draw(planned, b"1")
    await asyncio.gather(*(sittings.draw(planned, b"9", b"2") for _ in range(3)))
    papers = await sittings.stores.plans.papers(planned.id)
    assert papers[first[0][0]] == first[0][1]
    counts = Counter(bytes.fromhex(slot.version) for paper in papers.values() for slot in paper.slots)
    async with database.reading() as connection:
        rows = await connection.execute(select(EXPOSURE).where(EXPOSURE.c.session_id == planned.id))
        assert {row.version: row.drawn for row in rows} == counts


async def test_totals_and_late_counts_of_a_pool_are_by_item(database: Database) -> None:
    sittings = Sittings(database)
    old, new, now = [await sittings.session(day=day) for day in (0, 30, 40)]
    ((_, first),) = await sittings.draw(old, b"1")
    (_, second), (_, third) = await sittings.draw(new, b"2", b"3")
    in_all = await sittings.items_of(old, first, second, third)
    lately = await sittings.items_of(old, second, third)
    since_ms = NOON_MS + 20 * DAY_MS
    told = await sittings.exposures.of_pool(sittings.pool_id, since_ms=since_ms)
    assert {one.item_id: one.drawn for one in told} == in_all
    assert {one.item_id: one.lately for one in told if one.lately} == lately
    assert [one.drawn for one in told] == sorted(in_all.values(), reverse=True)
    assert await sittings.exposures.drawn_since(now.id, since_ms=since_ms) == lately
    assert await sittings.exposures.drawn_since(new.id, since_ms=since_ms) == {}
    assert await sittings.exposures.of_pool(uuid4(), since_ms=0) == []


async def test_the_last_paper_of_the_same_pool_is_found_by_person(database: Database) -> None:
    sittings = Sittings(database)
    first, second, third = [await sittings.session(day=day) for day in (0, 1, 2)]
    await sittings.draw(first, b"1", b"2")
    ((_, newer),) = await sittings.draw(second, b"3")
    one, two = [each.id for each in await sittings.stores.plans.registrations(third.id)]
    found = await sittings.exposures.before(third.id)
    assert Counter(found[one]) == await sittings.items_of(first, newer)
    assert set(found) == {one, two}
    assert await sittings.exposures.before(first.id) == {}
    assert await Sittings(database).exposures.before((await Sittings(database).session(day=3)).id) == {}


async def test_a_paper_that_was_begun_goes_before_a_newer_one_that_was_not(database: Database) -> None:
    sittings = Sittings(database)
    first, second, third = [await sittings.session(day=day) for day in (0, 1, 2)]
    ((attempt_id, seen),) = await sittings.draw(first, b"1")
    await sittings.draw(second, b"2")
    story = Story(first.id)
    story.attempt_id = attempt_id
    await sittings.record.write_log(story.started().entries)
    one, _ = [each.id for each in await sittings.stores.plans.registrations(third.id)]
    assert Counter((await sittings.exposures.before(third.id))[one]) == await sittings.items_of(first, seen)


async def test_reading_keys_is_a_line_of_the_owners_audit(database: Database) -> None:
    read = KeysRead(pool_id=uuid4(), institution_id=uuid4(), pool_digest="d" * 64, papers=3, items=9)
    await ExposureStore(database).keys_read(read, act=ACT)
    asked = select(AUDIT).where(AUDIT.c.object == f"pool:{read.pool_id}")
    async with database.reading() as connection:
        (line,) = (await connection.execute(asked)).all()
    assert (line.act, line.actor, line.org) == ("keys.read", ACT.actor, read.institution_id)
    assert '"items":9' in line.body
