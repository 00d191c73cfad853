"""Every way to make one and the same sync, from the whole application down to a bare question to Redis."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from exam_api.app import create_app
from exam_api.attempt import chain
from exam_api.attempt.model import SyncAsk
from exam_api.http.attempts import SYNC, AttemptCalls, ops_of, source_of
from exam_api.http.bare import HELD
from exam_api.http.read_sync import read_sync
from exam_api.usecases.sync_attempt import SyncRequest, sync_attempt
from exam_api.wiring import Wired
from tools.bench.candidate import FENCE, Candidate
from tools.bench.load import LOOPBACK

Once: TypeAlias = Callable[[], Awaitable[None]]
"""One call, ready to be made."""

Floor: TypeAlias = Callable[[Candidate, int], Once]
"""Prepares the sync of one candidate that follows on this base."""

LIVE: Final = "live (script call and its reply)"

LANE: Final = "lane (a bare question to Redis)"

_HTTP_OK: Final = 200


class Floors:
    """Outermost first; each is what the one before it stands on."""

    def __init__(self, wired: Wired) -> None:
        self._exam = wired.exam
        self._lane = wired.lane
        self._app: Any = create_app(wired.parts)
        self._calls = AttemptCalls(wired.parts)
        self._decode = read_sync

    def all(self) -> Mapping[str, Floor]:
        """By what a floor adds to the next one."""
        return {
            "front (checks, body, headers, metrics)": lambda one, base: _asgi(self._app, one, base),
            "route (JSON, token, wire structs)": self._route,
            "rules (layout, chain, MAC)": self._rules,
            LIVE: self._live,
            LANE: self._ping,
        }

    def _route(self, one: Candidate, base: int) -> Once:
        scope, body = request_of(one, base)
        scope[HELD] = dict(scope["headers"])

        async def call() -> None:
            await self._calls.sync(scope, body)

        return call

    def _rules(self, one: Candidate, base: int) -> Once:
        scope, body = request_of(one, base)
        said = self._decode(body)
        ask = SyncRequest(
            attempt_id=one.attempt_id,
            fence=FENCE,
            base=said.base,
            base_head=bytes.fromhex(said.base_head or ""),
            ops=ops_of(said.ops),
            events=b"",
            ack_command=0,
            source=source_of(scope),
            want_side=False,
        )

        async def call() -> None:
            await sync_attempt(ask, self._exam)

        return call

    def _live(self, one: Candidate, base: int) -> Once:
        scope, body = request_of(one, base)
        said = self._decode(body)
        packed = chain.pack_all(ops_of(said.ops), FENCE)
        head = bytes.fromhex(said.base_head or "")
        ask = SyncAsk(
            attempt_id=one.attempt_id,
            fence=FENCE,
            base=base,
            ops=packed,
            heads=chain.heads(one.attempt_id, fence=FENCE, base=base, base_head=head, ops=packed),
            events=b"",
            ack_command=0,
            now_ms=self._exam.clock.now_ms(),
            source=source_of(scope),
        )

        async def call() -> None:
            await self._exam.live.sync(ask)

        return call

    def _ping(self, _one: Candidate, _base: int) -> Once:
        async def call() -> None:
            await self._lane.command("PING")

        return call


def request_of(one: Candidate, base: int) -> tuple[Any, bytes]:
    """The very bytes that go over HTTP, as a server hands them to an application."""
    head, _, body = one.sync(base).request.partition(b"\r\n\r\n")
    lines = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": SYNC.path,
        "raw_path": SYNC.path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in lines],
        "client": (LOOPBACK, 1),
        "server": (LOOPBACK, 1),
        "state": {},
    }
    return scope, body


def _asgi(app: Any, one: Candidate, base: int) -> Once:  # noqa: ANN401 - ASGI's callable
    scope, body = request_of(one, base)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message.get("status", _HTTP_OK) != _HTTP_OK:
            raise ValueError(message)

    async def call() -> None:
        await app(scope, receive, send)

    return call
