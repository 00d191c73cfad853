"""Event streams: the live wall of a session, and the poke to a running page."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from litestar.types import Receive, Scope, Send

from exam_api.record import LogEntry

HEARTBEAT_S: Final = 15.0
"""Proxies close what is silent for 30 s or more."""

STREAM: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
"""Headers of a stream; the last one keeps nginx from holding it back."""

COMMENT: Final = b": .\n\n"
"""The heartbeat of a stream that has nothing to say."""


class SeenEvent(Protocol):
    """One entry of the log as it passes by."""

    @property
    def entry(self) -> LogEntry: ...


class Batch(Protocol):
    """What came since the last one."""

    @property
    def events(self) -> Sequence[SeenEvent]: ...

    @property
    def again(self) -> bool:
        """Something was missed: everything must be looked at again."""
        ...


class Subscribed(Protocol):
    """A view of one session's entries."""

    async def next(self, timeout_s: float | None = None) -> Batch: ...

    def close(self) -> None: ...


class Nudged(Protocol):
    """Tells when something waits for one running page."""

    async def wait(self, timeout_s: float | None = None) -> bool: ...

    def close(self) -> None: ...


class Watching(Protocol):
    """The reader of all logs in this process. Made by `live.watch`."""

    def subscribe(self, session_id: UUID) -> Subscribed: ...

    def nudge(self, attempt_id: UUID) -> Nudged: ...


def event(name: str, data: bytes, event_id: str = "") -> bytes:
    """One server-sent event; `data` is JSON, so it has no line breaks."""
    head = f"id: {event_id}\nevent: {name}\ndata: " if event_id else f"event: {name}\ndata: "
    return head.encode() + data + b"\n\n"


async def stream(
    receive: Receive,
    send: Send,
    feed: Callable[[Send], Awaitable[None]],
    *,
    over: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Send until the page goes away, the feed ends, or `over` returns: whoever listened may no longer."""
    await send({"type": "http.response.start", "status": 200, "headers": STREAM})
    feeding = asyncio.ensure_future(feed(send))
    gone = asyncio.ensure_future(_gone(receive))
    tasks: list[asyncio.Future[None]] = [feeding, gone]
    if over is not None:
        tasks.append(asyncio.ensure_future(over()))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not gone.done():
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            with contextlib.suppress(OSError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def push(send: Send, data: bytes) -> None:
    """Send a piece of a stream."""
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Poke:
    """GET /api/attempt/down: says only that something waits; what it is comes with the next sync."""

    def __init__(self, watch: Watching) -> None:
        self._watch = watch

    async def serve(self, attempt_id: UUID, _scope: Scope, receive: Receive, send: Send) -> None:
        """Poke until the page goes."""
        nudge = self._watch.nudge(attempt_id)

        async def feed(out: Send) -> None:
            await push(out, COMMENT)  # the page knows at once that streams pass its proxy
            while True:
                rang = await nudge.wait(HEARTBEAT_S)
                await push(out, event("poke", b"{}") if rang else COMMENT)

        try:
            await stream(receive, send, feed)
        finally:
            nudge.close()
