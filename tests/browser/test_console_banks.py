"""Banks at the console: columns named by hand, near duplicates beside each other, pools as files."""

import io
import json

import openpyxl
import pytest
from playwright.async_api import FilePayload, expect

from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.office import INSTITUTION_ADMIN
from tests.fixtures.pools.documents import document
from tests.fixtures.pools.workbooks import L9, xlsx

pytestmark = pytest.mark.browser

STEM = "高处作业人员在移动过程中必须始终保持安全带挂在牢固的构件上"
ODD = (
    ("某公司内部题库 2026", "", "", "", "", ""),
    ("问", "一", "二", "三", "对的", "出自"),
    ("戴什么上工地？", "安全帽", "草帽", "不戴", "A", "手册"),
    ("高处作业系什么？", "麻绳", "安全带", "什么也不系", "B", "手册"),
    ("脚手架由谁搭？", "架子工", "谁有空谁搭", "木工", "A", "规程"),
)


def row(stem: str) -> tuple[str, ...]:
    return ("单选题", stem, "正是如此", "不必", "看情况", "随意", "A", "", "中", "1", "1.1")


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


async def choose_file(device: Device, name: str, data: bytes) -> None:
    await at(device, "rail-pools").click()
    await at(device, "pool-new").click()
    await at(device, "file-input").set_input_files(file(name, data))


async def test_columns_nobody_knows_are_named_by_hand_and_read(devices: Devices):
    async with devices.computer() as device:
        device.expected.add((400, "/api/pools/import"))  # no header: the columns are asked for
        await console.log_in(device, INSTITUTION_ADMIN)
        await choose_file(device, "内部题库.xlsx", xlsx({"题": ODD}))
        await expect(at(device, "import-columns")).to_be_visible()
        await expect(at(device, "columns-titles")).to_have_value("2")
        await expect(at(device, "columns-read")).to_be_disabled()
        fields = ("stem", "option-a", "option-b", "option-c", "key", "source")
        for column, field in zip("ABCDEF", fields, strict=True):
            await at(device, f"column-{column}").select_option(field)
        await device.shot("console-import-columns")
        await at(device, "columns-read").click()
        await expect(at(device, "import-accepted")).to_contain_text("3")
        await expect(at(device, "import-rejected")).to_contain_text("0")
        await at(device, "import-all").click()
        await expect(at(device, "import-done")).to_be_visible()


async def test_a_near_duplicate_stands_beside_the_item_it_is_like(devices: Devices):
    bank = xlsx({"题库": [L9, row(STEM), row(STEM.replace("始终", "一直") + "吗"), row("")]})
    async with devices.computer() as device:
        await console.log_in(device, INSTITUTION_ADMIN)
        await choose_file(device, "高处作业.xlsx", bank)
        near = at(device, "import-problems").locator("[role=row]", has_text="W_NEAR_DUP")
        await near.click()
        await expect(at(device, "import-pair")).to_contain_text("一直")
        await expect(at(device, "import-other-item")).to_contain_text(STEM)
        await expect(at(device, "import-other-item").locator("mark").first).to_be_visible()
        await device.shot("console-import-near-duplicate")
        async with device.page.expect_download() as download:
            await at(device, "import-sheet").click()
        saved = openpyxl.load_workbook(io.BytesIO((await (await download.value).path()).read_bytes()))
        assert [cell.value for cell in saved.worksheets[0]["G"]][1:] == ["W_NEAR_DUP", "E_STEM_EMPTY"]


async def test_word_blocks_are_read_and_a_pool_is_had_back_as_files(devices: Devices):
    blocks = document("【试题类型】单选题", f"【题目】{STEM}？A.对 B.不必", "【答案】A")
    async with devices.computer() as device:
        await console.log_in(device, INSTITUTION_ADMIN)
        await choose_file(device, "高处作业（Word）.docx", blocks)
        await expect(at(device, "import-file")).to_contain_text("L3")
        await at(device, "import-all").click()
        await expect(at(device, "import-done")).to_be_visible()
        await device.page.get_by_text("回题库").click()
        line = device.page.get_by_role("row").filter(has_text="高处作业（Word）")
        await expect(line).to_be_visible()
        await device.shot("console-pools-export")
        async with device.page.expect_download() as download:
            await line.locator("[data-testid^=pool-xlsx]").click()
        book = openpyxl.load_workbook(io.BytesIO((await (await download.value).path()).read_bytes()))
        assert book.worksheets[0]["C2"].value == STEM + "？"
        async with device.page.expect_download() as download:
            await line.locator("[data-testid^=pool-json]").click()
        held = json.loads((await (await download.value).path()).read_bytes())
        assert [one["key"] for one in held["items"]] == ["A"]
