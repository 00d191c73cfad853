"""A refused call bears a reference that people can tell by phone; the service's log is searched by it."""

import re

import msgspec
import pytest
from playwright.async_api import Page, expect

from tests.browser import console, phone
from tests.browser.devices import Device, Devices
from tests.browser.office import OFFICER
from tests.browser.phone import at
from tests.browser.sittings import identity
from tests.servers import Service

pytestmark = pytest.mark.browser

SOMEBODY = "周立平"
NOBODYS = "0f0e0d0c-0b0a-4908-8706-050403020100"

COPIED = """(one) => {
    const range = document.createRange()
    range.selectNode(one)
    getSelection().removeAllRanges()
    getSelection().addRange(range)
    return getSelection().toString()
}"""


async def test_at_a_desk_the_reference_of_a_refused_log_in_finds_its_line_in_the_log(
    devices: Devices, service: Service
) -> None:
    async with devices.computer() as device:
        await device.go("/desk/")
        await _type_numbers(device)
        number = await _reference(device.page)
        [line] = _lines(service, number)
        assert (line["event"], line["route"], line["status"]) == ("http.reply", "/api/login/desk", 401)
        await device.shot("reference-desk-zh")
        await at(device.page, "switch-language").click()
        await _type_numbers(device, again=True)
        await expect(at(device.page, "reference")).to_contain_text("For help, give reference")
        assert await _reference(device.page) != number
        await device.shot("reference-desk-en")


async def test_on_a_phone_it_is_read_figure_by_figure_and_copied_whole(
    devices: Devices, service: Service
) -> None:
    async with devices.phone() as device:
        page = device.page
        await phone.log_in(device, SOMEBODY)
        device.expected.add((404, "/api/attempt/start"))
        await device.go(f"/phone/#/exam/{NOBODYS}")
        number = await _reference(page)
        [line] = _lines(service, number)
        assert (line["route"], line["status"]) == ("/api/attempt/start", 404)
        shown = at(page, "reference-number")
        assert await shown.locator("span").all_inner_texts() == re.findall("....", number)
        assert await shown.evaluate(COPIED) == number
        told = await page.get_by_role("status").aria_snapshot()
        assert "求助时请报编号" in told
        assert ", ".join(" ".join(four) for four in re.findall("....", number)) in told
        await device.shot("reference-phone-zh")
        await device.go(f"/phone/?lang=en#/exam/{NOBODYS}")
        await expect(at(page, "reference")).to_contain_text("For help, give reference")
        await device.shot("reference-phone-en")


async def test_without_network_or_where_only_a_field_is_empty_there_is_no_reference(
    devices: Devices,
) -> None:
    async with devices.phone() as device:
        page = device.page
        await device.go("/phone/")
        await at(page, "login-id").tap()
        for sign in identity("求助编号", 0):
            await at(page, f"pad-{sign}").tap()
        await at(page, "login-send-code").tap()
        await expect(at(page, "trouble")).to_be_visible()
        await expect(at(page, "reference")).to_have_count(0)
        await at(page, "login-name").fill("没有这人")
        device.expected.add((401, "/api/login/candidate"))
        await at(page, "login-send-code").tap()
        await device.context.set_offline(True)
        await expect(at(page, "login-code")).to_be_visible()
        await at(page, "login-code").click()
        for sign in "123456":
            await at(page, f"pad-{sign}").tap()
        await at(page, "login-submit").tap()
        await expect(at(page, "trouble")).to_contain_text("没连上网")
        await expect(at(page, "reference")).to_have_count(0)
        await device.shot("reference-none-offline")
        await device.context.set_offline(False)
        await at(page, "login-submit").tap()
        await expect(at(page, "reference")).to_be_in_viewport()
        await device.shot("reference-phone-login")


async def test_the_consoles_notes_of_errors_bear_it_too(devices: Devices, service: Service) -> None:
    async with devices.computer() as device:
        await console.log_in(device, OFFICER)
        device.expected.add((404, f"/api/sessions/{NOBODYS}/results"))
        await device.go(f"/console/#/sessions/{NOBODYS}/results")
        number = await _reference(device.page)
        assert [line["status"] for line in _lines(service, number)] == [404]
        await device.shot("reference-console-zh")


async def _type_numbers(device: Device, *, again: bool = False) -> None:
    """Numbers of nobody."""
    device.expected.add((401, "/api/login/desk"))
    page = device.page
    for field, number in (("ticket", "100000001"), ("six", "123456"), ("room", "654321")):
        await at(page, f"desk-{field}").fill(number)
    if again:
        before = await at(page, "reference-number").inner_text()
        await at(page, "desk-send").click()
        await expect(at(page, "reference-number")).not_to_have_text(before)
    else:
        await at(page, "desk-send").click()


async def _reference(page: Page) -> str:
    """The number as it stands on the screen."""
    shown = at(page, "reference-number")
    await expect(shown).to_be_visible()
    number = await shown.inner_text()
    assert re.fullmatch(r"\d{12}", number), number
    return number


def _lines(service: Service, number: str) -> list[dict[str, object]]:
    """Lines of the service's log that bear it, as somebody at the machine would grep them."""
    found = [line for line in service.log.splitlines() if f'"{number}"' in line]
    return [msgspec.json.decode(line[line.index("{") :]) for line in found]
