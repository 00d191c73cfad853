"""The operator's commands on accounts, each a process of its own, seen from the browser."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.world import World
from tests.integration.http.accounts import acts, enrolled, log_in, opened
from tests.servers import RedisServer, clean_environ

NEW = "three green horses"


class Operator:
    """Runs `kaowu …` on the world's servers."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ

    async def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "exam_api.cli", *words],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def password(self, *words: str) -> str:
        done = await self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]


@pytest.fixture
def operator(newest_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> Operator:
    return Operator(
        clean_environ(
            KAOWU_DATABASE_URL=sqlite_url,
            KAOWU_REDIS_URL=newest_redis.url,
            KAOWU_SECRET="story-secret-story-secret-story-secret",
            KAOWU_DATA_DIR=str(tmp_path),
        )
    )


async def test_the_first_officer_is_made_let_in_and_let_in_again(world: World, operator: Operator) -> None:
    opened(world, forced=True)
    given = await operator.password("create-staff", "Lin", "--name", "林处", "--role", "officer")
    lin = world.stranger()
    assert (await log_in(lin, "lin", given)).json()["step"] == "password"
    reply = await lin.post("/api/my/password", json={"old": given, "new": NEW})
    assert reply.json()["step"] == "enroll"
    await enrolled(world, lin, NEW)
    assert (await lin.get("/api/sessions")).status_code == 200

    assert (await operator.run("reset-totp", "lin")).returncode == 0
    assert (await lin.get("/api/me")).status_code == 401
    assert (await log_in(world.stranger(), "lin", NEW)).json()["step"] == "enroll"

    again = await operator.password("reset-password", "LIN")
    assert (await log_in(world.stranger(), "lin", NEW)).status_code == 401
    assert (await log_in(world.stranger(), "lin", again)).json()["step"] == "password"
    assert {"staff.created", "second-factor.removed", "staff.password"} <= set(await acts(world))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create-staff", "wang", "--name", "某", "--role", "invigilator"), "role-needs-institution"),
        (("reset-password", "nobody"), "no open account nobody"),
    ],
)
async def test_what_cannot_be_is_refused_in_a_sentence(
    world: World, operator: Operator, words: tuple[str, ...], told: str
) -> None:
    assert world
    done = await operator.run(*words)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
