"""Every screen, as every role sees it: no barrier for anybody, no call that is refused, English without Chinese."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from exam_api.demo.load import identity_of
from exam_api.people import Role
from tests.browser import phone
from tests.browser.devices import Devices
from tests.browser.office import Office
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
LOOKS = (("light", WINDOW), ("dark", ZOOMED), ("light", ZOOMED), ("dark", WINDOW))
"""Theme and window; every role gets one of them, the role that sees a screen first gets two."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHINESE_ALWAYS = ("中文",)

FIND = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'], elementRef: false })
    return found.violations.map(({ id, impact, nodes }) => [impact, id, nodes.slice(0, 4).map((one) => one.html.slice(0, 160))])
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
        async with walker(chromium, staffed, role) as one:
            first = [
                screen for screen in await _visit_all(one) if screen.name == "home" or screen.name not in seen
            ]
            seen |= {screen.name for screen in first}
            await _look(one, tally, role, first, *LOOKS[place % len(LOOKS)])
            await _look(one, tally, role, first, *LOOKS[(place + 1) % len(LOOKS)])
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
        for theme, window in LOOKS:
            await _look(one, tally, role, mine, theme, window)
    print(tally.last_line())  # noqa: T201 - as above
    assert tally.found == [], "\n".join(tally.found)


async def _visit_all(one: Walker) -> list[Screen]:
    """Go to every screen once; which are open to this role."""
    return [screen for screen in screens() if await one.go(screen)]


async def _look(  # noqa: PLR0913 - whom, what, how
    one: Walker, tally: Tally, role: Role, at: list[Screen], theme: str, window: dict[str, int]
) -> None:
    await one.choose(theme=theme, language="zh")
    await one.zoom(window)
    for screen in at:
        await one.go(screen)
        name = f"{role}-{screen.name}-{theme}-{window['width']}"
        await one.shot(f"every-{name}")
        await tally.look(one.page, name)
