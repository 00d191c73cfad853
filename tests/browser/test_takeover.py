"""A second phone goes on where the first one stopped, with the invigilator's word."""

import pytest
from playwright.async_api import expect

from exam_api.demo.load import identity_of
from tests.browser import console, phone
from tests.browser.devices import Devices
from tests.browser.office import INVIGILATOR, Office
from tests.browser.phone import at

pytestmark = pytest.mark.browser

TWO_PHONES = "才让卓玛"


async def test_a_second_phone_goes_on_with_a_code_and_takes_over_what_the_first_had_not_sent(
    devices: Devices, office: Office
):
    seat = await office.seat("phone", TWO_PHONES, identity_of(TWO_PHONES))
    async with devices.phone() as first, devices.phone() as second, devices.computer() as desk:
        await console.log_in(desk, INVIGILATOR)
        await console.watch(desk, seat)
        await phone.log_in(first, seat.name)
        await phone.enter(first, seat.attempt_id)
        await phone.answer(first, 3)
        await phone.all_saved(first, 3)
        await first.context.set_offline(True)
        await phone.answer(first, 2)

        second.expected |= {(409, "/api/attempt/start")}
        await phone.log_in_by_ticket(second, seat, await office.ticket(seat))
        await second.go(f"/phone/#/exam/{seat.attempt_id}")
        await expect(at(second.page, "takeover")).to_be_visible()
        await expect(console.at(desk, "attention-takeover")).to_be_visible()
        await desk.shot("console-takeover-asked")
        code = await console.takeover_code(desk, seat)
        await desk.shot("console-takeover-code")

        for sign in code:
            await at(second.page, f"pad-{sign}").tap()
        await second.shot("phone-20-takeover")
        await at(second.page, "takeover-go").tap()
        await phone.in_exam(second)
        await phone.all_saved(second, 3)

        await first.context.set_offline(False)
        await expect(at(first.page, "sync-line")).to_contain_text("您在另一部手机上继续了，这部只能看")
        await expect(at(first.page, "option-0")).to_be_disabled()
        await first.shot("phone-21-read-only")
        await expect(at(second.page, "over-side")).to_contain_text("另一台设备还有 2 题未提交，是否采用？")
        await second.shot("phone-22-offered")
        await at(second.page, "side-adopt").tap()
        await phone.all_saved(second, 5)
        row = await office.live(seat)
        assert (row["answered"], row["fence"], row["sideOps"]) == (5, 2, 2)
