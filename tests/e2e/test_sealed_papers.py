"""A paper is on the phone before the start, and nobody reads it there before the start."""

import logging
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam_api.console_ports import Act
from exam_api.http.guards import STAFF
from exam_api.record import Registration
from question_pools.items import Picture
from tests.e2e.device import Device
from tests.e2e.world import HOUR, MINUTE, World, small_pool

STEM = "题：作业前应先做什么"
SECOND = 1_000


@dataclass
class Bundle:
    """What a phone keeps."""

    digest: str
    data: bytes

    def opened(self, person: Registration, key: str) -> dict[str, Any]:
        """The paper, as the page opens it."""
        return self.unpacked(person, key)[0]["paper"]

    def unpacked(self, person: Registration, key: str) -> tuple[dict[str, Any], bytes]:
        """Head, and the bytes of all pictures."""
        digest = bytes.fromhex(self.digest)
        packed = AESGCM(bytes.fromhex(key)).decrypt(digest[:12], self.data, person.id.bytes + digest)
        plain = zlib.decompress(packed, wbits=31)
        length = 4 + int.from_bytes(plain[:4])
        return msgspec.json.decode(plain[4:length]), plain[length:]


async def fetch(device: Device, person: Registration) -> Bundle:
    reply = await ask(device.http, person)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["cache-control"] == "no-store"
    return Bundle(reply.headers["x-sealed-digest"], reply.content)


async def ask(http: httpx.AsyncClient, person: Registration) -> httpx.Response:
    return await http.get(f"/api/my/exams/{person.id}/sealed")


def start(device: Device, person: Registration, bundle: Bundle, **more: Any):
    """A start of a page that holds that bundle; `Device.start` keeps what the reply says."""
    return device.start(person.id, sealedDigest=bundle.digest, **more)


async def test_with_a_bundle_the_start_moves_a_key_and_less_than_a_kilobyte(world: World) -> None:
    sitting = await world.sitting(people=2, opens_in_ms=10 * MINUTE)
    person, other = sitting.people
    device, plain = await world.device(person), await world.device(other)
    bundle = await fetch(device, person)
    world.clock.at += 10 * MINUTE
    reply = await start(device, person, bundle)
    assert reply.status_code == 200
    assert len(reply.content) < 1024
    told = reply.json()
    assert told["paper"] is None
    shown = bundle.opened(person, told["paperKey"])
    again = (await device.start(person.id)).json()
    assert again["paper"] == shown
    assert again["paperKey"] is None
    told = (await plain.start(other.id)).json()
    assert STEM in str(told["paper"])
    assert told["paperKey"] is None


