"""The hours of an exam: the waiting room opens by itself, what comes after the end waits for an officer."""

import pytest
from playwright.async_api import expect

from tests.browser import console, phone
from tests.browser.devices import Device, Devices
from tests.browser.office import OFFICER, Office, Seat
from tests.browser.phone import at
from tests.browser.sittings import own_session
from tests.servers import Service

pytestmark = pytest.mark.browser

OPENS_IN_MS = 5_000
LENGTH_MS = 14_000
SENT = 2
KEPT = 5


async def test_the_waiting_room_opens_the_exam_by_itself(devices: Devices, service: Service):
    [seat] = await own_session(
        service, "架子工手机考试 · 第 7 批", channel="phone", people=["冶国庆"], opens_in_ms=OPENS_IN_MS
    )
    async with devices.phone() as worker:
        await phone.log_in(worker, seat.name, seat.id_no)
        await worker.go(f"/phone/#/wait/{seat.attempt_id}")
        await expect(at(worker.page, "wait-left")).to_contain_text("00:0")
        await worker.shot("phone-40-waiting-room")
        await phone.in_exam(worker)


@pytest.mark.long
async def test_answers_that_come_after_the_end_are_seen_by_all_three_and_count_once_the_officer_says_so(
    devices: Devices, office: Office, service: Service
):
    [seat] = await own_session(
        service, "钢筋工手机考试", channel="phone", people=["马占山"], length_ms=LENGTH_MS
    )
    async with devices.phone() as worker, devices.computer() as wall:
        await phone.log_in(worker, seat.name, seat.id_no)
        await phone.enter(worker, seat.attempt_id)
        await phone.answer(worker, SENT)
        await phone.all_saved(worker, SENT)
        await worker.context.set_offline(True)
        await phone.answer(worker, KEPT)
        await expect(at(worker.page, "over-time-up")).to_be_visible(timeout=2 * LENGTH_MS)
        await worker.shot("phone-41-time-up-offline")
        await office.until_closed(seat)
        await worker.context.set_offline(False)
        await expect(at(worker.page, "result")).to_have_attribute("data-score", str(SENT * 200))
        await expect(at(worker.page, "late")).to_contain_text("5")
        await worker.shot("phone-42-late")
        assert (await office.result(seat))["lateState"] == "open"
        await _decide(wall, seat)
        await worker.page.reload()
        await expect(at(worker.page, "result")).to_have_attribute("data-score", str((SENT + KEPT) * 200))
        await expect(at(worker.page, "result")).to_have_attribute("data-run", "2")
        await worker.shot("phone-43-late-accepted")


async def _decide(wall: Device, seat: Seat) -> None:
    await console.log_in(wall, OFFICER)
    await wall.go("/console/#/late")
    await wall.page.get_by_test_id(f"late-{seat.attempt_id}").click()
    await expect(console.at(wall, "detail")).to_contain_text(seat.name)
    await expect(console.at(wall, "late-ops").locator("tbody tr")).to_have_count(KEPT)
    await console.at(wall, "late-reason").fill("考点断网，已核实")
    await wall.shot("console-late")
    await console.at(wall, "late-accept").click()
    await console.at(wall, "late-all").click()
    await expect(console.at(wall, f"late-{seat.attempt_id}")).to_be_visible()
    await wall.shot("console-late-accepted")
