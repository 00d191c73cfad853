"""What armed sessions keep beside the attempts, on a real Redis."""

from uuid import UUID, uuid4

import msgspec
import pytest

from exam_api.live import keys
from exam_api.live.armory import RedisArmory
from exam_api.people import ArmedPerson, RosterEntry
from exam_api.record import SessionFacts, SessionState

FACTS = SessionFacts(
    id=UUID(int=1),
    institution_id=UUID(int=2),
    institution="城建培训学校",
    title="架子工 第一场",
    channel="phone",
    profile="qh-worker",
    profile_confirmed=False,
    pool_digest="p",
    blueprint_digest="b",
    opens_ms=1,
    entry_ms=0,
    latest_entry_ms=2,
    closes_ms=3,
    length_ms=2,
    earliest_hand_in_ms=0,
    navigation="free",
    takeover="own",
    late_hold=True,
    pass_centi=6_000,
    full_centi=10_000,
    state=SessionState.OPEN,
)


@pytest.fixture
def armory(lane) -> RedisArmory:
    return RedisArmory(lane)


def listed(name: str, *registrations: UUID) -> RosterEntry:
    person = ArmedPerson(
        person_id=UUID(int=7), name=name, phone_sealed=b"sealed", registrations=registrations
    )
    return RosterEntry(blind=name.encode(), person=person)


async def test_a_session_comes_back_as_it_was_put(armory) -> None:
    await armory.put_session(FACTS, source=b"source", sealed_keys=b"sealed")
    got = (
        await armory.session(FACTS.id),
        await armory.source(FACTS.id),
        await armory.sealed_keys(FACTS.id),
        await armory.armed_sessions(),
    )
    assert got == (FACTS, b"source", b"sealed", [FACTS.id])


async def test_a_session_that_is_not_armed_is_none(armory) -> None:
    unknown = uuid4()
    got = (await armory.session(unknown), await armory.source(unknown), await armory.sealed_keys(unknown))
    assert got == (None, None, None)


async def test_putting_again_replaces(armory) -> None:
    await armory.put_session(FACTS, source=b"old", sealed_keys=b"old")
    newer = msgspec.structs.replace(FACTS, state=SessionState.CLOSED)
    await armory.put_session(newer, source=b"new", sealed_keys=b"new")
    got = (await armory.session(FACTS.id), await armory.source(FACTS.id), await armory.armed_sessions())
    assert got == (newer, b"new", [FACTS.id])


async def test_a_person_has_the_registrations_of_all_armed_sessions(armory) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    await armory.put_roster(UUID(int=1), [listed("zhang", first), listed("li", third)])
    await armory.put_roster(UUID(int=2), [listed("zhang", second)])
    await armory.put_roster(UUID(int=2), [listed("zhang", second)])
    found = await armory.person(b"zhang")
    assert (found.name, set(found.registrations), len(found.registrations)) == ("zhang", {first, second}, 2)
    assert (await armory.person(b"li")).registrations == (third,)
    assert await armory.person(b"wang") is None


async def test_a_long_roster_is_put_whole(armory) -> None:
    people = [listed(f"p{n}", UUID(int=n)) for n in range(500)]
    await armory.put_roster(UUID(int=1), people)
    assert (await armory.person(b"p499")).registrations == (UUID(int=499),)


async def test_everything_armed_has_a_life(armory, lane) -> None:
    await armory.put_session(FACTS, source=b"", sealed_keys=b"")
    await armory.put_roster(FACTS.id, [listed("zhang", uuid4())])
    lives = [await lane.command("PTTL", key) for key in (keys.armed(FACTS.id), keys.person(b"zhang"))]
    assert min(lives) > 6 * 86_400_000


async def test_a_session_that_died_leaves_the_list(armory, lane) -> None:
    await armory.put_session(FACTS, source=b"", sealed_keys=b"")
    await lane.command("DEL", keys.armed(FACTS.id))
    assert await armory.armed_sessions() == []
    assert await lane.command("SCARD", keys.armed_sessions()) == 0
