"""An item from its author over the reviewer into a published version, as both do it in the console."""

import httpx
import pytest
from playwright.async_api import expect

from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.office import ITEM_AUTHOR, ITEM_REVIEWER, Office
from tests.fixtures.pools.workbooks import L9, L9_ROWS, xlsx
from tests.servers import Service

pytestmark = pytest.mark.browser

STEM = "在脚手架上作业时，安全带应挂在哪里？"
OPTIONS = ("高处牢固的构件上", "手边的横杆上", "脚下的脚手板上", "不用挂")
NODES = ({"code": "1", "title": "安全知识", "weight": 3}, {"code": "2", "title": "操作技能", "weight": 2})


async def _pool(service: Service) -> str:
    """A pool that the author took in, for what a story does not tell again."""
    async with httpx.AsyncClient(base_url=service.url, timeout=15, trust_env=False) as client:
        author = Office(client)
        await author.log_in(ITEM_AUTHOR)
        query = {"filename": "架子工.xlsx", "title": "架子工试编题库", "store": "true"}
        taken = await author.post("/api/pools/import", xlsx({"题库": [L9, *L9_ROWS]}), **query)
        await author.post(f"/api/pools/{taken['poolId']}/outline", {"nodes": list(NODES)})
        return str(taken["poolId"])


async def _write(device: Device) -> None:
    await at(device, "item-new").click()
    await at(device, "form-keep").click()
    await expect(at(device, "fault-stem")).to_contain_text("请写题干")
    await expect(at(device, "fault-options").first).to_be_visible()
    await device.shot("items-2-form-faults")
    await at(device, "form-stem").fill(STEM)
    for n, words in enumerate(OPTIONS):
        await at(device, f"form-option-{n}").fill(words)
    await at(device, "form-key-0").check()
    await at(device, "form-outline").fill("1.2")
    await at(device, "form-rationale").fill("安全带应高挂低用。")
    await expect(at(device, "fault-stem")).to_have_count(0)
    await expect(at(device, "item-seen")).to_contain_text(OPTIONS[0])
    await device.shot("items-3-form")
    await at(device, "form-keep").click()
    await expect(at(device, "item-state")).to_contain_text("草稿")
    await expect(at(device, "step-review")).to_have_count(0)


async def test_an_item_goes_from_its_author_over_the_reviewer_into_a_published_version(
    devices: Devices, service: Service
):
    pool_id = await _pool(service)
    async with devices.computer() as author, devices.computer() as reviewer:
        await console.log_in(author, ITEM_AUTHOR)
        await author.go(f"/console/#/pools/{pool_id}/items")
        await expect(at(author, "items")).to_be_visible()
        await author.shot("items-1-author")
        await _write(author)

        await console.log_in(reviewer, ITEM_REVIEWER)
        await reviewer.go("/console/#/items")
        await reviewer.page.get_by_test_id(f"waiting-{pool_id}").get_by_role("button").first.click()
        await at(reviewer, "items-find").fill("安全带 横杆")
        await expect(at(reviewer, "items-total")).to_contain_text("1")
        await at(reviewer, "items").get_by_role("link").first.click()
        await at(reviewer, "step-review").click()
        await expect(at(reviewer, "item-state")).to_contain_text("已审")
        await at(reviewer, "comment-text").fill("写得清楚。")
        await at(reviewer, "comment-send").click()
        await expect(at(reviewer, "item-comments")).to_contain_text("写得清楚")
        await at(reviewer, "step-approve").click()
        await expect(at(reviewer, "item-state")).to_contain_text("已批准")
        await reviewer.shot("items-4-approved")

        await reviewer.go(f"/console/#/pools/{pool_id}/items")
        await at(reviewer, "items-publish").click()
        await expect(at(reviewer, "items-published")).to_contain_text("第 1 版")
        await reviewer.shot("items-5-published")

        await author.page.reload()
        await expect(at(author, "item-state")).to_contain_text("已批准")
        await at(author, "item-edit").click()
        await at(author, "form-stem").fill(STEM.replace("安全带应", "安全带的挂钩应"))
        await at(author, "form-option-1").fill("手边的栏杆上")
        await at(author, "form-keep").click()
        await expect(at(author, "item-not-drawn")).to_contain_text("上次批准")
        await expect(at(author, "item-change")).to_contain_text("的挂钩")
        await author.shot("items-6-reworded")
        await author.go(f"/console/#/pools/{pool_id}/outline")
        await expect(at(author, "node-title-1")).to_have_value("安全知识")
        await at(author, "outline-adopt").click()
        await at(author, "outline-keep").click()
        await expect(at(author, "outline-kept")).to_be_visible()
        await author.shot("items-7-outline")


async def test_many_items_are_judged_at_once_and_the_refused_ones_named(devices: Devices, service: Service):
    pool_id = await _pool(service)
    async with devices.computer(color_scheme="dark") as reviewer:
        await console.log_in(reviewer, ITEM_REVIEWER)
        await reviewer.go(f"/console/#/pools/{pool_id}/items")
        await at(reviewer, "items-tick-all").check()
        await at(reviewer, "step-review").click()
        await expect(at(reviewer, "step-outcome")).to_contain_text("已审核通过")
        await at(reviewer, "step-review").click()
        await expect(at(reviewer, "step-outcome")).to_contain_text("现在的状态不能这样做")
        await reviewer.shot("items-8-refused")
