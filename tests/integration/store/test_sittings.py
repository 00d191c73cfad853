"""Sessions and registrations: nobody twice, no seat twice, no number in the clear, no foreign session."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import select

from exam_api.console_ports import PlanAsk
from exam_api.record import SessionState
from exam_api.store.engine import Database
from exam_api.store.errors import NoSuchSession, NoSuchSource
from exam_api.store.roster import PERSON
from question_pools.draw import DrawIndex
from tests.integration.store.builders import NOON_MS
from tests.integration.store.world import (
    ACT,
    BLIND,
    SEALER,
    Stores,
    a_roster,
    a_session,
    an_id_no,
    an_institution,
    registered,
)


async def test_a_planned_session_comes_back_with_its_source(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    loaded = await stores.plans.load(planned.id)
    assert loaded is not None
    assert loaded.facts == planned.facts
    assert loaded.pool.digest == planned.facts.pool_digest
    assert DrawIndex(loaded.pool, loaded.blueprint).draw(b"seed").pool_digest == loaded.pool.digest


async def test_a_session_is_announced_once(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores, announced=False)
    told = await asyncio.gather(*(stores.sittings.announce(planned.id, act=ACT) for _ in range(4)))
    line = await stores.sittings.session(planned.id)
    assert sorted(told) == [False, False, False, True]
    assert line is not None
    assert line.facts.state is SessionState.OPEN


async def test_a_session_needs_a_published_pool_version(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    facts = msgspec.structs.replace(planned.facts, id=uuid4(), pool_digest="0" * 64)
    ask = PlanAsk(facts=facts, pool_id=uuid4(), blueprint_id=uuid4())
    with pytest.raises(NoSuchSource):
        await stores.sittings.plan(ask, act=ACT)


async def test_parallel_plans_get_different_ticket_numbers(database: Database) -> None:
    stores = Stores(database)
    owner = await an_institution(stores)
    sessions = await asyncio.gather(*(a_session(stores, owner) for _ in range(6)))
    for n, planned in enumerate(sessions):
        await registered(stores, planned, a_roster(1, first=100 + n))
    tickets = [(await stores.sittings.listed(planned.id))[0].ticket_no for planned in sessions]
    assert len(set(tickets)) == 6
    assert all(ticket.startswith("27") and ticket.endswith("0001") for ticket in tickets)


async def test_registering_again_adds_only_who_is_new(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    assert await registered(stores, planned, a_roster(5)) == 5
    assert await registered(stores, planned, a_roster(7)) == 2
    listed = await stores.sittings.listed(planned.id)
    assert [one.name for one in listed] == [f"考生{n}" for n in range(7)]
    assert [int(one.ticket_no[-4:]) for one in listed] == list(range(1, 8))


async def test_forty_parallel_rosters_never_give_a_seat_or_ticket_twice(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores, channel="desk", room_code="123456")
    rosters = [a_roster(3, first=n) for n in range(40)]  # each overlaps the next two
    added = await asyncio.gather(*(registered(stores, planned, roster) for roster in rosters))
    listed = await stores.sittings.listed(planned.id)
    assert sum(added) == len(listed) == 42
    assert sorted(int(one.seat) for one in listed) == list(range(1, 43))
    assert len({one.ticket_no for one in listed}) == 42


async def test_lists_show_masked_numbers_only(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    await registered(stores, planned, a_roster(1, first=905, phone="13812345678"))
    (line,) = await stores.sittings.listed(planned.id)
    number = an_id_no(905)
    assert (line.id_masked, line.phone_masked) == (
        f"{number[:6]}********{number[-4:]}",
        "138****5678",
    )


async def test_no_number_or_phone_lies_in_the_clear(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    await registered(stores, planned, a_roster(1, first=900, phone="13812340900"))
    async with database.reading() as connection:
        asked = select(PERSON).where(PERSON.c.id_blind == BLIND(an_id_no(900)))
        row = (await connection.execute(asked)).one()
    held = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert an_id_no(900).encode() not in held
    assert b"13812340900" not in held
    assert SEALER.open(row.phone_sealed, context=row.id.bytes) == b"13812340900"


async def test_a_known_person_keeps_their_id_and_gets_the_new_phone_of_their_institution(
    database: Database,
) -> None:
    stores = Stores(database)
    owner = await an_institution(stores)
    first, second = await a_session(stores, owner), await a_session(stores, owner)
    await registered(stores, first, a_roster(1, first=901, phone="13811111111"))
    await registered(stores, second, a_roster(1, first=901, phone="13822222222"))
    one, two = await stores.plans.registrations(first.id), await stores.plans.registrations(second.id)
    assert one[0].person_id == two[0].person_id
    assert SEALER.open(one[0].phone_sealed, context=one[0].person_id.bytes) == b"13822222222"


async def test_an_institution_cannot_redirect_the_phone_of_anothers_candidate(database: Database) -> None:
    stores = Stores(database)
    first, second = await a_session(stores), await a_session(stores)
    await registered(stores, first, a_roster(1, first=902, phone="13811111111"))
    await registered(stores, second, a_roster(1, first=902, phone="13822222222"))
    (one,) = await stores.plans.registrations(first.id)
    assert SEALER.open(one.phone_sealed, context=one.person_id.bytes) == b"13811111111"


async def test_nobody_is_registered_for_a_session_that_is_not_there(database: Database) -> None:
    with pytest.raises(NoSuchSession):
        await Stores(database).sittings.register(uuid4(), a_roster(1), act=ACT)


async def test_an_institution_lists_its_own_sessions_only(database: Database) -> None:
    stores = Stores(database)
    a, b = await a_session(stores), await a_session(stores)
    await registered(stores, a, a_roster(3))
    own = {line.facts.id: line.registrations for line in await stores.sittings.sessions(a.institution_id)}
    everybodys = {line.facts.id for line in await stores.sittings.sessions(None)}
    assert own == {a.id: 3}
    assert {a.id, b.id} <= everybodys


async def test_a_candidate_sees_announced_sessions_with_their_consent_and_no_room_code(
    database: Database,
) -> None:
    stores = Stores(database)
    announced = await a_session(stores, channel="desk", room_code="654321")
    draft = await a_session(stores, announced=False)
    for planned in (announced, draft):
        await registered(stores, planned, a_roster(1, first=903))
    (registration,) = await stores.plans.registrations(announced.id)
    (before,) = await stores.sittings.own(registration.person_id)
    for at_ms, choice in ((NOON_MS, "photos"), (NOON_MS + 5, "no-photos"), (NOON_MS + 5, "photos")):
        await stores.sittings.consent(registration.id, choice=choice, text_version="2026-1", at_ms=at_ms)
    (after,) = await stores.sittings.own(registration.person_id)
    assert (before.id, before.items, before.consent) == (registration.id, 2, "none")
    assert before.facts == msgspec.structs.replace(announced.facts, room_code="")
    assert after.consent == "no-photos"


async def test_sessions_are_armed_from_their_entry_until_a_day_after_their_close(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    draft = await a_session(stores, announced=False)
    entry, day = planned.facts.entry_ms, 86_400_000

    async def is_armed(now_ms: int) -> bool:
        armed = await stores.plans.to_arm(now_ms=now_ms, ahead_ms=1_000)
        assert draft.id not in armed
        return planned.id in armed

    edges = [entry - 1_001, entry - 1_000, planned.facts.closes_ms + day - 1, planned.facts.closes_ms + day]
    assert [await is_armed(now_ms) for now_ms in edges] == [False, True, True, False]


async def test_a_paper_that_was_drawn_first_stays(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    await registered(stores, planned, a_roster(2))
    loaded = await stores.plans.load(planned.id)
    assert loaded is not None
    index = DrawIndex(loaded.pool, loaded.blueprint)
    one, two = [registration.id for registration in await stores.plans.registrations(planned.id)]
    first, second, third = (index.draw(seed) for seed in (b"1", b"2", b"3"))
    await stores.plans.save_papers(planned.id, {one: first})
    await stores.plans.save_papers(planned.id, {one: second, two: third})
    assert await stores.plans.papers(planned.id) == {one: first, two: third}
    assert await stores.plans.session_of(one) == planned.id


async def test_an_item_report_is_kept(database: Database) -> None:
    stores = Stores(database)
    attempt_id, session_id = uuid4(), uuid4()
    await stores.sittings.report_item(
        attempt_id, session_id, slot=3, version=b"v" * 16, text="答案\0不全", at_ms=NOON_MS
    )
