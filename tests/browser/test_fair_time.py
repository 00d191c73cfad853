"""A page that was dead for two minutes: one tap asks, the live screen shows it, staff give the time."""

import time
from uuid import UUID

import pytest
from playwright.async_api import expect

from exam_api.live import keys
from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from tests.browser import console, phone
from tests.browser.devices import Device, Devices
from tests.browser.office import INVIGILATOR, OFFICER, Office, Seat
from tests.browser.phone import at
from tests.browser.sittings import own_session
from tests.servers import Service

pytestmark = pytest.mark.browser

DEAD_MS = 120_000


async def test_a_dead_page_asks_with_a_tap_and_is_given_its_time(
    devices: Devices, office: Office, service: Service
) -> None:
    (seat,) = await own_session(service, "补时演练", channel="phone", people=["李补时"])
    async with devices.phone() as worker, devices.computer() as desk:
        await _answers(worker, seat)
        before = (await office.live(seat))["deadlineMs"]
        await console.log_in(desk, INVIGILATOR)
        await console.watch(desk, seat)
        died_ms = await _dies_and_asks(worker, seat, service)

        row = console.at(desk, f"lost-{seat.attempt_id}")
        await expect(row).to_contain_text("考生申请", timeout=15_000)
        await desk.shot("console-lost-time")
        await expect(row.get_by_test_id("lost-give")).to_be_disabled()
        await console.at(desk, "lost.reason.machine").click()
        await row.get_by_test_id("lost-give").click()
        await expect(console.at(desk, "lost-given")).to_contain_text("1")
        await expect(at(worker.page, "toast")).to_contain_text("给您补了")
        await worker.shot("phone-31-time-given")
        gained = (await office.live(seat))["deadlineMs"] - before
        assert DEAD_MS <= gained <= time.time() * 1000 - died_ms


async def test_an_officer_gives_minutes_in_the_list_of_all_rooms_and_the_ledger_has_them(
    devices: Devices, service: Service
) -> None:
    (seat,) = await own_session(service, "补时台账演练", channel="phone", people=["赵补时"])
    async with devices.phone() as worker, devices.computer(accept_downloads=True) as desk:
        await _answers(worker, seat)
        await _dies_and_asks(worker, seat, service)
        page = desk.page
        await console.log_in(desk, OFFICER)
        await desk.go("/console/#/home")
        await expect(console.at(desk, "due-lost-time-open").first).to_contain_text("等您决定补不补时")
        await desk.shot("console-home-lost-time")
        await desk.go("/console/#/credits")
        await console.at(desk, "table-find").fill(seat.name)
        row = page.get_by_role("row").filter(has_text=seat.name)
        await expect(row).to_contain_text("考生已申请")
        await row.focus()
        await page.keyboard.press("Enter")
        await expect(console.at(desk, "detail")).to_contain_text("页面中断 02:")
        await console.at(desk, "lost.reason.machine").click()
        await console.at(desk, "gap-minutes").fill("181")
        await expect(console.at(desk, "gap-give")).to_be_disabled()
        await console.at(desk, "gap-minutes").fill("3")
        await desk.shot("console-credits-gaps")
        await console.at(desk, "gap-give").click()
        await expect(at(worker.page, "toast")).to_contain_text("给您补了")
        await console.at(desk, "credits-ledger").click()
        await console.at(desk, "table-find").fill(seat.name)
        entry = page.get_by_role("row").filter(has_text=seat.name)
        for words in ("补时台账演练", "+03:00", "人工核定", "页面中断", "设备故障", "次日签名（第"):
            await expect(entry).to_contain_text(words)
        await desk.shot("console-credits-ledger")
        async with page.expect_download() as taken:
            await console.at(desk, "table-excel").click()
        assert (await (await taken.value).path()).read_bytes()[:2] == b"PK"
        await desk.go(f"/console/#/sessions/{seat.session_id}/credits")
        await expect(page.get_by_role("row").filter(has_text=seat.name)).to_contain_text("+03:00")


async def _answers(worker: Device, seat: Seat) -> None:
    await phone.log_in(worker, seat.name, seat.id_no)
    await phone.enter(worker, seat.attempt_id)
    await phone.answer(worker, 2)
    await phone.all_saved(worker, 2)


async def _dies_and_asks(worker: Device, seat: Seat, service: Service) -> int:
    """The page is dead for two minutes; then one tap asks for them. When it was last heard."""
    await worker.go("/phone/#/exams")
    await expect(at(worker.page, "exam")).to_have_count(0)
    died_ms = await _two_minutes_later(worker, seat.attempt_id, service)
    await worker.go(f"/phone/#/exam/{seat.attempt_id}")
    await phone.in_exam(worker)
    await expect(at(worker.page, "lost-ask")).to_be_visible(timeout=15_000)
    await worker.shot("phone-30-lost-time")
    await at(worker.page, "lost-ask").tap()
    await expect(at(worker.page, "lost-time")).to_have_attribute("data-state", "asked")
    return died_ms


async def _two_minutes_later(device: Device, attempt_id: str, service: Service) -> int:
    """Device and service remember a last contact two minutes ago."""
    then = int(time.time() * 1000) - DEAD_MS
    stamp = "([key, at]) => localStorage.setItem(key, String(at))"
    await device.page.evaluate(stamp, [f"kaowu-alive-{attempt_id}", then])
    async with open_parts(from_environ(service.environ)) as wired:
        await wired.lane.open()
        await wired.lane.command("HSET", keys.of_attempt(UUID(attempt_id)).attempt, "seen", then - 5_000)
    return then - 5_000
