"""For every hand and eye: targets a thumb can hit, large letters without sideways scrolling, a seen focus."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from exam_api.demo.load import identity_of
from tests.browser import console, phone
from tests.browser.devices import PHONE, Device, Devices
from tests.browser.office import INSTITUTION_ADMIN, Office
from tests.browser.phone import at

pytestmark = pytest.mark.browser

ALL_HANDS = "扎西东智"
LARGE_LETTERS = "张德才"
TARGET_PX = 44
ZOOMED = {"viewport": {"width": 195, "height": 422}, "device_scale_factor": 4}
"""The phone at 200 %."""

SMALL_TARGETS = """(least) => {
    const reached = 'button, a[href], input, select, textarea, [tabindex="0"]'
    const shown = [...document.querySelectorAll(reached)].filter((one) => one.checkVisibility())
    return shown.map((one) => {
        const { width, height } = one.getBoundingClientRect()
        return [one.dataset.testid ?? one.outerHTML.slice(0, 80), Math.round(width), Math.round(height)]
    }).filter(([, width, height]) => width < least || height < least)
}"""
SIDEWAYS = """() => {
    const scrolls = (one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)
    const wide = (one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1
    const page = document.scrollingElement
    return [page, ...document.querySelectorAll('body *')]
        .filter((one) => wide(one) && (one === page || scrolls(one)))
        .map((one) => `${one.tagName}.${one.className} ${one.scrollWidth} > ${one.clientWidth}`)
}"""
OUTSIDE = """() => {
    const outside = (one) => {
        const { width, left, right } = one.getBoundingClientRect()
        return width > 0 && (right > innerWidth + 1 || left < -1)
    }
    return [...document.querySelectorAll('button, input, [data-testid]')]
        .filter((one) => one.checkVisibility() && !one.closest('[aria-hidden=true]') && outside(one))
        .map((one) => one.dataset.testid ?? one.outerHTML.slice(0, 80))
}"""
FOCUS = """() => {
    const one = document.activeElement
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    const ring = [one, one.parentElement].some((shown) => getComputedStyle(shown).boxShadow !== 'none')
    const seen = one === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || ring
    return { name: one.dataset.testid ?? one.tagName, seen }
}"""


async def test_every_target_of_the_exam_is_as_large_as_a_thumb_at_every_letter_size(
    devices: Devices, office: Office
):
    seat = await office.seat("phone", ALL_HANDS, identity_of(ALL_HANDS))
    async with devices.phone() as device:
        await phone.log_in(device, seat.name)
        await phone.enter(device, seat.attempt_id)
        await phone.answer(device, 2)
        for size in ("m", "l", "xl"):
            await _letters(device, size)
            await _fits(device.page, f"letters {size}")
            await device.shot(f"phone-60-letters-{size}")
        await device.page.set_viewport_size({"width": 360, "height": 640})
        await _fits(device.page, "360 wide, largest letters")
        await device.shot("phone-61-small-phone-largest-letters")
        await _letters(device, "m")
        await _sheets(device)
        await _focus_is_seen(device.page, 12)


async def _letters(device: Device, size: str) -> None:
    await at(device.page, "exam-size").tap()
    await at(device.page, f"size-{size}").tap()
    await device.shot("phone-62-letter-size")
    await at(device.page, "size-done").tap()
    await expect(at(device.page, "size-done")).to_be_hidden()
    await expect(device.page.locator(f'[data-size="{size}"]')).to_have_count(1)


async def _fits(page: Page, what: str) -> None:
    assert await page.evaluate(SMALL_TARGETS, TARGET_PX) == [], what
    assert await page.evaluate(SIDEWAYS) == [], what
    assert await page.evaluate(OUTSIDE) == [], what


async def _sheets(device: Device) -> None:
    """What lies over the item: answer sheet, hand-in, report."""
    page = device.page
    for opener, sheet in (("exam-sheet", "all"), ("exam-hand-in", "hand-in"), ("item-report", "report")):
        await at(page, opener).tap()
        await expect(at(page, f"close-{sheet}")).to_be_visible()
        await _fits(page, sheet)
        await device.shot(f"phone-63-{sheet}")
        await at(page, f"close-{sheet}").tap()
        await expect(at(page, f"close-{sheet}")).to_be_hidden()


async def test_at_200_percent_nothing_scrolls_sideways(devices: Devices, office: Office):
    seat = await office.seat("phone", LARGE_LETTERS, identity_of(LARGE_LETTERS))
    async with devices.phone(**PHONE | ZOOMED) as device:
        page = device.page
        await device.go("/phone/")
        await expect(at(page, "login-name")).to_be_visible()
        await _no_sideways(device, "login")
        await phone.log_in_by_ticket(device, seat, await office.ticket(seat))
        await device.go("/phone/#/exams")
        await expect(at(page, "exam-first")).to_be_visible()
        await _no_sideways(device, "exams")
        await phone.enter(device, seat.attempt_id)
        await _no_sideways(device, "item")
        await phone.answer(device, 1)
        await at(page, "exam-hand-in").tap()
        await expect(at(page, "hand-in")).to_be_visible()
        await _no_sideways(device, "hand-in")


async def _no_sideways(device: Device, what: str) -> None:
    await device.shot(f"phone-64-200-percent-{what}")
    assert await device.page.evaluate(SIDEWAYS) == [], what
    assert await device.page.evaluate(OUTSIDE) == [], what


async def _focus_is_seen(page: Page, steps: int) -> None:
    for _ in range(steps):
        await page.keyboard.press("Tab")
        at_focus: dict[str, Any] = await page.evaluate(FOCUS)
        assert at_focus["seen"], f"no ring on {at_focus['name']}"


async def test_the_focus_is_seen_on_desk_and_console(devices: Devices):
    async with devices.computer() as device:
        await device.go("/desk/")
        await expect(at(device.page, "desk-ticket")).to_be_focused()
        await _focus_is_seen(device.page, 4)
        await console.log_in(device, INSTITUTION_ADMIN)
        await expect(console.at(device, "session-new")).to_be_visible()
        await _focus_is_seen(device.page, 12)
        await device.shot("console-sessions")
