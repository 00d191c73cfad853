"""After an exam at the console: the suspect key, the preview, two officers, and all of it taken back."""

import pytest
from playwright.async_api import expect

from tests.browser import console, phone
from tests.browser.after_exam import SECOND_OFFICER, Finished, finished_session
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.office import OFFICER
from tests.browser.sittings import own_session
from tests.servers import Service

pytestmark = pytest.mark.browser


TITLE = "架子工改题重判"
REASON = "依据：JGJ 130 第 6.4.3 条，连墙件应从底层第一步设置"


async def test_a_wrong_key_is_found_corrected_by_two_people_and_taken_back(
    devices: Devices, service: Service
) -> None:
    over = await finished_session(service, TITLE)
    async with devices.computer() as one, devices.computer() as other:
        await console.log_in(one, OFFICER)
        await _find_the_suspect(one, over)
        changed = await _propose(one, over)
        await _agree(other, changed)
        await one.page.reload()
        await at(one, "ruling-agree").click()
        await expect(at(one, "ruling-1")).to_contain_text("已退回")
        await expect(at(one, "ruling-2")).to_contain_text(f"改了 {changed} 份成绩")
        await one.shot("console-rulings-taken-back")
        assert one.complaints == other.complaints == []


async def _find_the_suspect(officer: Device, over: Finished) -> None:
    await at(officer, "rail-statistics").click()
    await at(officer, f"stats-{over.session_id}").click()
    item = at(officer, f"item-{over.version}")
    await expect(item).to_contain_text("疑似错答案")
    await item.click()
    await expect(at(officer, "why-suspect")).to_be_visible()
    await officer.shot("console-statistics")


async def _propose(officer: Device, over: Finished) -> int:
    """Look at every remedy, send the new key to a second person; how many scores it changes."""
    await at(officer, "fix-key").click()
    await expect(at(officer, "way-remove_rescale")).to_be_visible()
    await at(officer, f"option-{over.place}").click()
    chosen = at(officer, "way-new_key")
    await expect(chosen.get_by_role("radio")).to_be_checked()
    await expect(at(officer, "only-preview")).to_contain_text("没有改动任何成绩")
    won = int(await chosen.get_by_test_id("fig-won").inner_text())
    changed = int(await chosen.get_by_test_id("fig-changed").inner_text())
    await expect(at(officer, "moved").locator("tbody tr", has_text="变合格")).to_have_count(won)
    await officer.shot("console-rescoring-preview")
    await at(officer, "ruling-reason").fill(REASON)
    await at(officer, "ruling-propose").click()
    await expect(at(officer, "proposed")).to_be_visible()
    await at(officer, "to-rulings").click()
    await expect(at(officer, "ruling-own")).to_be_visible()
    return changed


async def _agree(officer: Device, changed: int) -> None:
    """The second person agrees, and then proposes to take it back."""
    await console.log_in(officer, SECOND_OFFICER)
    await at(officer, "rail-rulings").click()
    await officer.page.get_by_text(TITLE).click()
    await at(officer, "ruling-agree").click()
    await expect(at(officer, "ruling-1")).to_contain_text(f"改了 {changed} 份成绩")
    await officer.shot("console-rulings-agreed")
    await at(officer, "ruling-back").click()
    await at(officer, "back-reason").fill("专家组复核：原答案无误")
    await at(officer, "back-send").click()
    await expect(at(officer, "ruling-2")).to_contain_text("待复核")


async def test_a_candidate_asks_for_a_review_and_is_told(devices: Devices, service: Service) -> None:
    [seat] = await own_session(service, "架子工成绩复核", channel="phone", people=["韩生莲"])
    async with devices.phone() as candidate, devices.computer(color_scheme="dark") as officer:
        await phone.log_in(candidate, seat.name, seat.id_no)
        await phone.enter(candidate, seat.attempt_id)
        await phone.answer(candidate, 2)
        await phone.all_saved(candidate, 2)
        await phone.hand_in(candidate)
        await at(candidate, "review-ask").tap()
        await at(candidate, "review-why").fill("第 2 题我选的是 B")
        await candidate.shot("phone-review-ask")
        await at(candidate, "review-send").tap()
        await expect(at(candidate, "review-told")).to_contain_text("正在等待处理")
        await console.log_in(officer, OFFICER)
        await officer.go("/console/#/reviews")
        row = officer.page.locator("[role=row]", has_text=seat.ticket_no).first
        await row.get_by_role("button").click()
        await expect(row).to_contain_text("一致：4 分")
        await officer.shot("console-reviews-dark")
        await candidate.page.reload()
        await expect(at(candidate, "review-told")).to_contain_text("成绩一致，4 分")
        await at(candidate, "review").scroll_into_view_if_needed()
        await candidate.shot("phone-review-done")
        assert candidate.complaints == officer.complaints == []
