"""`kill -9` of API and worker while people hand in: everybody gets one result, the one they were shown."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from exam_api.demo.load import PHONE_PEOPLE, identity_of
from tests.e2e.device import Device
from tests.servers import Service, wait_until

TRIES = 400


def _processes(service: Service) -> dict[int, str]:
    """Everything below the supervisor, with its command line."""
    parents: dict[int, int] = {}
    said: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
                said[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            parents[int(folder.name)] = int(stat[stat.rindex(")") + 2 :].split()[1])
    below = {service.pid}
    for _ in range(4):
        below |= {pid for pid, parent in parents.items() if parent in below}
    return {pid: said[pid] for pid in below - {service.pid} if pid in said}


def _kill(service: Service, module: str) -> None:
    """End the processes of one part as a crash does."""
    found = [pid for pid, said in _processes(service).items() if module in said]
    assert found, f"no process of {module}"
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def _device(service: Service, name: str) -> tuple[Device, UUID]:
    client = httpx.AsyncClient(base_url=service.url, headers={"Origin": service.url}, timeout=5)
    who = {"name": name, "idNo": identity_of(name)}
    code = (await client.post("/api/login/code", json=who)).json()["demoCode"]
    assert (await client.post("/api/login/candidate", json={**who, "code": code})).is_success
    exams = (await client.get("/api/my/exams")).json()["exams"]
    device = Device(client)
    attempt_id = UUID(exams[0]["id"])
    assert (await device.start(attempt_id)).status_code == 200
    for slot in range(10):
        device.choose(slot, 1)
    assert (await device.sync()).json()["took"] == "ok"
    return device, attempt_id


async def _patiently(
    ask: Callable[[], Awaitable[httpx.Response]], *, enough: Callable[[httpx.Response], bool]
) -> list[dict[str, Any]]:
    """As the page does: ask again whatever dies, until the reply is enough. All replies that came."""
    told: list[dict[str, Any]] = []
    for _ in range(TRIES):
        with contextlib.suppress(httpx.TransportError):
            reply = await ask()
            if reply.status_code == 200:
                told.append(reply.json())
                if enough(reply):
                    return told
        await asyncio.sleep(0.05)
    raise AssertionError(f"not enough after {TRIES} tries: {told[-1:]}")


def _durable(reply: httpx.Response) -> bool:
    return reply.json()["durable"] is True


@pytest.mark.parametrize(
    "killed",
    [
        pytest.param(("exam_api.serving.api",), marks=pytest.mark.long),
        ("exam_api.serving.api", "exam_api.worker"),
    ],
)
async def test_a_kill_during_the_hand_in_costs_nobody_the_result(
    own_service: Service, killed: tuple[str, ...]
) -> None:
    own_service.kaowu("migrate")
    own_service.kaowu("demo")
    own_service.start()
    devices = [await _device(own_service, name) for name in PHONE_PEOPLE]
    handing_in = [asyncio.create_task(_patiently(device.submit, enough=_durable)) for device, _ in devices]
    await asyncio.sleep(0.01)
    for module in killed:
        _kill(own_service, module)
    told = await asyncio.gather(*handing_in)
    for (device, attempt_id), replies in zip(devices, told, strict=True):
        assert len({str(reply["receipt"]) for reply in replies}) == 1
        url = f"/api/my/exams/{attempt_id}/result"
        own = (await _patiently(partial(device.http.get, url), enough=_durable))[-1]
        assert own["receipt"] == replies[-1]["receipt"]
        assert own["result"]["run"] == 1
        await device.http.aclose()
    wait_until(
        lambda: any("exam_api.worker" in said for said in _processes(own_service).values()),
        what="the worker is back",
    )
