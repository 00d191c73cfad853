"""Every screen, as every role sees it: no barrier, no call that is refused, English without Chinese."""

import re
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from exam_api.people import Role
from tests.browser import phone
from tests.browser.devices import Device, Devices
from tests.browser.office import Seat
from tests.browser.sittings import own_session
from tests.browser.walk import (
    PEOPLE,
    WINDOW,
    ZOOMED,
    Screen,
    Walker,
    axe_source,
    screens,
    staff_of_every_role,
    texts,
    walker,
)
from tests.servers import Service

pytestmark = pytest.mark.browser

SERIOUS = ("serious", "critical")
Look = tuple[str, dict[str, int]]
LOOKS: tuple[Look, ...] = (("light", WINDOW), ("dark", ZOOMED), ("light", ZOOMED), ("dark", WINDOW))
"""Theme and window; every role gets one of them, the role that sees a screen first gets two."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHINESE_ALWAYS = ("中文",)

FIND = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'], elementRef: false })
    const short = (nodes) => nodes.slice(0, 4).map((one) => one.html.slice(0, 160))
    return found.violations.map(({ id, impact, nodes }) => [impact, id, short(nodes)])
}"""


class Tally:
    """What axe found on all pages."""

    def __init__(self) -> None:
        self.pages = 0
        self.found: list[str] = []
        self._source = axe_source()

    async def look(self, page: Page, name: str) -> None:
        """Ask axe about the page as it stands."""
        self.pages += 1
        if not await page.evaluate("() => 'axe' in window"):
            await page.evaluate(self._source)
        for impact, rule, nodes in await page.evaluate(FIND):
            if impact in SERIOUS:
                self.found.append(f"{name}: {impact} {rule} {nodes}")

    def last_line(self) -> str:
        count = {impact: sum(f": {impact} " in one for one in self.found) for impact in SERIOUS}
        return f"axe: {self.pages} pages, {count['serious']} serious, {count['critical']} critical"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def staffed(service: Service) -> AsyncIterator[Service]:
    await staff_of_every_role(service)
    yield service


async def test_no_screen_of_the_console_has_a_barrier_or_asks_for_what_it_may_not_have(
    chromium: Browser, staffed: Service, capsys: pytest.CaptureFixture[str]
):
    tally, complaints, seen = Tally(), list[str](), set[str]()
    for place, role in enumerate(PEOPLE):
        first, second = LOOKS[place % len(LOOKS)], LOOKS[(place + 1) % len(LOOKS)]
        async with walker(chromium, staffed, role) as one:
            await one.choose(theme=first[0], language="zh")
            await one.zoom(first[1])
            mine: list[Screen] = []
            for screen in screens():
                if await one.go(screen) and (screen.name == "home" or screen.name not in seen):
                    await _look_at(one, tally, role, screen, first)
                    mine.append(screen)
            seen |= {screen.name for screen in mine}
            await _look(one, tally, role, mine, second)
            complaints += [f"{role}: {told}" for told in one.complaints]
    with capsys.disabled():
        print(f"\n{tally.last_line()}")  # noqa: T201 - the line a reader of the run looks for
    wrong = [*complaints, *tally.found]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("role", PEOPLE, ids=str)
async def test_no_screen_has_a_barrier_in_any_look_for_anybody(
    role: Role, chromium: Browser, staffed: Service
):
    tally = Tally()
    async with walker(chromium, staffed, role) as one:
        mine = await _visit_all(one)
        for look in LOOKS:
            await _look(one, tally, role, mine, look)
    print(tally.last_line())  # noqa: T201 - as above
    assert tally.found == [], "\n".join(tally.found)


async def _visit_all(one: Walker) -> list[Screen]:
    """Go to every screen once; which are open to this role."""
    return [screen for screen in screens() if await one.go(screen)]


async def _look(one: Walker, tally: Tally, role: Role, at: list[Screen], look: Look) -> None:
    theme, window = look
    await one.choose(theme=theme, language="zh")
    await one.zoom(window)
    for screen in at:
        await one.go(screen)
        await _look_at(one, tally, role, screen, look)


async def _look_at(one: Walker, tally: Tally, role: Role, screen: Screen, look: Look) -> None:
    name = f"{role}-{screen.name}-{look[0]}-{look[1]['width']}"
    await one.shot(f"every-{name}")
    await tally.look(one.page, name)


