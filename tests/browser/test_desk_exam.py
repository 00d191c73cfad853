"""A safety officer's exam in the exam room: no hand ever leaves the keyboard."""

import pytest
from playwright.async_api import Page, expect

from exam_api.demo.load import identity_of
from tests.browser.devices import Device, Devices
from tests.browser.office import Office, Seat
from tests.browser.phone import all_saved, at

pytestmark = pytest.mark.browser

BY_KEYBOARD = "陈志远"
ITEMS = 66
SKIPPED = 3


async def test_a_whole_exam_is_sat_by_keyboard_alone(devices: Devices, office: Office):
    seat = await office.seat("desk", BY_KEYBOARD, identity_of(BY_KEYBOARD))
    async with devices.computer() as device:
        await _log_in(device, seat)
        await _answer_all(device)
        await _hand_in(device)
        told = await office.result(seat)
        shown = await at(device.page, "result-score").inner_text()
        assert told["scoreCenti"] == round(float(shown) * 100)
        assert sum(told["sections"]) == told["scoreCenti"]


async def _log_in(device: Device, seat: Seat) -> None:
    await device.go("/desk/")
    page, keys = device.page, device.page.keyboard
    await expect(at(page, "desk-ticket")).to_be_focused()
    await device.shot("desk-00-login")
    for number in (seat.ticket_no, seat.id_no[-6:], seat.room_code):
        await keys.type(number)
        await keys.press("Tab")
    await keys.press("Shift+Tab")
    await keys.press("Enter")
    await expect(at(page, "ready-name")).to_have_text(seat.name)
    await device.shot("desk-01-ready")
    await keys.press("Enter")
    await expect(at(page, "item")).to_be_visible()
    await expect(at(page, "option-0")).to_be_focused()


async def _answer_all(device: Device) -> None:
    """Every item but one, by letters, arrows and space; marks and pictures where the exam has them."""
    page, keys = device.page, device.page.keyboard
    for slot in range(ITEMS):
        await page.locator(f'[data-testid="item"][data-slot="{slot}"]').wait_for()
        if slot == SKIPPED:
            await keys.press("m")
            await expect(at(page, "item-mark")).to_have_attribute("aria-pressed", "true")
        else:
            await _answer(page, slot)
        if slot in {5, 30, 60}:
            await device.shot(f"desk-02-exam-{slot + 1}")
        await keys.press("ArrowRight")
    await expect(at(page, "hand-in")).to_be_visible()


async def _answer(page: Page, slot: int) -> None:
    options = page.locator("[data-testid=item] .opt")
    if await options.first.get_attribute("role") == "checkbox":
        await page.keyboard.press("a")
        await page.keyboard.press("c")
        await expect(page.locator(".opt[aria-checked=true]")).to_have_count(2)
        return
    if slot % 5 == 0:
        await page.keyboard.press("ArrowDown")
    else:
        await page.keyboard.press("ab"[slot % 2])
    await expect(page.locator(".opt[aria-checked=true]")).to_have_count(1)


async def _hand_in(device: Device) -> None:
    page, keys = device.page, device.page.keyboard
    await expect(at(page, "hand-in-gaps")).to_be_visible()
    await expect(at(page, "hand-in-first")).to_be_focused()
    await device.shot("desk-03-hand-in-gap")
    await keys.press("Escape")
    await expect(at(page, "hand-in")).to_be_hidden()
    await keys.press("n")
    await page.locator(f'[data-testid="item"][data-slot="{SKIPPED}"]').wait_for()
    await keys.press("b")
    await all_saved(device, ITEMS)
    await keys.press("?")
    await expect(at(page, "keys-list")).to_be_visible()
    await device.shot("desk-04-keys")
    await keys.press("Escape")
    await keys.press("Control+Enter")
    await expect(at(page, "hand-in-do")).to_be_focused()
    await device.shot("desk-05-hand-in")
    await keys.press("Enter")
    await expect(at(page, "desk-result")).to_be_visible()
    await expect(at(page, "result-receipt")).to_be_visible()
    await device.shot("desk-06-result")
