"""English is complete: with it chosen, nothing that the pages say themselves is Chinese."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.async_api import expect

from exam_api.demo.load import identity_of
from tests.browser import console, phone
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.office import INSTITUTION_ADMIN, Office

pytestmark = pytest.mark.browser

READER = "冶玉梅"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHINESE_ALWAYS = ("中文", "对", "错")
"""The switch back; the signs before the options of a true-or-false item, which speak its language."""


async def test_the_phone_speaks_english_from_the_log_in_to_the_hand_in(devices: Devices, office: Office):
    seat = await office.seat("phone", READER, identity_of(READER))
    async with devices.phone() as device:
        device.listen()
        await device.go("/phone/")
        await at(device, "language").tap()
        await _is_english(device, "login")
        await phone.log_in(device, seat.name)
        await device.go("/phone/#/exams")
        await expect(at(device, "exam-first")).to_be_visible()
        await _is_english(device, "exams")
        await at(device, "exam-act").tap()
        await expect(at(device, "rules")).to_be_visible()
        await _is_english(device, "rules")
        await at(device, "rules-next").tap()
        await expect(at(device, "device-check")).to_have_attribute("data-storage", "true")
        await _is_english(device, "check")
        await phone.enter(device, seat.attempt_id)
        await _is_english(device, "exam")
        for opener, sheet in (("exam-sheet", "all"), ("exam-hand-in", "hand-in"), ("exam-size", "size")):
            await at(device, opener).tap()
            await expect(at(device, f"close-{sheet}")).to_be_visible()
            await _is_english(device, sheet)
            await at(device, f"close-{sheet}").tap()
            await expect(at(device, f"close-{sheet}")).to_be_hidden()


async def test_desk_and_console_speak_english(devices: Devices, office: Office):
    seat = await office.seat("phone", READER, identity_of(READER))
    async with devices.computer() as device:
        device.listen()
        await device.go("/desk/")
        await at(device, "switch-language").click()
        await _is_english(device, "desk-login")
        await console.log_in(device, INSTITUTION_ADMIN)
        for path, shown in (
            ("/sessions", "session-new"),
            ("/sessions/new", "session-title"),
            (f"/sessions/{seat.session_id}", "registrations"),
            (f"/sessions/{seat.session_id}/live", "seat-grid"),
            (f"/sessions/{seat.session_id}/results", "results"),
            ("/pools", "pool-new"),
            ("/pools/new/import", "import-drop"),
            ("/blueprints", "blueprint-new"),
            ("/late", "late-open"),
        ):
            await device.go(f"/console/#{path}")
            await expect(at(device, shown)).to_be_visible()
            await _is_english(device, f"console{path.replace(seat.session_id, 'one').replace('/', '-')}")


async def _is_english(device: Device, name: str) -> None:
    """Take away what the service said (names, titles, items): no Chinese word may be left."""
    await device.shot(f"english-{name}")
    words = str(await device.page.evaluate("() => document.body.innerText"))
    replies = [msgspec.json.decode(body) for _path, body in await device.replies() if body[:1] == b"{"]
    data = {text for reply in replies for text in _texts(reply)}
    for text in sorted(data.union(CHINESE_ALWAYS), key=len, reverse=True):
        words = words.replace(text, "")
    assert [line for line in words.splitlines() if CHINESE.search(line)] == [], name


def _texts(value: Any, key: str = "") -> Iterator[str]:
    """Chinese texts of a reply, but not those that have an English sister."""
    if isinstance(value, str):
        if CHINESE.search(value) and key != "zh":
            yield value
            yield from value.split()
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
