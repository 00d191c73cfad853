"""Nothing that could help a cheat stays on a device: no answer of the API in a cache, no key in a store."""

from typing import Any

import pytest
from playwright.async_api import expect

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
    const opened = await Promise.all(names.map((name) => caches.open(name)))
    const held = await Promise.all(opened.map((cache) => cache.keys()))
    return held.flat().map((request) => request.url)
}"""
KEPT = """async () => {
    const done = (asked) => new Promise((kept, failed) => {
        asked.onsuccess = () => kept(asked.result)
        asked.onerror = () => failed(asked.error)
    })
    const rows = []
    for (const { name } of await indexedDB.databases()) {
        const db = await done(indexedDB.open(name))
        for (const store of db.objectStoreNames) {
            rows.push(...(await done(db.transaction(store).objectStore(store).getAll())))
        }
        db.close()
    }
    return rows
}"""


async def test_after_an_exam_no_cache_holds_the_api_and_no_store_a_key(devices: Devices, office: Office):
    seat = await office.seat("phone", CURIOUS, identity_of(CURIOUS))
    async with devices.phone() as device:
        device.listen()
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
        said = await device.replies()
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


def _forbidden(value: Any) -> list[str]:
    """Names of fields that no candidate's device may hold."""
    if isinstance(value, dict):
        own = [name for name in value if name.lower() in FORBIDDEN]
        return own + [name for inner in value.values() for name in _forbidden(inner)]
    return [name for inner in value for name in _forbidden(inner)] if isinstance(value, list) else []
