"""The sitting as staff see it while it runs: who sees whom, how soon, and what they can do."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from playwright.async_api import Locator, expect

from exam_api.demo.load import identity_of
from tests.browser import console, phone
from tests.browser.console import at
from tests.browser.devices import Device, Devices
from tests.browser.knowledge import right_mask
from tests.browser.office import INSTITUTION_ADMIN, INVIGILATOR, OFFICER, OTHER_ADMIN, Office, Seat
from tests.browser.sittings import own_session
from tests.e2e.device import Device as SimplePage
from tests.servers import Service

pytestmark = pytest.mark.browser

ON_PHONE = "王秀英"
AT_DESK = "白玛措"
STEERED = "韩福寿"
SEEN_WITHIN = 40
"""From the candidate's reply to the score on the screens of institution and department: a second.

Counted in turns of a fortieth of a second in which both screens were looked at: story, browsers and service
share their cores with others.
"""


async def test_institution_and_department_see_both_candidates_and_their_scores_at_once_and_nobody_else_does(
    devices: Devices, office: Office, record_property: Callable[[str, object], None]
):
    phone_seat = await office.seat("phone", ON_PHONE, identity_of(ON_PHONE))
    desk_seat = await office.seat("desk", AT_DESK, identity_of(AT_DESK))
    async with AsyncExitStack() as opened:
        worker = await opened.enter_async_context(devices.phone())
        manager = await opened.enter_async_context(devices.computer())
        for seat, sitter in ((phone_seat, worker), (desk_seat, manager)):
            walls = [await _wall(opened, devices, who, seat) for who in (INSTITUTION_ADMIN, OFFICER)]
            await _start(sitter, seat)
            for wall in walls:
                await expect(_tile(wall, seat)).to_have_attribute("data-look", "running")
            await _answer(sitter, seat)
            for wall in walls:
                await expect(_tile(wall, seat)).to_contain_text(re.compile(r"\b4/\d+"))
            scores = [_tile(wall, seat).get_by_test_id("tile-score") for wall in walls]
            turns, seen_s = await _hand_in(sitter, seat, scores)
            record_property(f"score_seen_s_{seat.name}", seen_s)
            assert turns <= SEEN_WITHIN, seen_s
            result = await office.result(seat)
            for wall in walls:
                shown = await _tile(wall, seat).get_by_test_id("tile-score").inner_text()
                assert round(float(shown) * 100) == result["scoreCenti"]
            await walls[0].shot(f"console-live-{'phone' if seat is phone_seat else 'desk'}")
            await _results(walls[1], seat)
        await _stranger(opened, devices, (phone_seat, desk_seat))


async def _wall(opened: AsyncExitStack, devices: Devices, who: str, seat: Seat) -> Device:
    wall = await opened.enter_async_context(devices.computer())
    await console.log_in(wall, who)
    tile = await console.watch(wall, seat)
    await expect(tile).to_have_attribute("data-look", "ready")
    return wall


def _tile(wall: Device, seat: Seat) -> Locator:
    return at(wall, f"tile-{seat.attempt_id}")


async def _start(sitter: Device, seat: Seat) -> None:
    if seat.room_code:
        body = {"ticketNo": seat.ticket_no, "lastSix": seat.id_no[-6:], "roomCode": seat.room_code}
        await sitter.post("/api/login/desk", body)
        await sitter.go("/desk/")
        await at(sitter, "ready-start").click()
        await phone.in_exam(sitter)
    else:
        await phone.log_in(sitter, seat.name)
        await phone.enter(sitter, seat.attempt_id)


async def _answer(sitter: Device, seat: Seat) -> None:
    if not seat.room_code:
        await phone.answer(sitter, 4)
        return
    for slot in range(4):
        await sitter.page.locator(f'[data-testid="item"][data-slot="{slot}"]').wait_for()
        await sitter.page.keyboard.press("a")
        await sitter.page.keyboard.press("ArrowRight")


async def _hand_in(sitter: Device, seat: Seat, scores: list[Locator]) -> tuple[int, float]:
    """Hand in with gaps; turns and seconds from the reply until the last wall shows the score."""
    await at(sitter, "exam-hand-in").click()
    async with sitter.page.expect_response("**/api/attempt/submit") as replied:
        await at(sitter, "hand-in-do" if seat.room_code else "hand-in-now").click()
    assert (await replied.value).ok
    began, turns = time.monotonic(), 0
    while not all([await score.is_visible() for score in scores]) and turns <= SEEN_WITHIN:
        await asyncio.sleep(0.02)
        turns += 1
    return turns, time.monotonic() - began


async def _results(wall: Device, seat: Seat) -> None:
    await wall.go(f"/console/#/sessions/{seat.session_id}/results")
    await expect(at(wall, f"row-{seat.attempt_id}")).to_contain_text(seat.name)
    await wall.shot("console-results")


async def _stranger(opened: AsyncExitStack, devices: Devices, seats: tuple[Seat, ...]) -> None:
    """The other institution's admin: no row, no live table, no results, whatever the address."""
    other = await opened.enter_async_context(devices.computer())
    await console.log_in(other, OTHER_ADMIN)
    await expect(at(other, "session-new")).to_be_visible()
    for seat in seats:
        await expect(at(other, f"session-{seat.session_id}")).to_have_count(0)
        for what in ("live", "results"):
            path = f"/api/sessions/{seat.session_id}/{what}"
            other.expected |= {(404, path), (404, f"/api/sessions/{seat.session_id}/watch")}
            await other.go(f"/console/#/sessions/{seat.session_id}/{what}")
            await expect(at(other, "trouble")).to_be_visible()
            assert await other.page.get_by_text(seat.name).count() == 0
    await other.shot("console-stranger")


