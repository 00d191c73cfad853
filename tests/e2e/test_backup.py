"""Backup and restore: what comes back is what was there, in either database, or nothing is touched."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from exam_api.console_ports import Act
from exam_api.people import Reach, Role
from exam_api.store.audit_walk import walked
from exam_api.store.backup.archive import Told, opened
from exam_api.store.backup.errors import (
    BackupAltered,
    NotABackup,
    OtherRevision,
    OtherSecret,
    TargetNotEmpty,
)
from exam_api.store.backup.forgotten import Forgotten
from exam_api.store.backup.tables import steady
from exam_api.store.engine import Database
from exam_api.store.retention import RetentionStore
from exam_api.store.seals import ends
from exam_api.usecases.replay_log import replay_log
from exam_api.usecases.snapshot_parts import NO_FOR_MS
from proctoring.schedule import GAP_LEAST_MS
from tests.e2e.backup_drill import SECRET, TOUCHED, back_up, hashes, lived, restored, settings
from tests.e2e.device import Device
from tests.e2e.world import HOUR, NOON, Sitting, World, open_world
from tests.servers import PostgresServer, RedisServer
from tests.unit.proctoring.pictures import a_jpeg

POSTGRES = pytest.mark.postgres
ADD_KEY = "insert into signing_key (id, algorithm, public_key, made_ms, retired_ms) values (?, 'x', '', 1, 0)"
PICTURE = "ab/ab" + "0" * 62


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=POSTGRES)])
def target_url(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """An empty database beside the one of the story."""
    if request.param == "sqlite":
        path = tmp_path / "other.db"
        path.write_bytes(sqlite_template.read_bytes())
        yield f"sqlite+aiosqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database()
    yield url
    server.drop_database(url)


@pytest_asyncio.fixture
async def world(newest_redis: RedisServer, database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    newest_redis.flush()
    async with open_world(database_url, newest_redis.url, tmp_path) as opened_world:
        yield opened_world


@pytest_asyncio.fixture
async def small(newest_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """The story on SQLite alone, where the kind of database makes no difference."""
    newest_redis.flush()
    async with open_world(sqlite_url, newest_redis.url, tmp_path) as opened_world:
        yield opened_world


async def test_what_comes_back_is_what_was_there_in_either_database(
    world: World, database_url: str, target_url: str, tmp_path: Path
) -> None:
    await lived(world)
    picture = tmp_path / "pictures" / PICTURE
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    file = tmp_path / "kaowu.backup"
    made = await back_up(file, settings(database_url, tmp_path))
    before = await hashes(database_url)
    assert {part.table: part.sha256 for part in made.tables} == before
    assert len([part for part in made.tables if part.rows]) > 15

    elsewhere = settings(target_url, tmp_path / "elsewhere")
    _, done = await restored(file, elsewhere)
    after = await hashes(target_url)
    assert {name: after[name] for name in before.keys() - TOUCHED} == {
        name: before[name] for name in before.keys() - TOUCHED
    }
    assert done.rows == made.rows
    assert (tmp_path / "elsewhere" / "pictures" / PICTURE).read_bytes() == b"a picture"


async def _pictured(world: World) -> tuple[Sitting, Device]:
    """A candidate who agreed to pictures and is at work."""
    sitting = await world.sitting()
    person = sitting.people[0]
    device = await world.device(person)
    body = {"choice": "photos", "textVersion": "2026-11"}
    assert (await device.http.post(f"/api/my/exams/{person.id}/consent", json=body)).status_code == 204
    world.clock.at += NO_FOR_MS
    assert (await device.start(person.id)).status_code == 200
    return sitting, device


async def _send(world: World, device: Device, number: int) -> None:
    world.clock.at += GAP_LEAST_MS
    kind = {"content-type": "image/jpeg"}
    reply = await device.http.post("/api/attempt/snapshot", content=a_jpeg(number), headers=kind)
    assert reply.status_code == 200


def _segments(folder: Path) -> list[Path]:
    return list(folder.rglob("*.seg"))


async def _opened(world: World, sitting: Sitting) -> list[int]:
    """How each picture on record can be looked at, by status."""
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    path = f"/api/sessions/{sitting.id}/attempts/{sitting.people[0].id}/snapshots"
    listed = (await admin.get(path)).json()["snapshots"]
    return [(await admin.get(f"{path}/{row['id']}")).status_code for row in listed]


async def test_camera_pictures_are_taken_as_far_as_the_record_knows_them_and_open_again(
    small: World, sqlite_url: str, tmp_path: Path
) -> None:
    sitting, device = await _pictured(small)
    for number in (1, 2):
        await _send(small, device, number)
    await small.drain()
    await _send(small, device, 3)  # not on record yet
    (segment,) = _segments(tmp_path)
    size = segment.stat().st_size
    file = tmp_path / "kaowu.backup"
    made = await back_up(file, settings(sqlite_url, tmp_path), pictures=True)
    (part,) = [one for one in made.files if one.path.startswith("snapshots/")]
    assert 0 < part.size < size
    shutil.rmtree(tmp_path / "snapshots")
    await restored(file, settings(sqlite_url, tmp_path), wipe=True)
    assert segment.stat().st_size == part.size
    assert await _opened(small, sitting) == [200, 200]


async def test_a_segment_that_has_grown_since_the_backup_keeps_what_came(
    small: World, sqlite_url: str, tmp_path: Path
) -> None:
    sitting, device = await _pictured(small)
    await _send(small, device, 1)
    await small.drain()
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(sqlite_url, tmp_path), pictures=True)
    await _send(small, device, 2)
    await small.drain()
    await restored(file, settings(sqlite_url, tmp_path), wipe=True)
    assert await _opened(small, sitting) == [200]
    await replay_log(small.wired.log, small.exam.record, small.exam.results)
    assert await _opened(small, sitting) == [200, 200]


async def test_camera_pictures_are_in_a_backup_only_where_that_was_asked_for_and_while_they_can_be_opened(
    small: World, sqlite_url: str, tmp_path: Path
) -> None:
    _, device = await _pictured(small)
    await _send(small, device, 1)
    await small.drain()
    assert not (await back_up(tmp_path / "1.backup", settings(sqlite_url, tmp_path))).files
    retention = RetentionStore(small.wired.database)
    act = Act(actor="system", at_ms=small.clock.at)
    assert await retention.carry_out("snapshot", before_ms=small.clock.at + 9 * HOUR, act=act) == 1
    assert not (await back_up(tmp_path / "2.backup", settings(sqlite_url, tmp_path), pictures=True)).files


async def test_a_wiped_database_is_again_what_it_was_and_its_audit_is_sound(
    world: World, database_url: str, tmp_path: Path
) -> None:
    await lived(world)
    await world.wired.parts.audit.seals.close_days(NOON + 2 * 86_400_000)
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(database_url, tmp_path))
    before = await hashes(database_url)
    await lived(world)  # more happens: it will be gone
    assert await hashes(database_url) != before
    await restored(file, settings(database_url, tmp_path), wipe=True)
    after = await hashes(database_url)
    assert {name for name in before if after[name] != before[name]} == TOUCHED
    sealed = ends(await world.wired.parts.audit.book.seals())
    assert [one.found for one in await walked(world.wired.database, sealed=sealed) if one.found] == []


async def test_rows_that_only_grow_are_guarded_again_after_a_restore(
    world: World, database_url: str, tmp_path: Path
) -> None:
    await lived(world)
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(database_url, tmp_path))
    await restored(file, settings(database_url, tmp_path), wipe=True)
    with pytest.raises(Exception, match="are never changed"):
        async with world.wired.database.writing() as connection:
            await connection.exec_driver_sql("update audit set actor = 'nobody'")


async def test_a_database_that_holds_something_is_not_filled_unless_it_is_to_be_wiped(
    small: World, sqlite_url: str, tmp_path: Path
) -> None:
    await lived(small)
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(sqlite_url, tmp_path))
    before = await hashes(sqlite_url)
    with pytest.raises(TargetNotEmpty):
        await restored(file, settings(sqlite_url, tmp_path))
    assert await hashes(sqlite_url) == before


async def test_another_secret_is_told_before_anything_is_touched(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(sqlite_url, tmp_path))
    other = settings(sqlite_url, tmp_path, secret="o" * 40)
    with pytest.raises(OtherSecret):
        await restored(file, other, wipe=True)
    await restored(
        file, settings(sqlite_url, tmp_path, secret="o" * 40, previous_secrets=(SECRET,)), wipe=True
    )


async def test_a_backup_of_another_revision_is_refused_by_name(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"))) as record:
        record.execute("update alembic_version set version_num = '0009_accounts'")
        record.commit()
    with pytest.raises(OtherRevision, match="0009_accounts"):
        await back_up(tmp_path / "kaowu.backup", settings(sqlite_url, tmp_path))
    assert not [path for path in os.listdir(tmp_path) if "kaowu.backup" in path]  # noqa: PTH208 - a few names


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
async def test_a_damaged_backup_changes_nothing(
    small: World, sqlite_url: str, tmp_path: Path, share: float
) -> None:
    await lived(small)
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(sqlite_url, tmp_path))
    before = await hashes(sqlite_url)
    held = bytearray(file.read_bytes())
    held[int(len(held) * share)] ^= 0xFF
    file.write_bytes(held)
    with pytest.raises(BackupAltered):
        await restored(file, settings(sqlite_url, tmp_path), wipe=True)
    assert await hashes(sqlite_url) == before


async def test_a_backup_that_broke_off_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "kaowu.backup"
    await back_up(file, settings(sqlite_url, tmp_path))
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(NotABackup):
        await restored(file, settings(sqlite_url, tmp_path), wipe=True)


async def _erased(world: World, sitting: Sitting) -> None:
    """The last candidate asks to be deleted, and is."""
    person = sitting.people[2]
    persons = world.wired.parts.persons.requests
    erasure_id = person.id
    await persons.ask_erasure(erasure_id, person.person_id, reason="", at_ms=world.clock.at)
    act = Act(actor="system", at_ms=world.clock.at + 40 * 86_400_000)
    assert await persons.erase(erasure_id, Reach(everywhere=True), act=act) is not None


@pytest.mark.parametrize("known_from", ["the database", "a log kept apart"])
async def test_who_was_erased_since_the_backup_is_erased_again(
    small: World, sqlite_url: str, tmp_path: Path, known_from: str
) -> None:
    sitting = await lived(small)
    gone = sitting.people[2]
    file = tmp_path / "kaowu.backup"
    given = settings(sqlite_url, tmp_path)
    await back_up(file, given)
    log = Forgotten()
    if known_from == "the database":
        await _erased(small, sitting)
    else:
        log = Forgotten(persons=frozenset({gone.person_id}), retention={"notice": NOON})
    _, done = await restored(file, given, wipe=True, log=log)
    assert done.erased_again == 1
    path = sqlite_url.removeprefix("sqlite+aiosqlite:///")
    with closing(sqlite3.connect(path)) as record:
        told = "select name, id_mask, length(id_sealed) from person where id = ?"
        assert record.execute(told, (gone.person_id.hex,)).fetchone() == ("", "", 0)
        others = record.execute("select count(*) from person where name != ''").fetchone()
    assert others == (2,)


class _Writes(Told):
    """Somebody works while the backup is under way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.written = 0

    def begin(self, what: str, total: int) -> None:  # noqa: ARG002 - the port's
        if what in {"attempt", "institution", "op"}:
            with closing(sqlite3.connect(self.path, timeout=5)) as record:
                record.execute(ADD_KEY, (what,))
                record.commit()
            self.written += 1


async def test_a_backup_shows_one_instant_whatever_is_written_meanwhile(
    small: World, sqlite_url: str, tmp_path: Path
) -> None:
    await lived(small)
    busy = _Writes(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    file = tmp_path / "kaowu.backup"
    made = await back_up(file, settings(sqlite_url, tmp_path), busy)
    assert busy.written == 3
    keys = next(part for part in made.tables if part.table == "signing_key")
    with opened(file) as archive:
        assert b"".join(archive.lines(keys)).count(b"\n") == keys.rows == 0


@pytest.mark.postgres
async def test_postgresql_shows_one_instant_to_a_backup_too(postgres_url: str) -> None:
    database = Database(postgres_url)
    count = "select count(*) from signing_key"
    async with database.reading() as reader:
        await steady(reader)
        before = (await reader.exec_driver_sql(count)).scalar_one()
        async with database.writing() as writer:
            await writer.exec_driver_sql(ADD_KEY.replace("?", "'k'"))
        assert (await reader.exec_driver_sql(count)).scalar_one() == before == 0
    await database.close()