async def test_with_english_chosen_no_screen_of_the_console_says_anything_in_chinese(
    chromium: Browser, staffed: Service
):
    wrong, seen = list[str](), set[str]()
    for role in PEOPLE:
        async with walker(chromium, staffed, role) as one:
            await one.choose(theme="light", language="en")
            for screen in screens():
                if screen.name in seen or not await one.go(screen):
                    continue
                seen.add(screen.name)
                await one.shot(f"every-{role}-{screen.name}-en")
                wrong += [f"{screen.name}: {line}" for line in await _chinese(one)]
    wrong += [f"{screen.name}: nobody may open it" for screen in screens() if screen.name not in seen]
    assert wrong == [], "\n".join(wrong)


async def _chinese(one: Walker) -> list[str]:
    """Chinese that is neither what the service said (names, titles, items) nor the way back to Chinese."""
    words = str(await one.page.evaluate("() => document.body.innerText"))
    replies = [msgspec.json.decode(body) for body in one.replies.values() if body[:1] in {b"{", b"["}]
    data = {text for reply in replies for text in texts(reply) if CHINESE.search(text)}
    for text in sorted(data.union(CHINESE_ALWAYS), key=len, reverse=True):
        words = words.replace(text, "")
    return [line for line in words.splitlines() if CHINESE.search(line)]


async def test_no_screen_of_phone_and_desk_has_a_barrier(
    devices: Devices, staffed: Service, capsys: pytest.CaptureFixture[str]
):
    tally = Tally()
    phones = await own_session(staffed, "无障碍走查（手机）", channel="phone", people=["马走查"])
    desks = await own_session(staffed, "无障碍走查（机房）", channel="desk", people=["马走查"])
    async with devices.phone() as device:
        await _phone(device, phones[0], tally)
    async with devices.computer() as device:
        await _desk(device, desks[0], tally)
    with capsys.disabled():
        print(f"\n{tally.last_line()}")  # noqa: T201 - the line a reader of the run looks for
    assert tally.found == [], "\n".join(tally.found)


async def _phone(device: Device, seat: Seat, tally: Tally) -> None:
    page = device.page
    await device.go("/phone/")
    await expect(phone.at(page, "login-name")).to_be_visible()
    await tally.look(page, "phone-login")
    await phone.log_in(device, seat.name, seat.id_no)
    await device.go("/phone/#/exams")
    await expect(phone.at(page, "exam-first")).to_be_visible()
    await tally.look(page, "phone-exams")
    await phone.at(page, "exam-act").tap()
    await expect(phone.at(page, "rules")).to_be_visible()
    await tally.look(page, "phone-rules")
    await phone.at(page, "rules-next").tap()
    await expect(phone.at(page, "device-check")).to_have_attribute("data-storage", "true")
    await tally.look(page, "phone-check")
    await phone.enter(device, seat.attempt_id)
    await tally.look(page, "phone-exam")
    for opener, sheet in (("exam-sheet", "all"), ("item-report", "report"), ("exam-hand-in", "hand-in")):
        await phone.at(page, opener).tap()
        await expect(phone.at(page, f"close-{sheet}")).to_be_visible()
        await tally.look(page, f"phone-{sheet}")
        if sheet != "hand-in":
            await phone.at(page, f"close-{sheet}").tap()
            await expect(phone.at(page, f"close-{sheet}")).to_be_hidden()
    await phone.at(page, "hand-in-now").tap()
    await expect(phone.at(page, "result")).to_be_visible()
    await tally.look(page, "phone-result")


async def _desk(device: Device, seat: Seat, tally: Tally) -> None:
    page, keys = device.page, device.page.keyboard
    await device.go("/desk/")
    await expect(phone.at(page, "desk-ticket")).to_be_focused()
    await tally.look(page, "desk-login")
    for number in (seat.ticket_no, seat.id_no[-6:], seat.room_code):
        await keys.type(number)
        await keys.press("Tab")
    await keys.press("Shift+Tab")
    await keys.press("Enter")
    await expect(phone.at(page, "ready-name")).to_have_text(seat.name)
    await tally.look(page, "desk-ready")
    await keys.press("Enter")
    await expect(phone.at(page, "item")).to_be_visible()
    await tally.look(page, "desk-exam")
    await page.set_viewport_size({"width": 720, "height": 450})
    await tally.look(page, "desk-exam at 200 %")
    await keys.press("Control+Enter")
    await expect(phone.at(page, "hand-in")).to_be_visible()
    await tally.look(page, "desk-hand-in")
