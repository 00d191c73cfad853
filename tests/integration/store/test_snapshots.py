"""Snapshots on record: written by the drain once, seen by their tenant, shredded when their time is over."""

import hashlib
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import delete, func, insert, select, update

from exam_api.people import Reach
from exam_api.persons_ports import Consent
from exam_api.record import LogKind
from exam_api.retention import DAY_MS, SCHEDULE
from exam_api.snapshot_ports import Kept, Place
from exam_api.store.engine import Database
from exam_api.store.erasing import erase_person
from exam_api.store.keeping import Keeper
from exam_api.store.record import RecordStore
from exam_api.store.retention import RetentionStore
from exam_api.store.rights import RightStore
from exam_api.store.snapshots import SnapshotStore
from exam_api.store.tables import EventRow, HoldRow, PictureKeyRow, ScoreReviewRow, SnapshotRow, table
from exam_api.usecases.retain import retain
from tests.integration.store.builders import NOON_MS, Story
from tests.integration.store.world import ACT, BLIND, SEALER, Planned, Stores, a_roster, a_session, registered

EVERYWHERE = Reach(everywhere=True)
SNAPSHOT, EVENT, KEY = table(SnapshotRow), table(EventRow), table(PictureKeyRow)


def a_picture(attempt_id: UUID, session_id: UUID, n: int = 0) -> Kept:
    digest = hashlib.sha256(b"%d" % n).digest()
    place = Place(
        segment=f"exam/{session_id.hex}/00000000-000001.seg", offset=2**33 + n, length=900, digest=digest
    )
    return Kept(
        id=uuid4(), attempt_id=attempt_id, session_id=session_id, at_ms=NOON_MS + n, fence=1,
        reason="schedule", place=place, width=320, height=240,
    )  # fmt: skip


