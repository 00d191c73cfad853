"""Thousands of attempts: a preview and an agreement in seconds, on both databases."""

import time
from collections.abc import AsyncIterator, Callable
from itertools import cycle
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio

from exam_api.attempt import chain
from exam_api.attempt.model import CloseKind
from exam_api.record import Result
from exam_api.store.bulk import put_rows
from exam_api.store.results import SCORE_RUN, row_of
from exam_api.store.tables import PaperRow, PersonRow, RegistrationRow, table
from exam_api.usecases.shelf import Marking
from question_pools.blueprint import Blueprint, Section
from question_pools.draw import DrawIndex, Paper
from question_pools.items import Kind
from scoring.paper import MarkPlan, score
from tests.e2e.after import asked
from tests.e2e.world import HOUR, World, open_world, small_pool
from tests.servers import PostgresServer, RedisServer
from tools.bench.cpu import read_cpu

LIMIT_S = 10.0
"""What an officer is promised for 10,000 attempts of 100 items, whether or not every paper holds the item."""

PAPERS = 40
"""Different papers; attempts share them, each with its own answers."""


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def big_world(
    request: pytest.FixtureRequest, newest_redis: RedisServer, sqlite_url: str, tmp_path: Path
) -> AsyncIterator[World]:
    url = sqlite_url
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.new_database()
    newest_redis.flush()
    async with open_world(url, newest_redis.url, tmp_path) as world:
        yield world


def blueprint() -> Blueprint:
    """A hundred items of one point."""
    return Blueprint(
        f"b{uuid4().hex[:8]}",
        "大卷",
        (
            Section("判断题", Kind.JUDGE, 50, 100, "all_or_nothing", shuffle_options=False),
            Section("单选题", Kind.SINGLE, 50, 100, "all_or_nothing"),
        ),
    )


class Crowd:
    """Registered people with papers and scores, written down without sitting through an exam."""

    def __init__(self, world: World, session_id: UUID, marking: Marking, papers: list[Paper]) -> None:
        self._world = world
        self._session_id = session_id
        self._marking = marking
        self._drawn = [(paper, msgspec.msgpack.encode(paper), marking.plan(paper)) for paper in papers]
        self._chance = Random(26)

    async def write(self, count: int) -> None:
        """Put that many on record."""
        turns = cycle(self._drawn)
        rows = [self._rows(serial, next(turns)) for serial in range(1, count + 1)]
        async with self._world.wired.database.writing() as connection:
            for place, into in enumerate((PersonRow, RegistrationRow, PaperRow)):
                await put_rows(connection, table(into), [row[place] for row in rows])
            await put_rows(connection, SCORE_RUN, [row[3] for row in rows])

    def _rows(self, serial: int, drawn: tuple[Paper, bytes, MarkPlan]) -> tuple[dict[str, object], ...]:
        paper, packed, plan = drawn
        attempt_id, person_id, at_ms = uuid4(), uuid4(), self._world.clock.at
        able = self._chance.uniform(0.4, 0.8)
        picked = [slot.key if self._chance.random() < able else 1 for slot in plan.slots]
        answers = b"".join(mask.to_bytes(4, "big") for mask in picked)
        result = Result(
            attempt_id=attempt_id,
            session_id=self._session_id,
            institution_id=self._world.own,
            run=1,
            cause="hand-in",
            score=score(plan, picked),
            answers=answers,
            answers_digest=chain.answers_digest(attempt_id, answers, len(picked)),
            fence=1,
            seq=len(picked),
            head=bytes(32),
            started_ms=at_ms,
            closed_ms=at_ms,
            close_kind=CloseKind.MANUAL,
            late_ops=0,
            scored_ms=at_ms,
        )
        person = {
            "id": person_id, "name": f"考生{serial}", "id_blind": person_id.bytes, "id_sealed": b"-",
            "id_mask": "6399**", "phone_sealed": b"-", "phone_mask": "138****0000", "made_ms": at_ms,
        }  # fmt: skip
        registration = {
            "id": attempt_id, "session_id": self._session_id, "person_id": person_id,
            "ticket_no": f"t{serial:08d}", "seat": "", "serial": serial, "extra_ms": 0, "state": "booked",
            "made_ms": at_ms,
        }  # fmt: skip
        kept = {
            "attempt_id": attempt_id, "session_id": self._session_id, "seed": paper.seed,
            "pool_digest": paper.pool_digest, "blueprint_digest": paper.blueprint_digest,
            "digest": bytes(32), "content": packed,
        }  # fmt: skip
        return person, registration, kept, row_of(result)


