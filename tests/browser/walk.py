"""Every screen of the console, by role: from its own list of addresses, so none is forgotten."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from playwright.async_api import Browser, BrowserContext, Page, Request, Response

from exam_api.account_ports import NewAccount, NewEmployer
from exam_api.console_ports import Act
from exam_api.demo.load import PASSWORD
from exam_api.people import Role
from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from tests.browser.devices import PATIENCE_MS, SCREENS
from tests.servers import ROOT, Service

CONSOLE = ROOT / "web" / "console"
PATTERN = re.compile(r"\[/\^(?P<path>\S+)\$/, \"(?P<screen>[\w-]+)\"\]")
"""One line of route.ts."""

WINDOW = {"width": 1440, "height": 900}
ZOOMED = {"width": 720, "height": 450}
"""The same window at 200 %."""

QUIET_MS = 90
"""So long without a call under way, and a screen has come."""

GO = """(to) => {
    location.hash = to
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
}"""

PEOPLE: Mapping[Role, tuple[str, str]] = {
    Role.OFFICER: ("walk-officer", "主管部门 走查"),
    Role.INSTITUTION_ADMIN: ("walk-admin", "机构管理员 走查"),
    Role.INVIGILATOR: ("walk-invigilator", "监考员 走查"),
    Role.ITEM_AUTHOR: ("walk-author", "命题人 走查"),
    Role.ITEM_REVIEWER: ("walk-reviewer", "审题人 走查"),
    Role.AUDITOR: ("walk-auditor", "审计员 走查"),
    Role.OPERATOR: ("walk-operator", "平台运维 走查"),
    Role.EMPLOYER_CLERK: ("walk-clerk", "企业经办人 走查"),
}
"""A person of each role that has a console: the widest rights first."""

OF_EMPLOYER = {Role.EMPLOYER_CLERK}
USCC = "91639900MA7K4EX24W"
"""A credit code that checks and belongs to nobody."""

OF_INSTITUTION = {Role.INSTITUTION_ADMIN, Role.INVIGILATOR}


class Screen(msgspec.Struct, frozen=True):
    """One line of the console's list."""

    name: str
    path: str
    """As a pattern of one place: `/sessions/([^/]+)/live`."""

    @property
    def steps(self) -> Sequence[str]:
        """What the address is made of; a step with brackets takes an id."""
        whole = re.sub(r"\(\?:.*?\)\?", "", self.path)
        return re.sub(r"\[[^]]*\]\+", "[]", whole).replace("(", "").replace(")", "").strip("/").split("/")


def screens() -> Sequence[Screen]:
    """As route.ts lists them."""
    found = PATTERN.findall((CONSOLE / "route.ts").read_text())
    return [Screen(name, path.replace("\\/", "/")) for path, name in found]


async def staff_of_every_role(service: Service) -> None:
    """Accounts of the walk, whatever the demo has."""
    async with open_parts(from_environ(service.environ)) as wired:
        console = wired.parts.console
        own = next(line for line in await console.sittings.sessions(None) if "（示例）" in line.facts.title)
        act = Act(actor="system", at_ms=wired.exam.clock.now_ms())
        password_hash = wired.passwords.hash(PASSWORD)
        accounts = wired.parts.accounts.accounts
        for role, (login_name, name) in PEOPLE.items():
            account = NewAccount(
                id=uuid4(),
                login_name=login_name,
                name=name,
                role=role,
                institution_id=own.facts.institution_id if role in OF_INSTITUTION else None,
                employer_id=None,
                password_hash=password_hash,
            )
            employer = (
                NewEmployer(id=uuid4(), uscc=USCC, name="走查建筑公司") if role in OF_EMPLOYER else None
            )
            await accounts.create(account, employer, act=act)
            await accounts.set_password(account.id, password_hash, must_change=False, act=act)


class Walker:
    """Somebody at the console who goes to every screen and remembers what the service said."""

    def __init__(self, context: BrowserContext, page: Page, base: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.replies: dict[str, bytes] = {}
        self._base = base
        self._context = context
        self._open: set[Request] = set()
        self._ids: dict[str, str] = {}
        self._heard: list[asyncio.Task[None]] = []
        page.on("request", self._asks)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.on("response", self._answered)
        page.on("pageerror", lambda thrown: self.complaints.append(f"thrown: {thrown}"))

    async def choose(self, *, theme: str, language: str) -> None:
        """Light or dark, Chinese or English: kept by the browser, so the page is opened anew."""
        kept = {"kaowu-theme": theme, "kaowu-language": language}
        for name, value in kept.items():
            await self.page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, value])
        await self.page.reload()
        await self.settled()

    async def zoom(self, window: dict[str, int]) -> None:
        await self.page.set_viewport_size({"width": window["width"], "height": window["height"]})

    async def go(self, screen: Screen) -> bool:
        """Open a screen; False where the role has no right to it."""
        address = ""
        for step in screen.steps:
            address += f"/{await self._id(address) if step == '[]' else step}"
        await self.page.evaluate(GO, address)
        if await self.page.get_by_test_id("no-rights").count():
            return False
        await self.settled()
        return True

    async def settled(self) -> None:
        """Wait until nothing is asked any more."""
        quiet, asked = 0, 0
        while quiet < QUIET_MS:
            await asyncio.sleep(0.03)
            quiet = 0 if self._open else quiet + 30
            asked += 30
            assert asked < PATIENCE_MS, f"still asks: {[one.url for one in self._open]}"
        await asyncio.gather(*self._heard)

    async def shot(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")

    async def _id(self, collection: str) -> str:
        """The first id that the collection's list names; nobody's where the role sees none."""
        if collection not in self._ids:
            reply = await self._context.request.get(f"{self._base}/api{collection}")
            held = msgspec.json.decode(await reply.body()) if reply.ok else {}
            rows = next((value for value in held.values() if isinstance(value, list)), [])
            self._ids[collection] = str(rows[0]["id"]) if rows else str(UUID(int=0))
        return self._ids[collection]

    def _asks(self, request: Request) -> None:
        if not request.url.endswith(("/watch", "/down")):
            self._open.add(request)

    def _ended(self, request: Request) -> None:
        self._open.discard(request)

    def _answered(self, response: Response) -> None:
        path = response.url.removeprefix(self._base).partition("?")[0]
        if response.status == 403 or response.status >= 500:
            self.complaints.append(f"{response.status} {path}")
        if (
            path.startswith("/api/")
            and response.status == 200
            and not path.endswith(("/watch", "/down", ".xlsx"))
        ):
            self._heard.append(asyncio.ensure_future(self._keep(path, response)))

    async def _keep(self, path: str, response: Response) -> None:
        self.replies[path] = await response.body()


@asynccontextmanager
async def walker(browser: Browser, service: Service, role: Role) -> AsyncIterator[Walker]:
    """Somebody of a role, logged in, at the first screen."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(PATIENCE_MS)
    body = {"loginName": PEOPLE[role][0], "password": PASSWORD}
    reply = await context.request.post(f"{service.url}/api/login/staff", data=body)
    assert reply.ok, await reply.text()
    page = await context.new_page()
    one = Walker(context, page, service.url)
    await page.goto(f"{service.url}/console/#/home")
    await page.get_by_test_id("me-menu").wait_for()
    await one.settled()
    try:
        yield one
    finally:
        await context.close()


def texts(value: Any, key: str = "") -> Iterator[str]:
    """Texts of a reply, but not those that have an English sister."""
    if isinstance(value, str):
        if key != "zh":
            yield value
            yield from value.split()
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def axe_source() -> str:
    return (Path(ROOT) / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
