"""People on the console and 我的信息 on the phone: found, opened, imported, corrected, withdrawn."""

import io

import pytest
import xlsxwriter
from playwright.async_api import expect

from enrollment.identity import check_character
from exam_api.demo.load import DESK_PEOPLE, identity_of
from tests.browser import console, phone
from tests.browser.console import at
from tests.browser.devices import Devices
from tests.browser.office import INSTITUTION_ADMIN, OFFICER

pytestmark = pytest.mark.browser

NAME = DESK_PEOPLE[5]
NEW_PHONE = "13612345678"


def people_list() -> bytes:
    """Two people, the second with a credit code that does not check."""
    out = io.BytesIO()
    file = xlsxwriter.Workbook(out)
    sheet = file.add_worksheet()
    rows = [["姓名", "身份证号", "手机", "单位名称", "统一社会信用代码", "岗位"]]
    for n, code in ((1, "91350100M000100Y43"), (2, "91350100M000100Y44")):
        body = f"63010219880101{n:03d}"
        number = body + check_character(body)
        rows.append([f"导入甲{n}", number, f"1391234000{n}", "昆仑建设有限公司", code, "项目负责人"])
    for n, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(n, column, cell)
    file.close()
    return out.getvalue()


async def test_a_person_reads_their_data_asks_for_a_correction_and_the_officer_grants_it(
    devices: Devices,
) -> None:
    async with devices.phone() as own, devices.computer() as desk:
        await phone.log_in(own, NAME)
        await own.go("/phone/#/mine")
        await expect(own.page.get_by_test_id("mine-person")).to_contain_text(identity_of(NAME))
        await own.shot("phone-mine")
        await own.page.get_by_test_id("agree-photos").tap()
        await own.page.get_by_test_id("withdraw-photos").tap()
        await expect(own.page.get_by_test_id("agree-photos")).to_be_visible()
        await own.page.get_by_test_id("correct-value").fill(NEW_PHONE)
        await own.page.get_by_test_id("correct-ask").tap()
        await expect(own.page.get_by_test_id("mine-correction")).to_contain_text("136****5678")
        await own.page.get_by_test_id("delete-me").scroll_into_view_if_needed()
        await own.shot("phone-mine-end")

        await console.log_in(desk, OFFICER)
        await desk.go("/console/#/corrections")
        await expect(desk.page.locator("article")).to_contain_text("136****5678")
        await desk.shot("console-corrections")
        await at(desk, "correction-grant").click()
        await expect(at(desk, "corrections-none")).to_be_visible()
        await own.page.reload()
        await expect(own.page.get_by_test_id("mine-person")).to_contain_text(NEW_PHONE)


async def test_a_number_is_opened_with_a_reason_and_lists_show_it_masked(devices: Devices) -> None:
    number = identity_of(NAME)
    async with devices.computer() as desk:
        await console.log_in(desk, INSTITUTION_ADMIN)
        await desk.go("/console/#/people")
        await at(desk, "people-words").fill(number)
        await at(desk, "people-look").click()
        row = desk.page.get_by_role("row").filter(has_text=NAME)
        await expect(row).to_contain_text(f"{number[:6]}********{number[-4:]}")
        await desk.shot("console-people")
        await row.click()
        await at(desk, "number-reason").fill("现场核对证件")
        await at(desk, "number-open").click()
        await expect(at(desk, "person-number")).to_have_text(number)
        await desk.shot("console-person")


async def test_a_list_with_a_wrong_row_is_not_kept_and_says_which(devices: Devices) -> None:
    async with devices.computer() as desk:
        await console.log_in(desk, INSTITUTION_ADMIN)
        await desk.go("/console/#/people/import")
        given = {"name": "people.xlsx", "mimeType": "application/octet-stream", "buffer": people_list()}
        await at(desk, "file-input").set_input_files(given)  # type: ignore[arg-type]
        await expect(at(desk, "people-wrong")).to_contain_text("1")
        await expect(at(desk, "people-problems")).to_contain_text("校验码不符")
        await expect(at(desk, "people-keep")).to_be_disabled()
        await desk.shot("console-people-import")


async def test_an_officer_keeps_an_employer_and_a_licence(devices: Devices) -> None:
    async with devices.computer() as desk:
        await console.log_in(desk, OFFICER)
        await desk.go("/console/#/employers")
        await at(desk, "employer-uscc").fill("11110000000021135M")
        await at(desk, "employer-name").fill("祁连建工")
        await at(desk, "employer-keep").click()
        await expect(desk.page.get_by_role("row").filter(has_text="祁连建工")).to_be_visible()
        await desk.go("/console/#/institutions")
        await desk.page.get_by_role("row").nth(1).click()
        await at(desk, "institution-uscc").fill("11430000006122244L")
        await at(desk, "institution-until").fill("2030-12-31")
        await at(desk, "institution-scopes").fill("架子工，钢筋工")
        await at(desk, "institution-keep").click()
        await expect(desk.page.get_by_role("row").filter(has_text="架子工、钢筋工")).to_be_visible()
        await desk.shot("console-institutions")