async def crowded(world: World, count: int, *, pool_items: int) -> tuple[str, str]:
    """A finished session of so many; its id and an item's version."""
    sitting = await world.sitting(
        people=0, pool=small_pool(f"many-{count}", items=pool_items), blueprint=blueprint(), arm=False
    )
    planned = await world.exam.plans.load(sitting.id)
    assert planned is not None
    index = DrawIndex(planned.pool, planned.blueprint)
    papers = [index.draw(f"seed-{n}".encode()) for n in range(PAPERS)]
    marking = await world.exam.shelf.marking(sitting.id)
    await Crowd(world, sitting.id, marking, papers).write(count)
    world.clock.at += 3 * HOUR
    return str(sitting.id), min(one for one, key in marking.book.keys.items() if key > 2)


@pytest.fixture
def cpu_s(request: pytest.FixtureRequest, big_world: World) -> Callable[[], float]:
    """Seconds of CPU used so far, by this process and by the database's."""
    if big_world.wired.database.url.get_backend_name() == "sqlite":
        return time.process_time
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return lambda: time.process_time() + sum(read_cpu(server.pid).values()) / 1e9


async def story(
    world: World, count: int, *, pool_items: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float, float]:
    """Preview, propose, agree, and take back; the seconds of the first three, by that clock."""
    session_id, version = await crowded(world, count, pool_items=pool_items)
    path = f"/api/sessions/{session_id}/rulings"
    officer, second = await world.staff("officer"), await world.staff("officer")
    began = clock()
    told = await asked(officer, f"{path}/preview", {"version": version, "newKey": 1})
    previewed = clock()
    assert told["candidates"] == count
    correction = {"version": version, "remedy": "new_key", "keys": [1]}
    await asked(officer, path, {"corrections": [correction], "reason": "原答案有误"})
    proposed = clock()
    agreed = await asked(second, f"{path}/1/decide", {"agree": True})
    applied = clock()
    changed = {way["remedy"]: way["changed"] for way in told["ways"]}["new_key"]
    assert agreed["rulings"][0]["runs"] == changed > count // 20
    await asked(officer, path, {"corrections": [], "reason": "改回"})
    back = await asked(second, f"{path}/2/decide", {"agree": True})
    assert back["rulings"][0]["runs"] == changed
    async with world.wired.database.reading() as connection:
        runs = (await connection.execute(SCORE_RUN.select().order_by(SCORE_RUN.c.run))).all()
    first = {row.attempt_id: row.score for row in runs if row.run == 1}
    last = {row.attempt_id: row.score for row in runs}
    assert first == last
    assert len(runs) == count + 2 * changed
    return previewed - began, proposed - previewed, applied - proposed


async def test_a_thousand_attempts_are_ruled_on_and_back(
    big_world: World, cpu_s: Callable[[], float]
) -> None:
    # Other stories stop servers and hold up the disk beside this one: what it costs is bounded, not its wait.
    preview_s, _, apply_s = await story(big_world, 1_000, pool_items=50, clock=cpu_s)
    assert max(preview_s, apply_s) <= LIMIT_S / 4


@pytest.mark.long
@pytest.mark.parametrize("pool_items", [50, 200], ids=["every-paper-holds-it", "one-in-four"])
async def test_ten_thousand_attempts_are_previewed_and_ruled_on_in_time(
    big_world: World, pool_items: int
) -> None:
    worked_s = time.process_time()
    preview_s, propose_s, apply_s = await story(big_world, 10_000, pool_items=pool_items)
    worked_s = time.process_time() - worked_s
    told = f"preview {preview_s:.1f} s, propose {propose_s:.1f} s, agree {apply_s:.1f} s"
    print(f"10,000 attempts: {told}; {worked_s:.1f} s of this process in all")  # noqa: T201 - the figure is what the run is for
    assert max(preview_s, propose_s, apply_s) <= LIMIT_S
