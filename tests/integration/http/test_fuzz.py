"""Schemathesis over the published description, with log-ins of every role: no call ends in our fault."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exam_api.people import Role
from tests.e2e.world import World, open_world
from tests.integration.http.test_gate import client_of, ids_of_own
from tests.servers import ROOT, PostgresServer, RedisServer, clean_environ, unused_port, wait_until

MADE = ROOT / "build" / "fuzz"


@pytest_asyncio.fixture
async def served(
    newest_redis: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> AsyncIterator[tuple[World, str]]:
    """An API process on PostgreSQL, and the world it serves."""
    newest_redis.flush()
    url, port = postgres_server.new_database(), unused_port()
    given = {
        "KAOWU_DATABASE_URL": url,
        "KAOWU_REDIS_URL": newest_redis.url,
        "KAOWU_SECRET": "story-secret-story-secret-story-secret",
        "KAOWU_DATA_DIR": str(tmp_path),
        "KAOWU_PORT": str(port),
        "KAOWU_API_WORKERS": "1",
        "KAOWU_PUBLIC_ORIGINS": f"http://127.0.0.1:{port}",
    }
    async with open_world(url, newest_redis.url, tmp_path) as world:
        api = started(given, tmp_path / "api.log")
        try:
            wait_until(lambda: answers(port), what="the API answers", within_s=30)
            yield world, f"http://127.0.0.1:{port}"
        finally:
            api.terminate()
            api.wait(timeout=15)
    postgres_server.drop_database(url)


def started(given: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "exam_api.serving.api"]
    with log.open("wb") as told:
        return subprocess.Popen(command, cwd=ROOT, env=clean_environ(**given), stdout=told, stderr=told)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


async def given_of(world: World) -> dict[str, Any]:
    """Cookies of every role, ids of things that are there."""
    sitting = await world.sitting(people=2)
    ids = await ids_of_own(world, sitting.id, sitting.people[0].id)
    cookies = {}
    for role in Role:
        client = await client_of(world, role)
        cookies[str(role)] = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
    return {"cookies": cookies, "ids": {name: str(value) for name, value in ids.items()}}


async def fuzzed(served: tuple[World, str], *words: str) -> subprocess.CompletedProcess[str]:
    world, url = served
    MADE.mkdir(parents=True, exist_ok=True)
    given = json.dumps(await given_of(world))
    environ = {**os.environ, "KAOWU_FUZZ": given, "SCHEMATHESIS_HOOKS": "tests.integration.http.fuzz_hooks"}
    command = [
        *(str(Path(sys.executable).parent / "st"), "run", f"{url}/openapi.json"),
        *("--checks", "not_a_server_error", "--seed", "7", "--generation-database", "none"),
        *("--exclude-path-regex", "/watch$", "--suppress-health-check", "all", "--no-color"),
        *("--warnings", "off", "--request-timeout", "20", "--continue-on-failure", *words),
    ]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    (MADE / "last.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return done


@pytest.mark.postgres
@pytest.mark.redis
async def test_no_call_that_the_description_allows_ends_in_our_fault(served: tuple[World, str]) -> None:
    done = await fuzzed(served, "--phases", "fuzzing", "--max-examples", "4", "--no-shrink")
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.redis
async def test_nor_does_any_of_many_thousand_calls(served: tuple[World, str]) -> None:
    done = await fuzzed(served, "--phases", "coverage,fuzzing", "--max-examples", "30", "--no-shrink")
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
