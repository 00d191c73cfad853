"""Staff at the console page."""

import io

import openpyxl
from playwright.async_api import Locator, expect

from exam_api.demo.load import PASSWORD
from tests.browser.devices import Device
from tests.browser.office import Seat


def at(device: Device, name: str) -> Locator:
    return device.page.get_by_test_id(name)


async def log_in_by_hand(device: Device, login_name: str) -> None:
    await device.go("/console/")
    await at(device, "login-name").fill(login_name)
    await at(device, "login-password").fill(PASSWORD)
    await device.shot("console-login")
    await at(device, "login-send").click()
    await expect(at(device, "me-menu")).to_be_visible()


async def log_in(device: Device, login_name: str) -> None:
    """Log in at the API; the cookie is the page's."""
    await device.post("/api/login/staff", {"loginName": login_name, "password": PASSWORD})
    await device.go("/console/#/sessions")


async def watch(device: Device, seat: Seat) -> Locator:
    """The live screen of a session; gives the candidate's place on it."""
    await device.go(f"/console/#/sessions/{seat.session_id}/live")
    tile = at(device, f"tile-{seat.attempt_id}")
    await expect(tile).to_be_visible()
    return tile


async def act(device: Device, name: str, text: str) -> None:
    """One act of the open drawer, with its words."""
    await at(device, f"act-{name}").click()
    form = at(device, f"form-{name}")
    await form.get_by_test_id("act-text").fill(text)
    await form.get_by_test_id("act-send").click()
    await expect(form.get_by_test_id("act-done")).to_be_visible()


async def takeover_code(device: Device, seat: Seat) -> str:
    """A code for another device, as it stands large in the drawer."""
    await at(device, f"tile-{seat.attempt_id}").click()
    await at(device, "act-takeover").click()
    shown = at(device, "takeover-code")
    await expect(shown).to_be_visible()
    return (await shown.inner_text()).replace(" ", "")


async def taken_away(device: Device, button: str) -> list[dict[str, object]]:
    """A list as the workbook that comes down: its rows by the words of the heads."""
    async with device.page.expect_download() as coming:
        await at(device, button).click()
    file = await (await coming.value).path()
    sheet = openpyxl.load_workbook(io.BytesIO(file.read_bytes())).active
    assert sheet is not None
    heads, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip((str(head) for head in heads), row, strict=True)) for row in rows]
