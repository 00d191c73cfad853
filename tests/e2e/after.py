"""Short ways through an exam to what comes after it: sit, hand in, and let the session end."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx

from exam_api.record import Registration
from tests.e2e.device import Device
from tests.e2e.world import MINUTE, Sitting, World, small_pool

Answer = Callable[[str, int], int]
"""From item version and key to what is chosen; 0 chooses nothing."""


async def small_sitting(world: World, people: int, **facts: Any) -> Sitting:
    """Everybody has the same ten items, of ten points each; 60 are a pass."""
    return await world.sitting(people=people, pool=small_pool(f"after-{world.clock.at}", items=5), **facts)


def first_right(keys: Mapping[str, int], right: int, *, but: Mapping[str, int]) -> Answer:
    """Right answers to so many items beside those in `but`, which are answered as told there."""
    chosen = [version for version in sorted(keys) if version not in but][:right]
    return lambda version, key: but.get(version, key if version in chosen else 0)


async def sit(
    world: World, sitting: Sitting, person: Registration, answer: Answer, *, hand_in: bool = True
) -> Device:
    """One candidate answers the whole paper, ten seconds an item."""
    device = await world.device(person)
    assert (await device.start(person.id)).status_code == 200
    keys = await world.keys(sitting.id)
    for slot, item in enumerate(device.paper["items"]):
        device.now_ms += 10_000
        mask = answer(item["version"], keys[item["version"]])
        if mask:
            device.choose(slot, mask)
    await device.sync_all()
    if hand_in:
        reply = await device.submit()
        assert reply.status_code == 200, reply.text
    return device


async def over(world: World, sitting: Sitting) -> None:
    """The session ends; everything is on record."""
    facts = await world.exam.armory.session(sitting.id)
    assert facts is not None
    world.clock.at = facts.closes_ms + MINUTE
    await world.drain()


async def asked(client: httpx.AsyncClient, path: str, body: object = None, *, status: int = 200) -> Any:
    """GET, or POST with a body; what came back."""
    reply = await (client.get(path) if body is None else client.post(path, json=body))
    assert reply.status_code == status, f"{path}: {reply.status_code} {reply.text}"
    return reply.json()


async def score_of(device: Device, attempt_id: UUID) -> tuple[int, bool, int]:
    """What the candidate is shown: points in hundredths, passed, run."""
    told = (await asked(device.http, f"/api/my/exams/{attempt_id}/result"))["result"]
    return told["scoreCenti"], told["passed"], told["run"]
