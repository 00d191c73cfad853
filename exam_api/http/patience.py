"""Bodies in time: one look each second at all that are being read, instead of a timer for each."""

import asyncio
from typing import Any, Final, cast

from litestar.types import Receive

from exam_api.http.errors import BadRequest, BodyTooSlow

LOOK_S: Final = 1.0
"""How often it is looked whose time is up: a body may take so much longer than it is given."""


class Patience:
    """Waits for the bodies of one event loop."""

    def __init__(self, *, look_s: float = LOOK_S) -> None:
        self._look_s = look_s
        self._until_s: dict[asyncio.Task[Any] | None, float] = {}
        """Whose body is awaited, and till when."""
        self._looks = False

    async def read(self, receive: Receive, *, length: int, within_s: float) -> bytes:
        """The whole body, which has so many bytes.

        Once they are there nothing more is asked for: Granian says in a message of its own that this was all,
        and to wait for that costs as much as the first one.

        Raises:
            BodyTooSlow: when it is not whole after that time.
            BadRequest: when the client went away.
        """
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        self._until_s[task] = loop.time() + within_s
        if not self._looks:
            self._looks = True
            loop.call_later(self._look_s, self._look, loop)
        try:
            message = cast("dict[str, Any]", await receive())
            held: bytes = message.get("body", b"")
            while len(held) < length and message.get("more_body"):
                message = cast("dict[str, Any]", await receive())
                held += message.get("body", b"")
        except asyncio.CancelledError:
            if task is None or task in self._until_s or task.uncancel():
                raise  # somebody else wants it to end
            raise BodyTooSlow(within_s=int(within_s)) from None
        finally:
            self._until_s.pop(task, None)
        if message["type"] != "http.request":
            raise BadRequest("the request broke off")
        return held

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        for task in [task for task, until_s in self._until_s.items() if until_s <= now_s]:
            del self._until_s[task]
            if task is not None:
                task.cancel()
        self._looks = bool(self._until_s)
        if self._looks:
            loop.call_later(self._look_s, self._look, loop)
