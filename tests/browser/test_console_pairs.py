"""Two persons at two screens make one exam void; the audit tells of both, and that it is whole."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import expect

from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Devices
from tests.browser.office import INSTITUTION_ADMIN, OFFICER
from tests.browser.sittings import own_session
from tests.servers import Service

pytestmark = pytest.mark.browser

WHO = "韩作废"
REASON = "替考，监考员已核实身份"


async def test_an_exam_is_made_void_by_two_persons_and_the_audit_tells_of_it(
    devices: Devices, service: Service
) -> None:
    (seat,) = await own_session(service, "两人作废一场", channel="phone", people=[WHO])
    async with AsyncExitStack() as opened:
        officer = await opened.enter_async_context(devices.computer())
        await console.log_in(officer, OFFICER)
        tile = await console.watch(officer, seat)
        await tile.click()
        await at(officer, "act-void").click()
        await at(officer, "act-text").fill(REASON)
        await at(officer, "act-send").click()
        await expect(at(officer, "pair-waiting")).to_be_visible()
        await officer.shot("console-pair-waiting")

        admin = await opened.enter_async_context(devices.computer())
        await console.log_in(admin, INSTITUTION_ADMIN)
        await admin.go("/console/#/agreements")
        asked = admin.page.get_by_role("article").filter(has_text=REASON)
        await expect(asked).to_contain_text(seat.ticket_no)
        await admin.shot("console-agreements")
        taken = await console.taken_away(admin, "pairs-excel")
        (line,) = [one for one in taken if one["准考证号"] == seat.ticket_no]
        told = (line["操作"], line["理由"], line["状态"], line["回答人"])
        assert told == ("作废考试", REASON, "等回答", "")
        await asked.get_by_test_id("pair-agree").click()

        await at(officer, "pair-do").click()
        await expect(at(officer, "act-done")).to_be_visible()

        await officer.go("/console/#/audit")
        rows = at(officer, "audit-list").get_by_role("row").filter(has_text=seat.ticket_no)
        for word in ("申请两人同意", "用掉两人同意", "作废"):
            await expect(rows.filter(has_text=word).first).to_be_visible()
        await rows.filter(has_text="用掉两人同意").first.click()
        await expect(at(officer, "audit-line")).to_contain_text("attempt.void")
        await at(officer, "audit-walk").click()
        await expect(at(officer, "audit-sound")).to_be_visible()
        await officer.shot("console-audit")
