"""Canaries in the logs: numbers, names, tokens, keys and answers that no line of API or worker may repeat."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import text

from exam_api.http.cookies import shown
from exam_api.log import plain_handler, processors
from exam_api.people import Role
from exam_api.record import LogEntry, LogKind
from tests.e2e.world import CANARY, World, small_pool
from tests.integration.http.people import ask_code, give_code, other_than, registered, staff_account
from tests.servers import ROOT, clean_environ

PASSWORD = "geheimnis-kennwort-7741"
STRANGER = {"name": "欧阳金丝雀", "idNo": "11010519491231002X"}
PHONE = "13987654321"


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """All that is logged from here on, made as in production, at the finest level."""
    out = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=processors(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = plain_handler(out)
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)
    structlog.configure(**before)


async def test_no_canary_is_in_any_line(
    world: World, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, (known, other) = await registered(world, 2)
    marks = [known.id_no, known.name, known.ticket_no, other.id_no, PASSWORD, PHONE, *STRANGER.values()]
    marks += await logged_in(world, known)
    marks += await imported(world, session_id)
    marks += await examined(world)
    await errors(world, monkeypatch)
    await worker_fails(world, monkeypatch)
    told = logs.getvalue()
    for event in ("http.reply", "http.our-fault", "job.failed"):
        assert f'"{event}"' in told, f"the story must reach {event}"
    assert told.count("\n") >= 20
    assert [mark for mark in marks if mark in told] == []


async def logged_in(world: World, known: Any) -> list[str]:
    """Right, wrong, by ticket, as staff; returns the secrets of it."""
    client = world.stranger()
    code = await ask_code(client, known)
    await give_code(client, known, other_than(code))
    assert (await give_code(client, known, code)).status_code == 200
    await client.post("/api/login/code", json=STRANGER)
    await client.post(
        "/api/login/desk", json={"ticketNo": known.ticket_no, "lastSix": "000000", "roomCode": "1"}
    )
    await client.post("/api/login/ticket", json={"ticket": f"KT1.{known.id_no}", "lastSix": known.id_no[-6:]})
    await staff_account(world, "kanarie", Role.OFFICER, None)
    await client.post("/api/login/staff", json={"loginName": "kanarie", "password": PASSWORD})
    token = shown(bytes(32))
    client.cookies.set(world.wired.parts.cookies.login.decode(), token)
    await client.get("/api/me")
    return [token, *(str(one.value) for one in client.cookies.jar)]


async def imported(world: World, session_id: Any) -> list[str]:
    """A roster with sound and broken lines, people, a bank."""
    officer = await world.staff(Role.OFFICER)
    sound = f"{STRANGER['name']},{STRANGER['idNo']},{PHONE}"
    rows = f"姓名,身份证号,手机号\n{sound}\n坏金丝雀,11010519491231002A,1\n"
    for path in (f"/api/sessions/{session_id}/roster", "/api/people/import"):
        await officer.post(path, params={"filename": "a.csv", "store": True}, content=rows.encode())
    bank = f"题型,题干,选项A,选项B,答案\n单选题,{CANARY},甲,乙,A\n".encode()
    await officer.post("/api/pools/import", params={"filename": "b.csv", "store": True}, content=bank)
    await officer.get("/api/people", params={"words": STRANGER["idNo"]})
    await officer.get(f"/api/people/{STRANGER['idNo']}")
    return ["坏金丝雀", "11010519491231002A", CANARY.split("{}")[0]]


async def examined(world: World) -> list[str]:
    """A whole exam, with forged and broken calls."""
    sitting = await world.sitting(people=1, pool=small_pool(f"c{uuid4().hex[:6]}"))
    person = sitting.people[0]
    device = await world.device(person)
    await device.start(person.id)
    for slot in range(5):
        device.choose(slot, 1)
    await device.sync()
    await device.http.post("/api/attempt/sync", content=b'{"base": 0, "ops": "' + PHONE.encode() + b'"}')
    await device.submit()
    await world.drain()
    return [person.name, person.ticket_no, *(str(one) for one in await world.keys(sitting.id))]


async def errors(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw: a refusal of the database with values in it, an exception with a number."""
    officer = await world.staff(Role.OFFICER)

    async def refused(*_given: object) -> None:
        async with world.wired.database.writing() as connection:
            await connection.execute(
                text("insert into institution (id, name) values (:id, :name)"),
                {"id": STRANGER["idNo"], "name": STRANGER["name"]},
            )

    async def odd(*_given: object) -> None:
        held = {"idNo": STRANGER["idNo"], "phone": PHONE}
        raise RuntimeError(f"cannot be: {held} password={PASSWORD}")

    for broken in (refused, odd):
        with monkeypatch.context() as patched:
            patched.setattr(world.wired.parts.console.sittings, "sessions", broken)
            assert (await officer.get("/api/sessions")).status_code == 500
    for body in (b'{"name": "' + STRANGER["name"].encode() + b'", "idNo": 7', b"\xff\xfe", b'{"idNo": []}'):
        await officer.post("/api/login/code", content=body)
    await officer.get(f"/api/late?session={STRANGER['idNo']}&phone={PHONE}")
    await officer.get(f"/nothing/{STRANGER['idNo']}")


async def worker_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that fails with a number in its exception, and an entry of the log that nobody can read."""

    async def odd(*_given: object, **_more: object) -> list[LogEntry]:
        raise ValueError(f"{LogKind.FACT} of {STRANGER['idNo']}, {PHONE}")

    with monkeypatch.context() as patched:
        patched.setattr(world.wired.log, "read_together", odd)

        async def turn() -> bool:
            world.worker.stop()
            return await world.worker.drain_turn()

        await world.worker._forever("drain", turn, 0.01)


def test_a_command_that_reaches_no_database_does_not_tell_its_password(tmp_path: Path) -> None:
    given = {
        "KAOWU_DATABASE_URL": f"postgresql+asyncpg://kaowu:{PASSWORD}@127.0.0.1:1/kaowu",
        "KAOWU_REDIS_URL": "redis://127.0.0.1:1/0",
        "KAOWU_SECRET": f"{PASSWORD}-{PASSWORD}-{PASSWORD}",
        "KAOWU_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "exam_api.cli", "verify-audit"]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environ(**given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "kaowu doctor" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