async def test_a_resend_of_the_start_gives_the_same_key(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    bundle = await fetch(device, person)
    world.clock.at += MINUTE
    first, second = [(await start(device, person, bundle)).json() for _ in range(2)]
    assert first["paperKey"] == second["paperKey"]
    assert second["fence"] == 1


async def test_a_key_asked_for_one_second_early_is_refused(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    bundle = await fetch(device, person)
    world.clock.at += MINUTE - SECOND
    reply = await start(device, person, bundle)
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/not-yet-open")
    assert "paperKey" not in reply.json()
    world.clock.at += SECOND
    assert (await start(device, person, bundle)).json()["paperKey"]


async def test_a_forged_clock_opens_nothing(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    bundle = await fetch(device, person)
    device.clock_skew_ms = HOUR
    device.http.headers["Date"] = "Tue, 01 Jan 2030 00:00:00 GMT"
    assert (await start(device, person, bundle)).status_code == 409
    for field in ("clientMs", "serverMs", "opensMs", "nowMs"):
        assert (await start(device, person, bundle, **{field: world.clock.at + HOUR})).status_code == 400


async def test_another_attempt_gets_no_key_for_a_foreign_bundle(world: World) -> None:
    sitting = await world.sitting(people=2, opens_in_ms=MINUTE)
    person, thief = sitting.people
    bundle = await fetch(await world.device(person), person)
    device = await world.device(thief)
    assert (await ask(device.http, person)).status_code == 404
    world.clock.at += MINUTE
    own = (await start(device, thief, bundle)).json()
    assert own["paperKey"] is None
    assert own["paper"] is not None
    assert (await start(device, person, bundle)).status_code == 404


async def test_an_institution_admin_and_all_other_staff_get_neither_bundle_nor_key(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    bundle = await fetch(await world.device(person), person)
    world.clock.at += MINUTE
    body = {"attemptId": str(person.id), "storageKey": "0" * 32, "sealedDigest": bundle.digest}
    for role in STAFF:
        client = await world.staff(role)
        assert (await ask(client, person)).status_code == 403
        assert (await client.post("/api/attempt/start", json=body)).status_code == 403


async def test_sealing_again_changes_key_and_nonce(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    first, second = await fetch(device, person), await fetch(device, person)
    world.clock.at += MINUTE
    keys = [(await start(device, person, one)).json()["paperKey"] for one in (first, second)]
    assert first.digest[:24] != second.digest[:24]
    assert keys[0] != keys[1]
    assert first.opened(person, keys[0]) == second.opened(person, keys[1])


async def test_a_sealed_paper_is_there_from_the_entry_on_and_not_before(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=31 * MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    early = await ask(device.http, person)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-yet-open")
    world.clock.at += MINUTE
    assert (await ask(device.http, person)).status_code == 200
    unarmed = await world.sitting(opens_in_ms=MINUTE, arm=False)
    (late,) = unarmed.people
    assert (await ask((await world.device(late)).http, late)).status_code == 404


async def test_the_seventh_bundle_within_ten_minutes_is_refused(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    for _ in range(6):
        await fetch(device, person)
    reply = await ask(device.http, person)
    assert (reply.status_code, reply.json()["type"]) == (429, "/problems/sealed-too-often")
    assert int(reply.headers["retry-after"]) > 0


async def test_pictures_travel_with_their_paper_up_to_300_kb_in_all(world: World) -> None:
    drawings = [
        Picture(sha256(data).hexdigest(), "image/png", data) for data in (bytes(200_000), b"1" * 200_000)
    ]
    act = Act(actor="system", at_ms=world.clock.at)
    pools = world.wired.parts.console.pools
    await pools.store(small_pool("drawings"), drawings, pool_id=None, institution_id=None, act=act)
    for shown, travel in ((drawings[:1], drawings[:1]), (drawings, [])):
        names = tuple(one.sha256 for one in shown)
        pool = small_pool(f"seen{len(shown)}")
        items = tuple(msgspec.structs.replace(item, pictures=names) for item in pool.items)
        sitting = await world.sitting(opens_in_ms=MINUTE, pool=msgspec.structs.replace(pool, items=items))
        (person,) = sitting.people
        device = await world.device(person)
        bundle = await fetch(device, person)
        world.clock.at += MINUTE
        head, data = bundle.unpacked(person, (await start(device, person, bundle)).json()["paperKey"])
        assert [one["sha256"] for one in head["pictures"]] == [one.sha256 for one in travel]
        assert data == b"".join(one.data for one in travel)


async def test_no_bundle_is_given_once_the_attempt_is_closed(world: World) -> None:
    sitting = await world.sitting()
    (person,) = sitting.people
    device = await world.device(person)
    bundle = await fetch(device, person)
    await start(device, person, bundle)
    await device.submit()
    assert (await ask(device.http, person)).json()["type"] == "/problems/already-closed"
    assert (await start(device, person, bundle)).json()["type"] == "/problems/already-closed"


async def test_no_stem_and_no_key_is_in_a_bundle_its_headers_or_a_log(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    with caplog.at_level(logging.DEBUG):
        reply = await ask(device.http, person)
        bundle = Bundle(reply.headers["x-sealed-digest"], reply.content)
        early = await start(device, person, bundle)
        world.clock.at += MINUTE
        key = (await start(device, person, bundle)).json()["paperKey"]
    said = "".join((caplog.text, *capfd.readouterr())).encode()
    headers = str(reply.headers).encode()
    shown = bundle.opened(person, key)
    marks = [one["stem"].encode() for one in shown["items"]]
    marks += [
        option["text"].encode()
        for one in shown["items"]
        for option in one["options"]
        if "做法" in option["text"]
    ]
    assert len(marks) > 10
    assert [
        mark for mark in marks for text in (bundle.data, headers, said, early.content) if mark in text
    ] == []
    assert [
        text for text in (bundle.data, headers, said) if key.encode() in text or bytes.fromhex(key) in text
    ] == []
    assert any(mark in msgspec.json.encode(shown) for mark in marks)  # the marks are real


async def test_key_and_bundle_are_nowhere_in_the_live_state_or_the_record(
    world: World, sqlite_url: str
) -> None:
    sitting = await world.sitting(opens_in_ms=MINUTE)
    (person,) = sitting.people
    device = await world.device(person)
    bundle = await fetch(device, person)
    world.clock.at += MINUTE
    key = bytes.fromhex((await start(device, person, bundle)).json()["paperKey"])
    await world.drain()
    redis = world.wired.lane
    dumped = [await redis.command("DUMP", name) for name in await redis.command("KEYS", "*")]
    dumped = [one for one in dumped if one]
    assert len(dumped) > 5
    record = Path(sqlite_url.partition("///")[2])
    held = [path.read_bytes() for path in record.parent.glob(f"{record.name}*")]
    assert any(str(sitting.id.hex).encode() in one or sitting.id.bytes in one for one in held)
    for mark in (key, key.hex().encode(), bytes.fromhex(bundle.digest), bundle.data[:64]):
        assert [one for one in (*dumped, *held) if mark in one] == []