class Sat:
    """A session with one candidate and some pictures on record."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stores = Stores(database)
        self.record = RecordStore(database)
        self.snapshots = SnapshotStore(database)

    async def begin(self, *, pictures: int = 3) -> "Sat":
        self.planned: Planned = await a_session(self.stores)
        (self.person,) = a_roster(1, first=1_000 + uuid4().int % 19_000)
        await registered(self.stores, self.planned, [self.person])
        self.story = Story(self.planned.id)
        self.story.attempt_id = self.attempt_id = self.person.id
        self.kept = [a_picture(self.attempt_id, self.planned.id, n) for n in range(pictures)]
        for one in self.kept:
            self.story.add(LogKind.SNAPSHOT, msgspec.json.encode(one))
        await self.record.write_log(self.story.entries)
        sealed = SEALER.seal(bytes(32), context=b"k")
        assert await self.snapshots.keep_key(self.attempt_id, sealed, at_ms=NOON_MS) == sealed
        return self

    async def listed(self, reach: Reach = EVERYWHERE) -> list[UUID]:
        found = await self.snapshots.of_attempt(self.planned.id, self.attempt_id, reach)
        return [one.kept.id for one in found]


async def test_the_drain_writes_a_picture_once_however_often_it_comes(database: Database) -> None:
    sat = await Sat(database).begin()
    await sat.record.write_log(sat.story.entries)
    again = msgspec.structs.replace(sat.kept[0], id=uuid4())
    await sat.record.write_log(
        Story(sat.planned.id).add(LogKind.SNAPSHOT, msgspec.json.encode(again)).entries
    )
    assert await sat.listed() == [one.id for one in sat.kept]
    found = await sat.snapshots.of_attempt(sat.planned.id, sat.attempt_id, EVERYWHERE)
    assert [one.kept for one in found] == sat.kept
    async with database.reading() as connection:
        events = select(func.count()).where(EVENT.c.attempt_id == sat.attempt_id)
        assert await connection.scalar(events) == 0, "a picture is no event besides"


async def test_an_entry_that_cannot_be_read_is_kept_as_it_came(database: Database) -> None:
    story = Story().add(LogKind.SNAPSHOT, b'{"id": 1}')
    await RecordStore(database).write_log(story.entries)
    async with database.reading() as connection:
        asked = select(EVENT.c.body).where(EVENT.c.attempt_id == story.attempt_id)
        assert await connection.scalar(asked) == b'{"id": 1}'


async def test_another_tenant_finds_nothing_by_whatever_ids(database: Database) -> None:
    sat = await Sat(database).begin()
    own, other = Reach(institution_id=sat.planned.institution_id), Reach(institution_id=uuid4())
    assert len(await sat.listed(own)) == 3
    assert await sat.listed(other) == []
    assert await sat.listed(Reach()) == []
    one = sat.kept[1]
    ids = {"session_id": one.session_id, "attempt_id": one.attempt_id}
    assert await sat.snapshots.find(one.id, **ids, reach=own) is not None
    assert await sat.snapshots.find(one.id, **ids, reach=other) is None
    assert await sat.snapshots.find(one.id, **(ids | {"attempt_id": uuid4()}), reach=own) is None
    assert await sat.snapshots.find(one.id, **(ids | {"session_id": uuid4()}), reach=own) is None


async def test_of_keys_that_are_made_together_the_first_one_stays(database: Database) -> None:
    store, attempt_id = SnapshotStore(database), uuid4()
    assert await store.keep_key(attempt_id, b"one", at_ms=1) == b"one"
    assert await store.keep_key(attempt_id, b"two", at_ms=2) == b"one"
    assert (await store.opening(attempt_id)).key_sealed == b"one"


async def test_the_choice_for_the_exam_stands_before_what_was_said_at_large(database: Database) -> None:
    sat = await Sat(database).begin()
    rights = RightStore(database, Keeper(SEALER, BLIND))

    async def given() -> bool:
        return (await sat.snapshots.opening(sat.attempt_id)).given

    async def at_large(*, given: bool, at_ms: int) -> None:
        consent = Consent(purpose="photos", given=given, at_ms=at_ms, text_version="2026-11")
        await rights.set_consent(sat.person.person_id, consent)

    async def chosen(choice: str, at_ms: int) -> None:
        await sat.stores.sittings.consent(sat.attempt_id, choice=choice, text_version="1", at_ms=at_ms)

    assert not await given(), "who was never asked has not agreed"
    await at_large(given=True, at_ms=NOON_MS + 1)
    assert await given()
    await chosen("no-photos", NOON_MS + 2)
    assert not await given()
    await chosen("photos", NOON_MS + 3)
    assert await given()
    await at_large(given=False, at_ms=NOON_MS + 4)
    assert not await given(), "taken back it holds for every exam that is not over"
    assert list(await sat.snapshots.attempts_of(sat.person.person_id, now_ms=NOON_MS)) == [sat.attempt_id]
    assert await sat.snapshots.attempts_of(sat.person.person_id, now_ms=NOON_MS + DAY_MS) == []


async def shredded(sat: Sat, *, days: float) -> bool:
    """Carry out the schedule's clock; whether the attempt's key is gone."""
    (clock,) = (one for one in SCHEDULE.clocks if one.kind == "snapshot")
    now_ms = sat.planned.facts.closes_ms + int(days * DAY_MS)
    await RetentionStore(sat.database).carry_out("snapshot", before_ms=clock.before_ms(now_ms), act=ACT)
    return not (await sat.snapshots.opening(sat.attempt_id)).key_sealed


@pytest.mark.parametrize("held_by", ["hold", "review"])
async def test_keys_go_thirty_days_after_the_end_unless_something_is_open(
    database: Database, held_by: str
) -> None:
    sat, free = await Sat(database).begin(), await Sat(database).begin(pictures=1)
    review, hold = table(ScoreReviewRow), table(HoldRow)
    async with database.writing() as connection:
        if held_by == "hold":
            person_id = sat.person.person_id
            row = {
                "id": uuid4(),
                "person_id": person_id,
                "reason": "申诉",
                "by": "x",
                "at_ms": 1,
                "lifted_ms": 0,
            }
            await connection.execute(insert(hold), row)
        else:
            ids = {"attempt_id": sat.attempt_id, "session_id": sat.planned.id}
            row = {
                **ids,
                "id": uuid4(),
                "institution_id": sat.planned.institution_id,
                "asked_by": "candidate",
            }
            await connection.execute(insert(review), {**row, "asked_ms": 1, "reason": "", "state": "open",
                                                      "outcome": "", "done_ms": 0})  # fmt: skip
    assert not await shredded(free, days=29.9)
    assert not await shredded(sat, days=31)
    assert not (await free.snapshots.opening(free.attempt_id)).key_sealed, "nothing held the other one"
    found = await free.snapshots.of_attempt(free.planned.id, free.attempt_id, EVERYWHERE)
    assert [one.readable for one in found] == [False], "that it was taken stays known"
    async with database.writing() as connection:
        if held_by == "hold":
            lifted = update(hold).where(hold.c.person_id == sat.person.person_id)
            await connection.execute(lifted.values(lifted_ms=2))
        else:
            await connection.execute(delete(review).where(review.c.attempt_id == sat.attempt_id))
    assert await shredded(sat, days=31)


async def test_with_the_person_the_key_of_their_pictures_is_erased(sqlite_database: Database) -> None:
    sat = await Sat(sqlite_database).begin()
    async with sqlite_database.writing() as connection:
        await erase_person(connection, sat.person.person_id)
    assert not (await sat.snapshots.opening(sat.attempt_id)).key_sealed


async def test_a_dry_run_of_retention_counts_keys_and_keeps_them(sqlite_database: Database) -> None:
    sat = await Sat(sqlite_database).begin()
    later = msgspec.structs.replace(ACT, at_ms=sat.planned.facts.closes_ms + 31 * DAY_MS)
    due = await retain(SCHEDULE, RetentionStore(sqlite_database), act=later, apply=False)
    assert {one.clock.kind: one.rows for one in due}["snapshot"] == 1
    assert (await sat.snapshots.opening(sat.attempt_id)).key_sealed


async def test_a_segment_is_shredded_when_none_of_its_pictures_has_its_key_and_an_unknown_one_never(
    database: Database,
) -> None:
    sat = await Sat(database).begin()
    segment = sat.kept[0].place.segment
    neighbour = a_picture(uuid4(), sat.planned.id, 9)  # of another attempt, in the same segment
    story = Story(sat.planned.id).add(LogKind.SNAPSHOT, msgspec.json.encode(neighbour))
    await sat.record.write_log(story.entries)
    unknown = f"exam/{uuid4().hex}/00000000-000001.seg"
    assert await sat.snapshots.shredded([unknown, segment]) == set()
    async with database.writing() as connection:
        await connection.execute(delete(KEY).where(KEY.c.attempt_id == sat.attempt_id))
    assert await sat.snapshots.shredded([unknown, segment]) == {segment}
    assert await sat.snapshots.shredded([unknown]) == set()
