"""A worker's exam on a phone, from the log-in to the score, with and without network."""

import pytest
from playwright.async_api import expect

from exam_api.demo.load import identity_of
from tests.browser import phone
from tests.browser.devices import Device, Devices
from tests.browser.office import Office
from tests.browser.phone import ITEMS, at

pytestmark = pytest.mark.browser

WHOLE_EXAM = "马文海"
KILLED_TAB = "李建国"
NO_NET_AT_THE_END = "多杰"
WRONG = 8
SCORE_CENTI = (ITEMS - WRONG) * 200


async def test_a_worker_goes_from_the_log_in_to_the_score_and_loses_nothing_without_network(
    devices: Devices, office: Office
):
    seat = await office.seat("phone", WHOLE_EXAM, identity_of(WHOLE_EXAM))
    async with devices.phone(device_scale_factor=2) as device:
        await device.go("/phone/")
        await expect(at(device.page, "login-name")).to_be_visible()
        await device.shot("phone-00-login")
        await phone.log_in_by_hand(device, seat.name, seat.id_no)
        await _prepare(device)
        await phone.answer(device, 10)
        await phone.all_saved(device, 10)
        await device.shot("phone-07-exam")
        await phone.shell_is_kept(device)
        await _answer_offline(device, before=10)
        await _hand_in(device)
        await _compare(device, await office.result(seat))


async def _prepare(device: Device) -> None:
    page = device.page
    await expect(at(page, "exam-first")).to_have_attribute("data-step", "enter")
    await device.shot("phone-03-my-exams")
    await at(page, "exam-act").tap()
    await expect(at(page, "rules")).to_be_visible()
    await device.shot("phone-04-rules")
    await at(page, "rules-next").tap()
    await expect(at(page, "device-check")).to_have_attribute("data-storage", "true")
    await expect(at(page, "consent-next")).to_be_disabled()
    await device.shot("phone-05-device-check")
    await at(page, "consent-no-photos").tap()
    await at(page, "consent-next").tap()
    await phone.in_exam(device)
    await device.shot("phone-06-first-item")


async def _answer_offline(device: Device, before: int) -> None:
    """Without network answers go on, a reload opens the same item, and with network all of it arrives."""
    page = device.page
    line = at(page, "sync-line")
    await device.context.set_offline(True)
    await phone.answer(device, 5)
    await expect(line).to_have_attribute("data-look", "offline")
    await expect(line).to_contain_text("没网，答案已存手机 · 未同步 5")
    await device.shot("phone-08-offline")
    await page.reload()
    await phone.in_exam(device)
    await expect(at(page, "item")).to_have_attribute("data-slot", str(before + 5))
    await phone.answer(device, 1)
    await expect(line).to_have_attribute("data-unsynced", "6")
    await at(page, "exam-sheet").tap()
    await expect(at(page, "sheet-done")).to_have_text(str(before + 6))
    await device.shot("phone-09-answer-sheet-offline")
    await at(page, "close-all").tap()
    await device.context.set_offline(False)
    await phone.all_saved(device, before + 6)
    await device.shot("phone-10-back-online")


async def _hand_in(device: Device) -> None:
    page = device.page
    await at(page, "item-mark").tap()
    await at(page, "exam-hand-in").tap()
    await expect(at(page, "hand-in")).to_have_attribute("data-gaps", str(ITEMS - 16))
    await device.shot("phone-11-hand-in-gaps")
    await at(page, "hand-in-go").tap()
    await expect(at(page, "item")).to_have_attribute("data-slot", "16")
    await phone.answer(device, ITEMS - 16 - WRONG)
    await at(page, "exam-prev").tap()
    await expect(page.locator(".opt[aria-checked=true]")).to_have_count(1)
    await device.shot("phone-exam")
    await at(page, "exam-next").tap()
    await phone.answer(device, WRONG, right=False)
    await phone.all_saved(device, ITEMS)
    await at(page, "exam-next").tap()
    await expect(at(page, "hand-in")).to_have_attribute("data-gaps", "0")
    await device.shot("phone-12-hand-in")
    await at(page, "hand-in-now").tap()
    await expect(at(page, "result")).to_have_attribute("data-durable", "true")
    await expect(at(page, "section")).to_have_count(2)
    await expect(at(page, "receipt").locator("svg.qr")).to_be_visible()
    await device.shot("phone-13-result")


async def _compare(device: Device, told: dict[str, object]) -> None:
    """The console's results are the candidate's, section by section."""
    page = device.page
    shown = at(page, "result")
    assert int(await shown.get_attribute("data-score") or -1) == told["scoreCenti"] == SCORE_CENTI
    assert (await shown.get_attribute("data-passed") == "true") is told["passed"] is True
    assert told["fullCenti"] == 10_000
    points = await page.locator("[data-testid=section] b").all_inner_texts()
    sections = [round(float(text) * 100) for text in points]
    assert told["sections"] == sections
    assert sum(sections) == told["scoreCenti"]
    await at(page, "result-home").tap()
    await expect(at(page, "exam-first")).to_have_attribute("data-step", "result")
    await device.shot("phone-14-my-exams-after")


async def test_a_tab_killed_with_unsynced_answers_loses_nothing(devices: Devices, office: Office):
    seat = await office.seat("phone", KILLED_TAB, identity_of(KILLED_TAB))
    async with devices.phone() as device:
        await phone.log_in(device, seat.name)
        await phone.enter(device, seat.attempt_id)
        await phone.answer(device, 3)
        await phone.all_saved(device, 3)
        await phone.shell_is_kept(device)
        await device.context.set_offline(True)
        await phone.answer(device, 4)
        await device.page.close()
        await device.reopen(f"/phone/#/exam/{seat.attempt_id}")
        await phone.in_exam(device)
        await expect(at(device.page, "item")).to_have_attribute("data-slot", "7")
        await expect(at(device.page, "sync-line")).to_have_attribute("data-unsynced", "4")
        await device.context.set_offline(False)
        await phone.all_saved(device, 7)
        assert (await office.live(seat))["answered"] == 7


async def test_a_hand_in_without_network_is_kept_shown_and_sent_by_itself(devices: Devices, office: Office):
    seat = await office.seat("phone", NO_NET_AT_THE_END, identity_of(NO_NET_AT_THE_END))
    async with devices.phone() as device:
        page = device.page
        await phone.log_in(device, seat.name)
        await phone.enter(device, seat.attempt_id)
        await phone.answer(device, 2)
        await phone.all_saved(device, 2)
        await phone.shell_is_kept(device)
        await device.context.set_offline(True)
        await phone.answer(device, 1)
        await at(page, "exam-hand-in").tap()
        await at(page, "hand-in-now").tap()
        await expect(at(page, "sent")).to_have_attribute("data-state", "offline")
        await expect(at(page, "phone-receipt")).to_be_visible()
        await device.shot("phone-15-handed-in-offline")
        await page.reload()
        await expect(at(page, "sent")).to_be_visible()
        await device.context.set_offline(False)
        await expect(at(page, "result")).to_have_attribute("data-score", "600")
        assert (await office.result(seat))["scoreCenti"] == 600
