"""A blueprint is written: what is short is repaired by one click, papers are looked at, then it stands."""

import pytest
from playwright.async_api import expect

from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.office import OFFICER, Office

pytestmark = pytest.mark.browser


async def _choose(device: Device, field: str, words: str) -> None:
    option = at(device, field).locator("option", has_text=words).first
    await at(device, field).select_option(await option.get_attribute("value"))


async def _row(device: Device, cell: str, *, outline: str, difficulty: str, count: int) -> None:
    section, _, number = cell.partition("-")
    await at(device, f"cell-add-{section}").click()
    await at(device, f"cell-outline-{cell}").fill(outline)
    await at(device, f"cell-difficulty-{cell}").select_option(difficulty)
    await at(device, f"cell-count-{section}-{number}").fill(str(count))


async def test_a_short_row_is_repaired_by_one_click_and_the_blueprint_published(
    devices: Devices, office: Office
):
    title = "安全员 C3 2026 蓝图"
    async with devices.computer() as device:
        await console.log_in(device, OFFICER)
        await device.go("/console/#/blueprints/new")
        await _choose(device, "blueprint-pool", "C 类")
        await at(device, "blueprint-title").fill(title)
        await at(device, "section-count-0").fill("40")
        for number, (outline, difficulty, count) in enumerate(
            [("1", "1-2", 10), ("2", "1-2", 12), ("3.1", "", 3)]
        ):
            await _row(device, f"0-{number}", outline=outline, difficulty=difficulty, count=count)
        await at(device, "section-add").click()
        await at(device, "section-count-1").fill("20")
        await at(device, "section-points-1").fill("2")
        await _row(device, "1-0", outline="2", difficulty="", count=8)
        await _row(device, "1-1", outline="3", difficulty="4", count=6)
        await expect(at(device, "blueprint-total")).to_have_text("80")
        await expect(at(device, "cell-1-1")).to_have_class("badrow")
        await expect(at(device, "blueprint-publish")).to_be_disabled()
        await expect(at(device, "blueprint-preview")).to_be_disabled()
        await device.shot("console-blueprint-1-short")
        await at(device, "repair-0-difficulty").click()
        await expect(at(device, "blueprint-feasible")).to_be_visible()
        await expect(at(device, "outlook-mean")).to_contain_text("±")
        await device.shot("console-blueprint-2-enough")
        await at(device, "bound-share-on").check()
        await at(device, "bound-share").fill("20")
        await expect(at(device, "blueprint-infeasible")).to_contain_text("20%")
        await device.shot("console-blueprint-3-cap")
        await at(device, "repair-share").click()
        await expect(at(device, "blueprint-feasible")).to_be_visible()
        await at(device, "blueprint-preview").click()
        await expect(at(device, "preview-paper-2")).to_contain_text("平均难度")
        await expect(at(device, "preview-items")).not_to_contain_text("答案")
        await at(device, "preview-keys").click()
        await expect(at(device, "preview-items")).to_contain_text("答案")
        await device.shot("console-blueprint-4-preview")
        await at(device, "preview-close").click()
        await at(device, "blueprint-publish").click()
        await expect(at(device, "blueprint-new")).to_be_visible()
    kept = (await office.get("/api/blueprints"))["blueprints"]
    mine = next(one for one in kept if one["title"] == title)
    assert mine["totalCenti"] == 8_000
    assert mine["sharePercent"] > 20
    assert mine["sections"][1]["cells"][1]["hardest"] is not None
