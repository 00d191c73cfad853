"""Staff before an exam: a bank with faults is looked at and taken in, a sitting is planned and opened."""

from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.office import INSTITUTION_ADMIN, OFFICER, Office
from tests.browser.sittings import identity
from tests.fixtures.pools.workbooks import L9, L9_ROWS, xlsx

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAULTY = (
    ("单选题", "", "甲", "乙", "丙", "丁", "A", "", "易", 1, "1.1"),
    ("单选题", "安全帽的使用年限从哪天算起？", "领用之日", "出厂之日", "", "", "C", "", "中", 1, "1.2"),
    ("单选题", "下列哪些属于“三宝”？", "安全帽", "安全带", "安全网", "手套", "ABC", "", "中", 1, "1.2"),
    ("问答题", "简述脚手架验收的内容。", "", "", "", "", "略", "", "难", 5, "1.3"),
)


def _file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": XLSX, "buffer": data}


async def test_a_bank_with_faults_is_shown_row_by_row_and_its_sound_rows_are_taken_in(devices: Devices):
    bank = xlsx({"题库": [L9, *L9_ROWS, *FAULTY]})
    async with devices.computer() as device:
        await console.log_in_by_hand(device, INSTITUTION_ADMIN)
        await at(device, "rail-pools").click()
        await expect(device.page.get_by_text("worker-scaffolder")).to_be_visible()
        await device.shot("console-pools")
        await at(device, "pool-new").click()
        await device.shot("console-import-1-file")
        await at(device, "file-input").set_input_files(_file("架子工题库（2026 修订）.xlsx", bank))
        await expect(at(device, "import-accepted")).to_contain_text("3")
        await expect(at(device, "import-rejected")).to_contain_text("4")
        told = at(device, "import-problems")
        for row, code in (
            (5, "E_STEM_EMPTY"),
            (6, "E_KEY_NOT_IN_OPTIONS"),
            (7, "E_SINGLE_MULTI_KEY"),
            (8, "E_TYPE"),
        ):
            await expect(told.locator("[role=row]", has_text=code)).to_contain_text(str(row))
        await expect(at(device, "import-all")).to_be_disabled()
        await told.locator("[role=row]", has_text="E_KEY_NOT_IN_OPTIONS").click()
        await device.shot("console-import-2-preview")
        await at(device, "import-valid").click()
        await expect(at(device, "import-done")).to_be_visible()
        await expect(at(device, "import-done")).to_contain_text("草稿")
        await expect(at(device, "import-review")).to_be_enabled()
        await device.shot("console-import-3-taken")


async def test_an_officer_plans_a_sitting_takes_its_roster_and_opens_it(devices: Devices, office: Office):
    title = "海东市架子工第 12 批"
    good = [("姓名", "身份证号", "手机号"), ("马成福", identity(title, 0), "13800000001")]
    bad = [*good, ("李强", "639900199001011235", "13800000002")]
    async with devices.computer() as device:
        await console.log_in(device, OFFICER)
        await at(device, "session-new").click()
        await at(device, "session-title").fill(title)
        await _choose(at(device, "session-institution"), "青海建设")
        await _choose(at(device, "session-profile"), "手机")
        await _choose(at(device, "session-pool"), "架子工（普通脚手架）")
        await _choose(at(device, "session-blueprint"), "架子工手机考试")
        await device.shot("console-session-1-new")
        await at(device, "session-create").click()
        await expect(at(device, "screen-title")).to_contain_text(title)
        await expect(at(device, "session-open")).to_be_disabled()
        await at(device, "file-input").set_input_files(_file("名单.xlsx", xlsx({"名单": bad})))
        await expect(at(device, "roster-problems")).to_contain_text("3")
        await expect(at(device, "roster-store")).to_be_disabled()
        await device.shot("console-session-2-roster-refused")
        await _take(device, xlsx({"名单": good}))
        await at(device, "session-open").click()
        await expect(at(device, "session-live")).to_be_visible()
        await device.shot("console-session-3-open")
        await at(device, "session-tickets").click()
        await expect(at(device, "tickets")).to_contain_text("马成福")
        await device.shot("console-session-4-tickets")
        session = await _session(office, title)
        assert (session["registrations"], session["state"]) == (1, "open")


async def _take(device: Device, book: bytes) -> None:
    await device.page.get_by_text("换一个文件").click()
    await at(device, "file-input").set_input_files(_file("名单.xlsx", book))
    await at(device, "roster-store").click()
    await expect(at(device, "registrations")).to_contain_text("马成福")


async def _choose(field: Locator, words: str) -> None:
    """Choose the first entry that has these words."""
    value = await field.locator("option", has_text=words).first.get_attribute("value")
    await field.select_option(value)


async def _session(office: Office, title: str) -> dict[str, Any]:
    return next(one for one in (await office.get("/api/sessions"))["sessions"] if one["title"] == title)


async def test_a_blueprint_that_a_pool_cannot_fill_names_what_is_missing(devices: Devices):
    async with devices.computer() as device:
        await console.log_in(device, INSTITUTION_ADMIN)
        await at(device, "rail-blueprints").click()
        await at(device, "blueprint-new").click()
        await _choose(at(device, "blueprint-pool"), "架子工（普通脚手架）")
        await at(device, "section-count-0").fill("500")
        await expect(at(device, "blueprint-infeasible").first).to_be_visible()
        await expect(at(device, "blueprint-publish")).to_be_disabled()
        await device.shot("console-blueprint-infeasible")
