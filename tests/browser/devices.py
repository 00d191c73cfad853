"""Browsers as people hold them: a phone, a computer in an exam room, a console; each with its own storage."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    WebError,
    expect,
)

SCREENS = Path(__file__).parents[2] / "build" / "screens"
"""Where every story leaves pictures of what it saw; not part of the project."""

PATIENCE_MS = 15_000
"""How long anything may take before a story fails: two cores, several processes, one browser."""

expect.set_options(timeout=PATIENCE_MS)

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
COMPUTER: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}

ASKED_WHO = (401, "/api/me")
"""A page asks who is logged in before anybody is; the browser calls the refusal an error."""


class Device:
    """One browser with its page; remembers everything it complained about."""

    def __init__(self, context: BrowserContext, page: Page, base: str) -> None:
        self.context = context
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self._heard_api: list[asyncio.Task[tuple[str, bytes]]] = []
        self.expected: set[tuple[int, str]] = {ASKED_WHO}
        context.on("console", self._heard)
        context.on("weberror", self._broke)
        context.on("response", self._answered)

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.base}{path}")

    async def reopen(self, path: str) -> None:
        """Open a fresh tab in the same browser, as after the old one was closed."""
        self.page = await self.context.new_page()
        await self.go(path)

    async def post(self, path: str, body: object) -> Any:
        """Call the service as this device's page would, for what a story does not tell again."""
        reply = await self.context.request.post(f"{self.base}{path}", data=body)
        assert reply.ok, f"{path}: {reply.status} {await reply.text()}"
        return await reply.json()

    def listen(self) -> None:
        """Keep every reply of the API from now on."""

        async def body(response: Response, path: str) -> tuple[str, bytes]:
            return path, await response.body()

        def answered(response: Response) -> None:
            path = response.url.removeprefix(self.base)
            streams = path.endswith(("/down", "/watch"))
            if path.startswith("/api/") and not streams and response.status == 200:
                self._heard_api.append(asyncio.ensure_future(body(response, path)))

        self.context.on("response", answered)

    async def replies(self) -> list[tuple[str, bytes]]:
        """What the API has said since `listen`: path and body."""
        return list(await asyncio.gather(*self._heard_api))

    async def shot(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")

    def _heard(self, message: ConsoleMessage) -> None:
        # What was not fetched is told by `_answered`, which knows the status; without network it is expected.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _broke(self, broken: WebError) -> None:
        self.complaints.append(f"thrown: {broken.error}")

    def _answered(self, response: Response) -> None:
        path = response.url.removeprefix(self.base).partition("?")[0]
        if response.status >= 400 and (response.status, path) not in self.expected:
            self.complaints.append(f"{response.status} {path}")


class Devices:
    """Hands out devices of one browser, all on one service."""

    def __init__(self, browser: Browser, base: str) -> None:
        self._browser = browser
        self._base = base

    @asynccontextmanager
    async def phone(self, **other: Any) -> AsyncIterator[Device]:
        async with self._device(**PHONE | other) as device:
            yield device

    @asynccontextmanager
    async def computer(self, **other: Any) -> AsyncIterator[Device]:
        async with self._device(**COMPUTER | other) as device:
            yield device

    @asynccontextmanager
    async def _device(self, **kind: Any) -> AsyncIterator[Device]:
        """Open a device; at its end it must have had nothing to complain about."""
        context = await self._browser.new_context(
            **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "base_url": self._base} | kind
        )
        context.set_default_timeout(PATIENCE_MS)
        device = Device(context, await context.new_page(), self._base)
        try:
            yield device
        except BaseException:
            await device.shot(f"failed-{id(device)}")
            raise
        finally:
            await context.close()
        assert device.complaints == []
