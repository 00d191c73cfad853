"""The waiting room: the paper is on the phone, nobody reads it there; at the start only a key comes."""

import msgspec
import pytest
from playwright.async_api import Page, expect

from tests.browser import phone
from tests.browser.devices import Devices
from tests.browser.phone import at
from tests.browser.sittings import own_session
from tests.servers import Service

pytestmark = pytest.mark.browser

OPENS_IN_MS = 9_000

KEPT = """async () => {
    const text = (bytes) => Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join("")
    const shown = (value) => JSON.stringify(value, (_, one) => (one instanceof ArrayBuffer ? text(one) : one))
    const wait = (asked) => new Promise((done, failed) => {
        asked.onsuccess = () => done(asked.result)
        asked.onerror = () => failed(asked.error)
    })
    const found = [document.documentElement.outerHTML, JSON.stringify({ ...localStorage, ...sessionStorage })]
    for (const { name } of await indexedDB.databases()) {
        const db = await wait(indexedDB.open(name))
        for (const store of db.objectStoreNames) {
            found.push(shown(await wait(db.transaction(store).objectStore(store).getAll())))
        }
        db.close()
    }
    for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        for (const request of await cache.keys()) {
            found.push(request.url + text(await (await cache.match(request)).arrayBuffer()))
        }
    }
    return found
}"""
"""Everything that a page has on this device: what it shows, storage, databases, caches."""

STEMS = """async () => {
    const asked = indexedDB.open("kaowu")
    await new Promise((done) => (asked.onsuccess = done))
    const all = asked.result.transaction("sittings").objectStore("sittings").getAll()
    await new Promise((done) => (all.onsuccess = done))
    asked.result.close()
    return all.result[0].start.paper.items.map((item) => item.stem)
}"""


async def test_the_paper_waits_sealed_on_the_phone_and_opens_with_a_key(
    devices: Devices, service: Service
) -> None:
    [seat] = await own_session(
        service, "架子工手机考试 · 密封卷", channel="phone", people=["马占海"], opens_in_ms=OPENS_IN_MS
    )
    async with devices.phone() as worker:
        await phone.log_in(worker, seat.name, seat.id_no)
        worker.listen()
        await worker.go(f"/phone/#/wait/{seat.attempt_id}")
        await expect(at(worker.page, "wait-paper")).to_have_attribute("data-sealed", "true")
        await expect(at(worker.page, "wait-paper")).to_contain_text("还没拆封")
        await worker.shot("phone-44-paper-sealed")
        before = await worker.page.evaluate(KEPT)
        await phone.in_exam(worker)
        stems = await worker.page.evaluate(STEMS)
        assert len(stems) == phone.ITEMS
        assert [stem for stem in stems for text in before if _in(stem, text)] == []
        assert any(_in(stems[0], text) for text in await worker.page.evaluate(KEPT))
        starts = [body for path, body in await worker.replies() if path == "/api/attempt/start"]
        assert [len(body) < 1024 for body in starts] == [True]
        assert msgspec.json.decode(starts[0])["paper"] is None
        assert await _bundles(worker.page) == 0
        await phone.answer(worker, 1)
        await phone.all_saved(worker, 1)


def _in(stem: str, text: str) -> bool:
    """Also as UTF-8 that was read byte by byte."""
    return stem in text or stem.encode().decode("latin-1") in text


async def _bundles(page: Page) -> int:
    return await page.evaluate("""async () => {
        const asked = indexedDB.open("kaowu-sealed")
        await new Promise((done) => (asked.onsuccess = done))
        const count = asked.result.transaction("bundles").objectStore("bundles").count()
        await new Promise((done) => (count.onsuccess = done))
        asked.result.close()
        return count.result
    }""")
