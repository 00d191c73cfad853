"""Lists at the console: found, kept, ticked by keyboard, done many at a time, taken away as a file."""

import io

import openpyxl
import pytest
from playwright.async_api import expect

from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Devices
from tests.browser.office import OFFICER, Office
from tests.browser.sittings import planned_drafts
from tests.servers import Service

pytestmark = pytest.mark.browser

BATCH = "批量开放走查"


async def test_drafts_are_opened_together_and_the_one_that_was_taken_meanwhile_is_named(
    devices: Devices, office: Office, service: Service
):
    drafts = await planned_drafts(service, [f"{BATCH} {n}" for n in range(1, 5)])
    async with devices.computer() as device:
        keys = device.page.keyboard
        await console.log_in(device, OFFICER)
        await at(device, "table-find").fill(BATCH)
        await expect(at(device, "table-count")).to_contain_text("4 /")
        await at(device, "sort-title").click()
        await at(device, f"session-{drafts[0]}").focus()
        await keys.press("Space")
        await keys.press("ArrowDown")
        await keys.press("Shift+End")
        await expect(at(device, "table-count")).to_have_text("已选 4 行")
        await device.shot("console-list-ticked")
        device.expected.add((409, f"/api/sessions/{drafts[2]}/open"))
        await office.post(f"/api/sessions/{drafts[2]}/open")
        await at(device, "bulk-open").click()
        await at(device, "bulk-confirm").click()
        await expect(at(device, "bulk-outcome")).to_contain_text("3 行办成，1 行没有办成")
        await expect(at(device, f"refused-{drafts[2]}")).to_contain_text(f"{BATCH} 3")
        await device.shot("console-list-outcome")
        await at(device, "bulk-close").click()
        states = {one["id"]: one["state"] for one in (await office.get("/api/sessions"))["sessions"]}
        assert {states[one] for one in drafts} == {"open"}


async def test_a_filter_is_kept_by_name_and_comes_first_the_next_time(devices: Devices):
    async with devices.computer() as device:
        await console.log_in(device, OFFICER)
        await at(device, "table-choice-channel").select_option("机房")
        await at(device, "table-saved").click()
        await at(device, "saved-name").fill("只看机房")
        await at(device, "saved-keep").click()
        await device.page.get_by_label("打开时先用“只看机房”").click()
        await device.shot("console-list-filters")
        await device.page.reload()
        await expect(at(device, "table-choice-channel")).to_have_value("机房")
        await at(device, "table-clear").click()
        await expect(at(device, "table-choice-channel")).to_have_value("")


async def test_a_list_is_taken_away_as_the_screen_shows_it(devices: Devices):
    async with devices.computer() as device:
        await console.log_in(device, OFFICER)
        await at(device, "table-choice-channel").select_option("机房")
        async with device.page.expect_download() as coming:
            await at(device, "table-excel").click()
        file = await (await coming.value).path()
        sheet = openpyxl.load_workbook(io.BytesIO(file.read_bytes())).active
        assert sheet is not None
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert rows[0][0] == "名称"
        assert {row[3] for row in rows[1:]} == {"机房"}


async def test_slash_jumps_and_the_question_mark_shows_the_keys(devices: Devices):
    async with devices.computer() as device:
        keys = device.page.keyboard
        await console.log_in(device, OFFICER)
        await expect(at(device, "sessions")).to_be_visible()
        await keys.press("?")
        await expect(at(device, "keys").first).to_be_visible()
        await device.shot("console-keys")
        await keys.press("Escape")
        await expect(at(device, "keys").first).to_be_hidden()
        await keys.press("/")
        await at(device, "jump-words").fill("专职安全 机考")
        await expect(at(device, "jump-0")).to_contain_text("专职安全")
        await device.shot("console-jump")
        await keys.press("Enter")
        await expect(at(device, "screen-title")).to_contain_text("（C 类）机考（示例）")
