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
from tests.browser.office import INVIGILATOR, Office
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
        await phone.log_in(worker, seat.name, seat.id_no)
        await phone.enter(worker, seat.attempt_id)
        await phone.answer(worker, 2)
        await phone.all_saved(worker, 2)
        before = (await office.live(seat))["deadlineMs"]
        await console.log_in(desk, INVIGILATOR)
        await console.watch(desk, seat)

        await worker.go("/phone/#/exams")
        await expect(at(worker.page, "exam")).to_have_count(0)
        await _two_minutes_later(worker, seat.attempt_id, service)
        await worker.go(f"/phone/#/exam/{seat.attempt_id}")
        await phone.in_exam(worker)
        await expect(at(worker.page, "lost-ask")).to_be_visible(timeout=15_000)
        await worker.shot("phone-30-lost-time")
        await at(worker.page, "lost-ask").tap()
        await expect(at(worker.page, "lost-time")).to_have_attribute("data-state", "asked")

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
        assert DEAD_MS <= gained <= DEAD_MS + 30_000


async def _two_minutes_later(device: Device, attempt_id: str, service: Service) -> None:
    """Device and service remember a last contact two minutes ago."""
    then = int(time.time() * 1000) - DEAD_MS
    stamp = "([key, at]) => localStorage.setItem(key, String(at))"
    await device.page.evaluate(stamp, [f"kaowu-alive-{attempt_id}", then])
    async with open_parts(from_environ(service.environ)) as wired:
        await wired.lane.open()
        await wired.lane.command("HSET", keys.of_attempt(UUID(attempt_id)).attempt, "seen", then - 5_000)
