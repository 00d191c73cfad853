"""Nothing that could help a cheat stays on a device: no answer of the API in a cache, no key, no explanation anywhere."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Response, expect

from exam_api.demo.load import identity_of
from tests.browser import phone
from tests.browser.devices import Device, Devices
from tests.browser.knowledge import rationales
from tests.browser.office import Office
from tests.browser.phone import at
from tests.e2e.canary import FORBIDDEN, leaks, marks_in

pytestmark = pytest.mark.browser

CURIOUS = "赵永强"
MARKS = [text.encode() for text in rationales()]

CACHED = """async () => {
    const names = await caches.keys()
    const held = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((r) => r.url)))
    return held.flat()
}"""
KEPT = """async () => {
    const names = (await indexedDB.databases()).map((one) => one.name)
    const opened = await Promise.all(names.map((name) => new Promise((done, fail) => {
        const asked = indexedDB.open(name)
        asked.onsuccess = () => done(asked.result)
        asked.onerror = () => fail(asked.error)
    })))
    const rows = await Promise.all(opened.flatMap((db) => [...db.objectStoreNames].map((store) => new Promise((done) => {
        const all = db.transaction(store).objectStore(store).getAll()
        all.onsuccess = () => done(all.result)
    }))))
    opened.forEach((db) => db.close())
    return rows.flat()
}"""


async def test_after_an_exam_the_device_holds_no_answer_of_the_api_and_no_key(devices: Devices, office: Office):
    seat = await office.seat("phone", CURIOUS, identity_of(CURIOUS))
    async with devices.phone() as device:
        heard = _listen(device)
        await phone.log_in(device, seat.name)
        await device.go("/phone/")
        await _practise(device)
        await phone.enter(device, seat.attempt_id)
        await phone.shell_is_kept(device)
        await phone.answer(device, 3)
        await phone.all_saved(device, 3)
        during = await device.page.evaluate(KEPT)
        assert any(row.get("start") for row in during), "the paper is on the device during the exam"
        await phone.hand_in(device)
        cached = await device.page.evaluate(CACHED)
        assert any("/phone/index.html" in url for url in cached)
        assert [url for url in cached if "/api/" in url] == []
        after = await device.page.evaluate(KEPT)
        for kept in (during, after):
            assert _forbidden(kept) == []
            assert marks_in([("kept", str(kept).encode())], MARKS) == []
        assert all(row.get("start") is None for row in after), "the paper goes with the hand-in"
        said = await asyncio.gather(*heard)
        assert len(said) > 8
        assert [leak for path, body in said for leak in leaks(path, body, MARKS)] == []


async def _practise(device: Device) -> None:
    """The five items that anyone may try at any time."""
    page = device.page
    await at(page, "go-practice").tap()
    for place in range(5):
        await expect(at(page, "item")).to_have_attribute("data-slot", str(place))
        await at(page, "option-0").tap()
        await at(page, "practice-finish" if place == 4 else "exam-next").tap()
    await expect(at(page, "practice-outcome")).to_be_visible()
    await device.shot("phone-50-practice")
    await at(page, "practice-back").tap()


def _listen(device: Device) -> list[asyncio.Task[tuple[str, bytes]]]:
    """Every reply of the API to this device, as it came."""
    heard: list[asyncio.Task[tuple[str, bytes]]] = []

    async def body(response: Response, path: str) -> tuple[str, bytes]:
        return path, await response.body()

    def answered(response: Response) -> None:
        path = response.url.removeprefix(device.base)
        if path.startswith("/api/") and path != "/api/attempt/down" and response.status == 200:
            heard.append(asyncio.ensure_future(body(response, path)))

    device.context.on("response", answered)
    return heard


def _forbidden(value: Any) -> list[str]:
    """Names of fields that no candidate's device may hold."""
    if isinstance(value, dict):
        own = [name for name in value if name.lower() in FORBIDDEN]
        return own + [name for inner in value.values() for name in _forbidden(inner)]
    return [name for inner in value for name in _forbidden(inner)] if isinstance(value, list) else []
