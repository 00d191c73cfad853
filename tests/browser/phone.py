"""A candidate's hands on the phone page."""

import re

from playwright.async_api import Page, expect

from exam_api.demo.load import identity_of
from tests.browser.devices import Device
from tests.browser.knowledge import right_places
from tests.browser.office import Seat


def at(page: Page, name: str):
    return page.get_by_test_id(name)


async def log_in_by_hand(device: Device, name: str, id_no: str) -> None:
    """Name by keyboard, numbers on the page's own pad, the code from the page (demo)."""
    page = device.page
    await at(page, "login-name").fill(name)
    await at(page, "login-id").tap()
    for sign in id_no:
        await at(page, f"pad-{sign}").tap()
    await expect(at(page, "login-id-ok")).to_be_visible()
    await device.shot("phone-01-login-id")
    await at(page, "login-send-code").tap()
    await expect(at(page, "login-code")).to_be_visible()
    told = await page.locator(".field", has=at(page, "login-code")).inner_text()
    code = re.search(r"\d{6}", told)
    assert code, told
    await device.shot("phone-02-login-code")
    for sign in code[0]:
        await at(page, f"pad-{sign}").tap()
    await at(page, "login-submit").tap()


async def log_in(device: Device, name: str, id_no: str = "") -> None:
    """Log in at the API; the cookies are the page's."""
    person = {"name": name, "idNo": id_no or identity_of(name)}
    code = (await device.post("/api/login/code", person))["demoCode"]
    await device.post("/api/login/candidate", person | {"code": code})


async def log_in_by_ticket(device: Device, seat: Seat, ticket: str) -> None:
    """The second way in: the ticket's QR and the last six of the number."""
    await device.post("/api/login/ticket", {"ticket": ticket, "lastSix": seat.id_no[-6:]})


async def enter(device: Device, attempt_id: str) -> None:
    """Straight to the exam screen."""
    await device.go(f"/phone/#/exam/{attempt_id}")
    await in_exam(device)


async def in_exam(device: Device) -> None:
    await expect(at(device.page, "item")).to_be_visible()


ITEMS = 50
"""Of the demo's exam on the phone."""

SHOWN = """() => {
    const item = document.querySelector('[data-testid=item]')
    const words = [...item.querySelectorAll('.opt .words')].map((one) => one.innerText)
    return { slot: Number(item.dataset.slot), stem: item.querySelector('.stem').innerText, words }
}"""


async def answer(device: Device, count: int, *, right: bool = True) -> None:
    """Answer the shown item and go on, so many times, staying at the last; `right` or certainly wrong."""
    page = device.page
    for _ in range(count):
        shown = await page.evaluate(SHOWN)
        places = right_places(shown["stem"], shown["words"])
        option = at(page, f"option-{places[0] if right else 1 - min(places[0], 1)}")
        await option.tap()
        await page.locator(".opt[aria-checked=true]").wait_for()
        if shown["slot"] + 1 < ITEMS:
            await at(page, "exam-next").tap()
            await page.locator(f'[data-testid="item"][data-slot="{shown["slot"] + 1}"]').wait_for()


async def all_saved(device: Device, count: int) -> None:
    """The line says that the service holds everything."""
    line = at(device.page, "sync-line")
    await expect(line).to_have_attribute("data-unsynced", "0")
    await expect(line).to_have_attribute("data-saved", str(count))


async def hand_in(device: Device) -> None:
    """From the exam screen to the result."""
    page = device.page
    await at(page, "exam-hand-in").tap()
    await at(page, "hand-in-now").tap()
    await expect(at(page, "result")).to_be_visible()
    await expect(at(page, "result")).to_have_attribute("data-durable", "true")


async def shell_is_kept(device: Device) -> None:
    """The service worker controls the page: it opens without network."""
    await device.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
