"""Pictures of an exam day: kept with consent only, seen by those who run the room, and in nobody's way."""

import asyncio
import dataclasses
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import structlog
from PIL import Image
from sqlalchemy import text

from exam_api.jobs.segments import keep_segments
from exam_api.people import Role
from exam_api.snapshot_ports import Passed
from exam_api.store.engine import Database
from exam_api.store.retention import RetentionStore
from exam_api.store.snapshots import SnapshotStore
from exam_api.usecases.forget_segments import forget_segments
from exam_api.usecases.snapshot_parts import NO_FOR_MS
from proctoring.schedule import GAP_LEAST_MS
from proctoring.snapshot import BYTES_MAX, read_snapshot
from tests.e2e.device import Device
from tests.e2e.world import HOUR, World, soon
from tests.integration.store.world import ACT
from tests.unit.proctoring.pictures import CANARY, a_jpeg, bad_ones, with_exif

VERSION = "2026-11"


class Watched:
    """One candidate in the middle of an exam."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def begin(self, *, consent: bool = True) -> "Watched":
        self.sitting = await self.world.sitting(people=2)
        self.person = self.sitting.people[0]
        self.device: Device = await self.world.device(self.person)
        if consent:
            await self.choose("photos")
        assert (await self.device.start(self.person.id)).status_code == 200
        return self

    async def choose(self, choice: str) -> None:
        body = {"choice": choice, "textVersion": VERSION}
        reply = await self.device.http.post(f"/api/my/exams/{self.person.id}/consent", json=body)
        assert reply.status_code == 204
        self.world.clock.at += NO_FOR_MS

    async def send(self, data: bytes, *, after_ms: int = GAP_LEAST_MS) -> httpx.Response:
        self.world.clock.at += after_ms
        return await self.device.http.post(
            "/api/attempt/snapshot", content=data, headers={"content-type": "image/jpeg"}
        )

    @property
    def path(self) -> str:
        return f"/api/sessions/{self.sitting.id}/attempts/{self.person.id}/snapshots"

    async def listed(self) -> list[dict[str, Any]]:
        await self.world.drain()
        admin = await self.world.staff(Role.INSTITUTION_ADMIN)
        return list((await admin.get(self.path)).json()["snapshots"])


@pytest.fixture
async def watched(world: World) -> Watched:
    return await Watched(world).begin()


def problem(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["type"].removeprefix("/problems/")


def files_of(tmp_path: Path) -> Mapping[Path, int]:
    return {path: path.stat().st_size for path in tmp_path.rglob("*.seg")}


async def test_a_picture_is_kept_without_what_the_camera_added_and_shown_to_the_room(
    world: World, watched: Watched, tmp_path: Path
) -> None:
    sent = with_exif(a_jpeg(1))
    told = (await watched.send(sent)).json()
    assert GAP_LEAST_MS <= told["nextMs"] <= 120_000
    (row,) = await watched.listed()
    assert row == {
        "id": told["id"],
        "atMs": world.clock.at,
        "reason": "schedule",
        "width": 320,
        "height": 240,
        "readable": True,
    }
    for role in (Role.INSTITUTION_ADMIN, Role.INVIGILATOR, Role.OFFICER):
        reply = await (await world.staff(role)).get(f"{watched.path}/{told['id']}")
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "image/jpeg"
        assert reply.headers["cache-control"] == "no-store"
        assert CANARY not in reply.content
        assert reply.content == read_snapshot(sent).jpeg
        assert Image.open(io.BytesIO(reply.content)).size == (320, 240)
    kept = b"".join(path.read_bytes() for path in files_of(tmp_path))
    assert kept
    assert CANARY not in kept
    assert read_snapshot(sent).jpeg[-400:-300] not in kept, "encrypted at rest"


async def test_the_same_picture_again_gets_the_same_answer_and_is_kept_once(
    watched: Watched, tmp_path: Path
) -> None:
    first = (await watched.send(a_jpeg(1))).json()
    held = files_of(tmp_path)
    for after_ms in (1, GAP_LEAST_MS):
        again = await watched.send(a_jpeg(1), after_ms=after_ms)
        assert again.json()["id"] == first["id"]
    assert files_of(tmp_path) == held
    assert (await watched.send(a_jpeg(2))).json()["id"] != first["id"]
    assert len(await watched.listed()) == 2


async def test_without_consent_nothing_is_kept_and_the_exam_goes_on(world: World, tmp_path: Path) -> None:
    watched = await Watched(world).begin(consent=False)
    assert problem(await watched.send(a_jpeg(1))) == (409, "no-consent-to-photos")
    await watched.choose("no-photos")
    assert problem(await watched.send(a_jpeg(1))) == (409, "no-consent-to-photos")
    assert not files_of(tmp_path)
    assert await watched.listed() == []
    async with world.wired.database.reading() as connection:
        assert await connection.scalar(text("select count(*) from picture_key")) == 0
    watched.device.choose(0)
    assert (await watched.device.sync()).json()["took"] == "ok"
    await watched.choose("photos")
    assert (await watched.send(a_jpeg(1))).status_code == 200
    assert (await watched.device.submit()).status_code == 200


@pytest.mark.parametrize("way", ["for this exam", "at large"])
async def test_consent_that_is_taken_back_holds_from_the_next_picture_on(
    watched: Watched, tmp_path: Path, way: str
) -> None:
    assert (await watched.send(a_jpeg(1))).status_code == 200
    held = files_of(tmp_path)
    if way == "at large":
        body = {"given": False, "textVersion": VERSION}
        reply = await watched.device.http.post("/api/my/consents/photos", json=body)
        assert reply.status_code == 204
    else:
        await watched.choose("no-photos")
    assert problem(await watched.send(a_jpeg(2))) == (409, "no-consent-to-photos")
    assert files_of(tmp_path) == held
    assert len(await watched.listed()) == 1


async def test_a_process_that_did_not_hear_of_the_withdrawal_asks_the_live_state(watched: Watched) -> None:
    assert (await watched.send(a_jpeg(1))).status_code == 200
    memory = watched.world.wired.parts.snapshots.memory
    known = memory.find(watched.person.id, now_ms=watched.world.clock.at)
    assert known is not None
    await watched.choose("no-photos")
    memory.put(watched.person.id, known.key, now_ms=watched.world.clock.at)
    assert problem(await watched.send(a_jpeg(2))) == (409, "no-consent-to-photos")


async def test_a_picture_that_is_refused_after_its_bytes_were_kept_leaves_none_of_them(
    watched: Watched, tmp_path: Path
) -> None:
    assert (await watched.send(a_jpeg(1))).status_code == 200
    memory = watched.world.wired.parts.snapshots.memory
    known = memory._held[watched.person.id]
    ((path, size),) = files_of(tmp_path).items()
    await watched.choose("no-photos")  # said to another process: this one still knows it as it was
    memory._held[watched.person.id] = known
    assert problem(await watched.send(a_jpeg(2))) == (409, "no-consent-to-photos")
    assert not path.read_bytes()[size:].strip(b"\0")
    held = files_of(tmp_path)
    assert problem(await watched.send(a_jpeg(3))) == (409, "no-consent-to-photos")
    assert files_of(tmp_path) == held
    assert len(await watched.listed()) == 1
    await watched.choose("photos")
    assert (await watched.send(a_jpeg(4))).status_code == 200
    assert [row["readable"] for row in await watched.listed()] == [True, True]


async def test_while_redis_is_away_pictures_do_not_pile_up(watched: Watched, tmp_path: Path) -> None:
    for number in range(3):
        assert (await watched.send(a_jpeg(number))).status_code == 200
    await watched.world.wired.lane.close()
    assert problem(await watched.send(a_jpeg(3))) == (503, "live-away")
    held = files_of(tmp_path)
    for number in range(4, 8):
        assert problem(await watched.send(a_jpeg(number))) == (503, "live-away")
    assert files_of(tmp_path) == held
    await watched.world.wired.lane.open()
    assert (await watched.send(a_jpeg(8))).status_code == 200
    assert len(await watched.listed()) == 4


async def test_pictures_come_a_few_seconds_apart(watched: Watched) -> None:
    assert (await watched.send(a_jpeg(1))).status_code == 200
    reply = await watched.send(a_jpeg(2), after_ms=1_500)
    assert problem(reply) == (429, "too-many-snapshots")
    assert reply.json()["waitMs"] == GAP_LEAST_MS - 1_500
    assert reply.headers["retry-after"] == "3"
    assert (await watched.send(a_jpeg(2), after_ms=GAP_LEAST_MS - 1_500)).status_code == 200


async def test_a_picture_that_another_process_could_not_keep_need_not_wait_here(watched: Watched) -> None:
    assert (await watched.send(a_jpeg(1))).status_code == 200
    watched.world.clock.at += GAP_LEAST_MS
    gate = await watched.world.wired.parts.snapshots.gate.begin(
        watched.person.id,
        fence=1,
        now_ms=watched.world.clock.at,
        gap_ms=GAP_LEAST_MS,
        digest=read_snapshot(a_jpeg(2)).digest,
    )
    assert gate.passed is Passed.GO
    assert (await watched.send(a_jpeg(2), after_ms=10)).status_code == 200
    assert problem(await watched.send(a_jpeg(3), after_ms=10)) == (429, "too-many-snapshots")
    assert len(await watched.listed()) == 2


async def test_after_the_hand_in_and_from_an_older_device_no_picture_is_kept(watched: Watched) -> None:
    world = watched.world
    second = await world.device(watched.person)
    invigilator = await world.staff(Role.INVIGILATOR)
    path = f"/api/sessions/{watched.sitting.id}/attempts/{watched.person.id}/takeover-code"
    code = (await invigilator.post(path)).json()["code"]
    assert (await second.start(watched.person.id, takeover=True, takeoverCode=code)).status_code == 200
    assert problem(await watched.send(a_jpeg(1))) == (409, "not-writing")
    watched.device = second
    assert (await watched.send(a_jpeg(1))).status_code == 200
    assert (await second.submit()).status_code == 200
    assert problem(await watched.send(a_jpeg(2))) == (409, "already-closed")
    assert len(await watched.listed()) == 1


async def test_bad_pictures_are_refused_by_name_and_change_nothing(watched: Watched, tmp_path: Path) -> None:
    for data in bad_ones(60):
        reply = await watched.send(data, after_ms=1)
        assert reply.status_code in {400, 413}, reply.text
        if reply.status_code == 400:
            assert problem(reply)[1] == "not-a-snapshot"
            assert reply.json()["reason"]
    assert problem(await watched.send(bytes(BYTES_MAX + 1))) == (413, "too-large")
    assert not files_of(tmp_path)
    assert (await watched.send(a_jpeg(1))).status_code == 200


async def test_a_disk_that_is_full_stops_pictures_and_no_answer(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_bytes(b"in the way")
    assert problem(await watched.send(a_jpeg(1))) == (503, "pictures-away")
    watched.device.choose(0)
    assert (await watched.device.sync()).json()["took"] == "ok"
    (tmp_path / "snapshots").unlink()
    assert (await watched.send(a_jpeg(1), after_ms=10)).status_code == 200, "the same one need not wait"
    assert (await watched.device.submit()).status_code == 200


async def test_nobody_else_sees_a_picture_nor_guesses_its_address(world: World, watched: Watched) -> None:
    snapshot_id = (await watched.send(a_jpeg(1))).json()["id"]
    assert len(await watched.listed()) == 1
    officer = await world.staff(Role.OFFICER)
    lent = {"institutions": [str(world.other)]}
    assert (await officer.post(f"/api/sessions/{watched.sitting.id}/lenders", json=lent)).status_code == 204
    for role in (Role.INSTITUTION_ADMIN, Role.INVIGILATOR):
        lender = await world.staff(role, own=False)
        assert (await lender.get(f"/api/sessions/{watched.sitting.id}/live")).status_code == 200
        for path in (watched.path, f"{watched.path}/{snapshot_id}"):
            assert problem(await lender.get(path)) == (404, "no-such-session")
    for role in (Role.AUDITOR, Role.OPERATOR):
        assert (await (await world.staff(role)).get(watched.path)).status_code == 403
    assert (await watched.device.http.get(f"{watched.path}/{snapshot_id}")).status_code == 403
    assert (await world.stranger().get(f"{watched.path}/{snapshot_id}")).status_code == 401
    own = await world.staff(Role.INVIGILATOR)
    other_attempt = watched.path.replace(str(watched.person.id), str(watched.sitting.people[1].id))
    for path in (f"{watched.path}/{uuid4()}", f"{other_attempt}/{snapshot_id}"):
        assert problem(await own.get(path)) == (404, "no-such-snapshot")
    assert UUID(snapshot_id).version == 4


async def test_looking_leaves_a_line_and_a_shredded_picture_is_gone(world: World, watched: Watched) -> None:
    snapshot_id = (await watched.send(a_jpeg(1))).json()["id"]
    await watched.listed()
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    assert (await admin.get(f"{watched.path}/{snapshot_id}")).status_code == 200
    await world.wired.trail.flush()
    assert sorted(await world.audited()) == ["read.snapshot", "read.snapshots"]
    retention = RetentionStore(world.wired.database)
    assert await retention.carry_out("snapshot", before_ms=world.clock.at + 3 * HOUR, act=ACT) == 1
    assert problem(await admin.get(f"{watched.path}/{snapshot_id}")) == (410, "picture-erased")
    assert [row["readable"] for row in await watched.listed()] == [False]


def _untouched_for(path: Path, days: int, *, world: World) -> None:
    at_s = world.clock.at / 1000 - days * 86_400
    os.utime(path, (at_s, at_s))


async def test_a_segment_goes_when_every_picture_in_it_is_shredded_and_no_earlier(
    world: World, watched: Watched, tmp_path: Path
) -> None:
    parts = world.wired.parts.snapshots
    assert (await watched.send(a_jpeg(1))).status_code == 200
    assert len(await watched.listed()) == 1
    ((path, _),) = files_of(tmp_path).items()
    _untouched_for(path, 31, world=world)
    assert await forget_segments(parts) == [], "its picture can be opened"
    retention = RetentionStore(world.wired.database)
    assert await retention.carry_out("snapshot", before_ms=world.clock.at + 3 * HOUR, act=ACT) == 1
    _untouched_for(path, 29, world=world)
    assert await forget_segments(parts) == [], "somebody may still write to it"
    _untouched_for(path, 31, world=world)
    assert await forget_segments(parts) == [path.relative_to(tmp_path / "snapshots").as_posix()]
    assert not path.parent.exists()


async def test_the_worker_looks_for_such_segments_and_waits_where_the_record_is_away(
    world: World, watched: Watched, tmp_path: Path
) -> None:
    assert (await watched.send(a_jpeg(1))).status_code == 200
    await watched.listed()
    ((path, _),) = files_of(tmp_path).items()
    _untouched_for(path, 31, world=world)
    retention = RetentionStore(world.wired.database)
    await retention.carry_out("snapshot", before_ms=world.clock.at + 3 * HOUR, act=ACT)
    away = dataclasses.replace(
        world.wired.parts.snapshots,
        record=SnapshotStore(Database(f"sqlite+aiosqlite:///{tmp_path}/none/kaowu.db")),
    )
    for parts in (away, world.wired.parts.snapshots):
        with structlog.testing.capture_logs() as logged:
            task = asyncio.create_task(keep_segments(parts))
            await soon(lambda: _logged(logged), within_s=5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert path.exists() is (parts is away)
        assert [line["event"] for line in logged] == ["job.waits" if parts is away else "segments.unlinked"]


async def _logged(lines: Sequence[Any]) -> bool:
    return bool(lines)
