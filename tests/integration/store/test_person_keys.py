"""Time and keys: retention counts before it erases, rotation seals all anew and loses nobody on the way."""

import hashlib
import resource
import sys
import tracemalloc
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from exam_api.cli.rotate_keys import said
from exam_api.console_ports import Act
from exam_api.persons_ports import PeopleAsk
from exam_api.retention import DAY_MS, SCHEDULE
from exam_api.store.engine import Database
from exam_api.store.keeping import Keeper
from exam_api.store.persons import PersonStore
from exam_api.store.rotating import SEALED, Hashed, Rotation
from exam_api.store.sealed import AesSealer, BlindIndex, NotOurs
from exam_api.store.tables import METADATA, RecoveryCodeRow, StaffRow, WechatLinkRow, table
from exam_api.usecases.retain import retain
from tests.integration.store.builders import NOON_MS
from tests.integration.store.test_persons import ALL, Office, an_id_no, sent
from tests.integration.store.world import ACT, BLIND, SEALER


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


async def everything(database: Database) -> dict[str, int]:
    async with database.reading() as connection:
        return {
            name: (await connection.execute(select(func.count()).select_from(of))).scalar_one()
            for name, of in METADATA.tables.items()
        }


async def test_a_dry_run_names_what_is_due_and_changes_nothing(sqlite_database: Database) -> None:
    office = await Office(sqlite_database).begin()
    person_id = await office.take(sent(9019), office.one)
    held_id = await office.take(sent(9020), office.one)
    await office.requests.hold(held_id, hold_id=uuid4(), reason="申诉", act=ACT)
    later = Act(actor="operator:retention", at_ms=NOON_MS + 4_000 * DAY_MS)
    before = await everything(sqlite_database)
    due = await retain(SCHEDULE, office.retention, act=later, apply=False)
    assert await everything(sqlite_database) == before
    assert {one.clock.kind: one.rows for one in due if one.rows} == {
        "imported-person": 1,
        "given-phone": 1,
    }
    await retain(SCHEDULE, office.retention, act=later, apply=True)
    assert await office.persons.person(person_id, ALL) is None
    assert await office.persons.person(held_id, ALL) is not None
    assert not any(one.rows for one in await retain(SCHEDULE, office.retention, act=later, apply=False))


async def test_every_clock_can_be_counted_and_carried_out(database: Database) -> None:
    office = await Office(database).begin()
    for clock in SCHEDULE.clocks:
        assert await office.retention.due(clock.kind, before_ms=0) == 0
        assert await office.retention.carry_out(clock.kind, before_ms=0, act=ACT) == 0


def key(words: str) -> bytes:
    return hashlib.sha256(words.encode()).digest()


def test_every_sealed_column_is_in_the_registry_of_rotation() -> None:
    named = {one.name for one in SEALED}
    found = {
        f"{of.name}.{column.name}"
        for of in METADATA.tables.values()
        for column in of.columns
        if column.name.endswith("_sealed")
    }
    assert named == found


async def test_rotation_seals_all_anew_can_be_resumed_and_finds_people_all_the_while(
    sqlite_database: Database,
) -> None:
    await rotated(sqlite_database, people=2_000)


HELD_MAX: Final = 64 * 1024 * 1024
"""Bytes that rotation may hold beyond what it began with, however many rows there are."""


@pytest.mark.long
async def test_rotation_of_a_hundred_thousand_rows_holds_only_batches(sqlite_database: Database) -> None:
    held = await rotated(sqlite_database, people=100_000, measured=True)
    sys.stdout.write(f"rotation of 300,000 values: {held}\n")  # shown by `pytest -rP`
    assert held.python_bytes < HELD_MAX
    assert held.resident_bytes < HELD_MAX


class Held(NamedTuple):
    """The most that was held beyond the beginning."""

    python_bytes: int
    resident_bytes: int


async def rotated(database: Database, *, people: int, measured: bool = False) -> Held:
    office = await Office(database).begin()
    for first in range(0, people, 5_000):
        part = [sent(n, phone=f"138{n:08d}") for n in range(first, min(first + 5_000, people))]
        await office.persons.take(part, office.one, act=ACT)
    sealer = AesSealer(key("new seal"), older=[key("seal")])
    keeper = Keeper(sealer, BlindIndex(key("new blind")), older=[BLIND])
    work = Rotation(database, sealer, keeper)
    total = await work.waiting()
    assert total == 3 * people
    batches = work.run(act=ACT)
    for _ in range(2):  # stopped in the middle: some numbers are anew, others not
        await anext(batches)
    await batches.aclose()
    persons = PersonStore(database, keeper)
    ends = (an_id_no(0), an_id_no(people - 1), an_id_no(people // 2))
    for id_no in ends:
        assert len(await persons.people(PeopleAsk(reach=ALL, id_no=id_no))) == 1
    left = await work.waiting()
    assert 0 < left < total
    began = most = resident_bytes()
    if measured:
        tracemalloc.start()
    done = 0
    async for batch in work.run(act=ACT):
        done += batch.rows
        most = max(most, resident_bytes())
    held = Held(tracemalloc.get_traced_memory()[1], most - began)
    tracemalloc.stop()
    assert done == left
    assert await work.waiting() == 0
    alone = PersonStore(database, Keeper(AesSealer(key("new seal")), BlindIndex(key("new blind"))))
    for id_no in ends:
        (line,) = await alone.people(PeopleAsk(reach=ALL, id_no=id_no))
        assert await alone.number(line.id, ALL, reason="轮换核对", act=ACT) == id_no
        with pytest.raises(NotOurs):
            await PersonStore(database, Keeper(SEALER, BLIND)).number(line.id, ALL, reason="旧钥匙", act=ACT)
    return held


async def test_hashes_from_before_the_secret_are_counted_and_the_operator_is_told_to_keep_it(
    database: Database,
) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9021), office.one)
    staff_id = uuid4()
    staff = {
        "id": staff_id,
        "login": "huifu",
        "name": "恢复码",
        "role": "officer",
        "password_hash": "",
        "made_ms": 1,
    }
    codes = [
        {"staff_id": staff_id, "code_hash": b"a", "made_ms": 10, "used_ms": 0},
        {"staff_id": staff_id, "code_hash": b"b", "made_ms": 10, "used_ms": 15},
        {"staff_id": staff_id, "code_hash": b"c", "made_ms": 20, "used_ms": 0},
    ]
    links = [
        {"openid_hash": b"a", "person_id": person_id, "made_ms": 10},
        {"openid_hash": b"b", "person_id": person_id, "made_ms": 20},
    ]
    async with database.writing() as connection:
        await connection.execute(insert(table(StaffRow)), staff)
        await connection.execute(insert(table(RecoveryCodeRow)), codes)
        await connection.execute(insert(table(WechatLinkRow)), links)
    work = Rotation(database, SEALER, Keeper(SEALER, BLIND))
    found = await work.hashed(before_ms=20)
    assert found == Hashed(recovery_codes=1, wechat_links=1)
    assert "keep KAOWU_PREVIOUS_SECRETS" in said(left=0, former=1, hashed=found)[1]
    none = await work.hashed(before_ms=10)
    assert "can be removed" in said(left=0, former=1, hashed=none)[1]
