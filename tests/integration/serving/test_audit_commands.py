"""`kaowu verify-audit` and `audit-seals`: what an auditor runs, also on a database that was tampered with."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from exam_api.audit_ports import Line
from exam_api.keys import Purpose, derive
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.seals import SealStore
from exam_api.wiring.audit import signing_key
from tests.servers import ROOT, RedisServer, clean_environ

pytestmark = pytest.mark.redis

NOON_MS, DAY_MS = 1_800_000_000_000, 86_400_000
SCHOOL = UUID("10000000-0000-4000-8000-000000000001")
SECRET = "story-secret-story-secret-story-secret"


@pytest.fixture
def audited(sqlite_url: str) -> str:
    """A database with two chains of two days, the first one sealed."""

    async def fill() -> None:
        database = Database(sqlite_url)
        lines = [
            Line(at_ms=NOON_MS + day * DAY_MS, actor="system", act="a", object="o:1", org=org)
            for day in (0, 1)
            for org in (None, SCHOOL)
            for _ in range(3)
        ]
        async with database.writing() as connection:
            await audit.append(connection, lines)
        await SealStore(database, signing_key(SECRET)).close_days(NOON_MS + DAY_MS)
        await database.close()

    asyncio.run(fill())
    return sqlite_url


def kaowu(url: str, redis: RedisServer, *words: str) -> subprocess.CompletedProcess[str]:
    given = {
        "KAOWU_DATABASE_URL": url,
        "KAOWU_REDIS_URL": redis.url,
        "KAOWU_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "exam_api.cli", *words]
    return subprocess.run(
        command, cwd=ROOT, env=clean_environ(**given), capture_output=True, text=True, check=False
    )


def tampered(url: str, *statements: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite+aiosqlite:///"))) as record:
        for guard in ("keep_audit_update", "keep_audit_delete"):
            record.execute(f"DROP TRIGGER IF EXISTS {guard}")
        for statement in statements:
            record.execute(statement)
        record.commit()


def test_a_changed_line_is_named_and_seals_held_outside_tell_of_a_day_that_is_gone(
    audited: str, newest_redis: RedisServer, tmp_path: Path
) -> None:
    """One story, as each command costs a second."""
    kept = tmp_path / "seals.json"
    kept.write_text(kaowu(audited, newest_redis, "audit-seals").stdout, encoding="utf-8")
    sound = kaowu(audited, newest_redis, "verify-audit", "--seals", str(kept))
    assert (sound.returncode, "12 lines, 2 chains, 4 seals" in sound.stdout) == (0, True), sound.stderr
    tampered(audited, "UPDATE audit SET body = '{\"x\":1}' WHERE no = 2 AND day = '2027-01-16'")
    said = kaowu(audited, newest_redis, "verify-audit", "--org", str(SCHOOL))
    assert said.returncode == 1
    assert f"{SCHOOL} 2027-01-16 no 2: 这一行被改动 this line was altered" in said.stdout
    tampered(
        audited,
        "DROP TRIGGER IF EXISTS keep_audit_seal_delete",
        "DELETE FROM audit",
        "DELETE FROM audit_head",
        "DELETE FROM audit_seal",
    )
    found = kaowu(audited, newest_redis, "verify-audit", "--json", "--seals", str(kept))
    told = json.loads(found.stdout)
    assert (found.returncode, told["sound"], told["false_seals"]) == (1, False, [])
    assert {(one["org"], one["day"], one["no"], one["fault"]) for one in told["faults"]} == {
        ("department", "2027-01-15", 1, "missing"),
        (str(SCHOOL), "2027-01-15", 1, "missing"),
    }


def test_a_seal_from_outside_that_was_changed_is_not_believed(
    audited: str, newest_redis: RedisServer, tmp_path: Path
) -> None:
    kept = tmp_path / "seals.json"
    forged = kaowu(audited, newest_redis, "audit-seals").stdout.replace('"no": 3', '"no": 2')
    kept.write_text(forged, encoding="utf-8")
    told = json.loads(kaowu(audited, newest_redis, "verify-audit", "--json", "--seals", str(kept)).stdout)
    assert (told["sound"], len(told["false_seals"]), told["faults"]) == (False, 2, [])


def test_the_key_of_seals_is_no_other_key() -> None:
    keys = {derive(SECRET, purpose) for purpose in Purpose}
    assert len(keys) == len(Purpose)
