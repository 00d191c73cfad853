"""Ways to back up and restore a story's installation."""

from pathlib import Path
from typing import Any

import msgspec

from exam_api.settings import Settings
from exam_api.store.backup.archive import Manifest, Told
from exam_api.store.backup.forgotten import Forgotten
from exam_api.store.backup.restoring import Over, Restored
from exam_api.store.backup.tables import digests
from exam_api.store.engine import Database
from exam_api.wiring.backup import back_up_to, restore_from
from tests.e2e.world import NOON, Sitting, World

SECRET = "story-secret-story-secret-story-secret"
TOUCHED = {"audit", "audit_head"}
"""Tables in which the restore itself is told."""


def settings(database_url: str, folder: Path, **given: Any) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    made = Settings(data_dir=folder, database_url=database_url, secret=SECRET, redis_url="redis://none:1")
    return msgspec.structs.replace(made, **given)


async def back_up(
    file: Path, given: Settings, tell: Told | None = None, *, pictures: bool = False
) -> Manifest:
    return await back_up_to(file, given, at_ms=NOON, tell=tell or Told(), pictures=pictures)


async def restored(
    file: Path, given: Settings, *, wipe: bool = False, log: Forgotten | None = None
) -> tuple[Manifest, Restored]:
    over = Over(wipe=wipe, log=log or Forgotten())
    return await restore_from(file, given, over=over, at_ms=NOON, tell=Told())


async def hashes(url: str) -> dict[str, str]:
    database = Database(url)
    try:
        async with database.reading() as connection:
            return await digests(connection)
    finally:
        await database.close()


async def lived(world: World) -> Sitting:
    """An afternoon: three candidates, one handed in, one at work, one who came late."""
    sitting = await world.sitting(people=3)
    first, second, third = [await world.device(person) for person in sitting.people]
    for device, person in zip((first, second), sitting.people, strict=False):
        assert (await device.start(person.id)).status_code == 200
        for slot in range(4):
            device.choose(slot, 1)
        await device.sync()
    assert (await first.submit()).json()["durable"] is True
    await third.http.get("/api/my/exams")
    await world.drain()
    return sitting