async def test_a_message_must_be_acknowledged_and_more_time_shows_on_the_phone(
    devices: Devices, office: Office
):
    seat = await office.seat("phone", STEERED, identity_of(STEERED))
    async with devices.phone() as worker, devices.computer() as wall:
        await phone.log_in(worker, seat.name)
        await phone.enter(worker, seat.attempt_id)
        await console.log_in(wall, INVIGILATOR)
        await (await console.watch(wall, seat)).click()
        await console.act(wall, "message", "请把手机声音关掉")
        await wall.shot("console-message")
        frame = at(worker, "over-message")
        await expect(frame).to_contain_text("请把手机声音关掉")
        await worker.shot("phone-30-message")
        await at(worker, "frame-understood").tap()
        await expect(frame).to_be_hidden()

        before = (await office.live(seat))["deadlineMs"]
        await console.act(wall, "extend", "设备故障，补时")
        await expect(at(worker, "toast")).to_contain_text("给您加了 5 分钟")
        await expect(at(worker, "exam-timer")).to_contain_text("49:")
        await worker.shot("phone-31-extended")
        assert (await office.live(seat))["deadlineMs"] - before == 5 * 60_000

        await console.act(wall, "pause", "消防演习")
        await expect(at(worker, "over-paused")).to_be_visible()
        await worker.shot("phone-32-paused")
        await console.act(wall, "resume", "演习结束")
        await expect(at(worker, "over-paused")).to_be_hidden()
        await phone.answer(worker, 1)
        await phone.all_saved(worker, 1)


ITEMS = 66
ROOM = (
    "马永福 冶成林 韩进忠 才仁多杰 李桂兰 张存录 扎西措 王建军 赵生祥 多杰太 白玉莲 陈有才 "
    "马秀兰 祁永寿 桑杰加 刘文斌 周毛加 杨发荣 卓玛吉 何占清 索南达杰 孙德明 韩玉花 久美"
)


async def test_a_room_in_full_swing_shows_who_needs_a_person(
    devices: Devices, office: Office, service: Service
):
    seats = await own_session(service, "安全员 C 类机考 · 3 号机房", channel="desk", people=ROOM.split())
    async with devices.computer() as wall:
        await console.log_in(wall, INSTITUTION_ADMIN)
        await console.watch(wall, seats[0])
        await asyncio.gather(*(_sit(service.url, seat, number) for number, seat in enumerate(seats[:-2])))
        await office.act(seats[6], "pause", "设备故障")
        await office.act(seats[9], "extend", "设备故障，补时", minutes=10)
        async with _logged_in(service.url, seats[11]) as moved:
            asked = await SimplePage(moved).start(seats[11].attempt_id)
            assert asked.json()["type"].endswith("takeover-needed")
        await expect(at(wall, "fig-closed")).to_contain_text("6")
        await expect(at(wall, "fig-running")).to_contain_text("15")
        await expect(at(wall, "fig-paused")).to_contain_text("1")
        await expect(at(wall, "attention-takeover")).to_contain_text(seats[11].name)
        await expect(at(wall, "journal")).to_contain_text("要求换设备")
        await wall.shot("console-live")
        await at(wall, "live-view").get_by_text("列表").click()
        await expect(at(wall, "live-rows")).to_be_visible()
        await wall.shot("console-live-rows")
        await at(wall, "filter-paused").click()
        (paused,) = await console.taken_away(wall, "live-excel")
        assert (paused["准考证号"], paused["状态"]) == (seats[6].ticket_no, "已暂停")
        await at(wall, "filter-all").click()
        everybody = await console.taken_away(wall, "live-excel")
        assert [one["准考证号"] for one in everybody] == [one.ticket_no for one in seats]
        await at(wall, "me-menu").click()
        await at(wall, "switch-theme").click()
        await wall.page.keyboard.press("Escape")
        await wall.shot("console-live-dark")
        await at(wall, "me-menu").click()
        await at(wall, "switch-theme").click()


@asynccontextmanager
async def _logged_in(url: str, seat: Seat) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=15, trust_env=False) as client:
        body = {"ticketNo": seat.ticket_no, "lastSix": seat.id_no[-6:], "roomCode": seat.room_code}
        assert (await client.post("/api/login/desk", json=body)).is_success
        yield client


async def _sit(url: str, seat: Seat, number: int) -> None:
    """Start and answer as a page would, without the page; every fourth hands in."""
    async with _logged_in(url, seat) as client:
        sitter = SimplePage(client)
        assert (await sitter.start(seat.attempt_id)).is_success
        done = ITEMS if number % 4 == 0 else 18 + number * 5 % 40
        for slot in range(done):
            item = sitter.paper["items"][slot]
            sitter.choose(slot, 1 if (slot + number) % (3 + number) == 0 else right_mask(item))
        await sitter.sync_all()
        if done == ITEMS:
            sitter.tap_hand_in()
            assert (await sitter.submit()).is_success
