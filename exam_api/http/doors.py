"""The line before log-ins, papers and starts as calls meet it: places, waiting, proof of having waited."""

import asyncio
import contextlib
import hmac
import random
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final, NamedTuple, cast

import structlog
from litestar import Litestar
from litestar.routes import ASGIRoute
from litestar.types import HTTPScope, Receive
from prometheus_client import Gauge

from exam_api.http.admission import Admission, Call, State, Way
from exam_api.http.bare import header_of
from exam_api.http.errors import BadRequest, MustWait
from exam_api.http.guards import OPT, Access
from exam_api.http.tallies import Lasting, Tally
from exam_api.ports import Clock

log = structlog.get_logger("http")

TURNS: Final = Tally(
    "kaowu_entry_turns",
    "Log-ins, papers and starts by what became of them: at once, waited, away (told to come again), gone",
    ("way", "took"),
)
STOOD: Final = Lasting(
    "kaowu_entry_stood_seconds",
    "Time in line of calls that were then worked on",
    ("way",),
    up_to=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
STANDING: Final = Gauge("kaowu_entry_standing", "Log-ins, papers and starts that stand in line")
LAG: Final = Gauge(
    "kaowu_loop_lag_seconds", "How late the event loop was lately, while log-ins, papers or starts are here"
)

TURN: Final = b"x-turn"
"""Header in which a page shows since when it waits."""

LOOK_S: Final = 0.1
"""How often the event loop is looked at while somebody is here."""

TELL_S: Final = 10.0
"""A line that turns people away is told of in the log this often."""

ASKED_MOST: Final = 8
"""How often a server may say of a body that was read that there is one: some would for ever."""

LATE_MOST_MS: Final = 90_000
"""Who comes this long after they were told to begins anew; a page that is hidden wakes once a minute."""

_SINCE: Final = struct.Struct(">QQ")
_MAC_BYTES: Final = 8


class Entry(NamedTuple):
    """How an installation lets people in."""

    places: int
    """Log-ins, papers and starts that one process works on at once."""
    key: bytes
    """Of the proofs of how long somebody has waited."""


class Door(NamedTuple):
    """A path whose calls stand in line, also those that the framework answers."""

    method: str
    before: str
    """What stands before the id; the whole path where there is none."""
    behind: str
    way: Way
    body_max: int

    def leads(self, method: str, path: str) -> bool:
        """Whether a call comes in here."""
        if method != self.method:
            return False
        if not self.behind:
            return path == self.before
        return path.startswith(self.before) and path.endswith(self.behind)


def doors_of(app: Litestar) -> tuple[Door, ...]:
    """The routes that declare a way, in an application: ordinary and bare ones."""
    found: set[Door] = set()
    for route in app.routes:
        bare = [route.route_handler] if isinstance(route, ASGIRoute) else ()
        for handler in cast("Iterable[Any]", getattr(route, "route_handlers", bare)):
            access: Access | None = handler.opt.get(OPT)
            if access is not None and access.way is not None:
                before, _, behind = route.path_format.partition("{")
                found |= {
                    Door(method, before, behind.partition("}")[2], access.way, access.body_max)
                    for method in ((access.method,) if bare else handler.http_methods)
                }
    return tuple(sorted(found))


def _routed(scope: HTTPScope) -> str:
    """The path as the framework finds its route by it."""
    path, root = scope["path"], cast("dict[str, str]", scope).get("root_path")
    if root:
        path = path.split(root, maxsplit=1)[-1]
    return "/" + "/".join(filter(None, path.split("/")))


class Doors:
    """Lets the calls of one event loop in."""

    def __init__(
        self,
        *,
        entry: Entry,
        clock: Clock,
        doors: tuple[Door, ...] = (),
        chance: random.Random | None = None,
    ) -> None:
        self._admission = Admission(places=entry.places, chance=(chance or random.SystemRandom()).random)
        self._clock = clock
        self._key = entry.key
        self._doors = doors
        self._futures: dict[Call, asyncio.Future[None]] = {}
        """Of those who stand in line."""
        self._looks = False
        self._away = 0
        """Told to come again since the log was told."""
        self._told_s = 0.0

    def door_of(self, scope: HTTPScope) -> Door | None:
        """Where a call comes in that the framework answers."""
        path, method = _routed(scope), scope["method"]
        if not path.startswith("/api/"):
            return None
        return next((door for door in self._doors if door.leads(method, path)), None)

    async def enter(self, way: Way, scope: HTTPScope, receive: Receive, body: bytes = b"") -> Call:
        """Wait for a place; `leave` gives it back.

        `receive`: its body was read; tells while one stands in line that the caller has gone.

        Raises:
            MustWait: there is no place soon.
            BadRequest: the caller has gone.
        """
        loop = asyncio.get_running_loop()
        now_s, now_ms = loop.time(), self._clock.now_ms()
        # What many say in the same words about a paper is told apart by who says it.
        bound = (body if way is not Way.PAPER else b"") or header_of(scope, b"cookie")
        waited_ms = self._waited_ms(header_of(scope, TURN), bound, now_ms)
        call, changed = self._admission.come(way, now_s=now_s, waited_s=waited_ms / 1000)
        if not self._looks:
            self._looks = True
            loop.call_later(LOOK_S, self._look, loop, loop.time() + LOOK_S)
        if call.state is State.LINE:
            future = self._futures[call] = loop.create_future()
            self._tell(changed)
            await self._stand(call, future, receive)
            took = "waited"
        else:
            self._tell(changed)
            took = "at once"
        if call.state is State.AWAY:
            self._away += 1
            TURNS.add((way, "away"))
            raise MustWait(
                again_ms=round(call.again_s * 1000),
                wait_ms=round(call.wait_s * 1000),
                ahead=call.ahead,
                turn=self._turn(now_ms - waited_ms, now_ms + round(call.again_s * 1000), bound),
            )
        if call.state is State.GONE:
            TURNS.add((way, "gone"))
            raise BadRequest("the caller has gone")
        TURNS.add((way, took))
        STOOD.add((way,), loop.time() - now_s)
        return call

    def leave(self, call: Call) -> None:
        """Give the place back."""
        self._tell(self._admission.leave(call, now_s=asyncio.get_running_loop().time()))

    async def _stand(self, call: Call, future: asyncio.Future[None], receive: Receive) -> None:
        """Until there is a place, or none, or nobody waits for it."""
        watch = asyncio.ensure_future(self._until_gone(call, receive))
        STANDING.set(self._admission.standing)
        try:
            await future
        except BaseException:
            self.leave(call)
            raise
        finally:
            del self._futures[call]
            watch.cancel()
            STANDING.set(self._admission.standing)

    async def _until_gone(self, call: Call, receive: Receive) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            for _ in range(ASKED_MOST):
                if (await receive())["type"] != "http.request":
                    break
            else:
                return  # it says nothing else: whether somebody is there is not known
        if call.state is State.LINE:
            self.leave(call)
            self._tell((call,))

    def _tell(self, changed: Iterable[Call]) -> None:
        for call in changed:
            future = self._futures.get(call)
            if future is not None and not future.done():
                future.set_result(None)

    def _look(self, loop: asyncio.AbstractEventLoop, due_s: float) -> None:
        now_s = loop.time()
        LAG.set(now_s - due_s)
        self._tell(self._admission.look(now_s=now_s, lag_s=now_s - due_s))
        if self._away and now_s - self._told_s > TELL_S:
            log.info("entry.line", away=self._away, standing=self._admission.standing)
            self._away, self._told_s = 0, now_s
        self._looks = not self._admission.idle
        if self._looks:
            loop.call_later(LOOK_S, self._look, loop, now_s + LOOK_S)
        else:
            LAG.set(0)

    def _turn(self, since_ms: int, due_ms: int, bound: bytes) -> str:
        """Proof of since when somebody asks for this very thing, and of when they were told to come again."""
        since = _SINCE.pack(since_ms, due_ms)
        return urlsafe_b64encode(since + self._mac(since, bound)).rstrip(b"=").decode()

    def _waited_ms(self, turn: bytes, bound: bytes, now_ms: int) -> int:
        """How long somebody has waited; 0 where nothing genuine says so, or they came too late."""
        if not turn:
            return 0
        try:
            told = urlsafe_b64decode(turn + b"=" * (-len(turn) % 4))
        except (NotBase64, ValueError):
            return 0
        since, mac = told[: _SINCE.size], told[_SINCE.size :]
        if len(since) < _SINCE.size or not hmac.compare_digest(mac, self._mac(since, bound)):
            return 0
        since_ms, due_ms = cast("tuple[int, int]", _SINCE.unpack(since))
        return max(0, now_ms - since_ms) if now_ms < due_ms + LATE_MOST_MS else 0

    def _mac(self, since: bytes, bound: bytes) -> bytes:
        return blake2b(since + bound, digest_size=_MAC_BYTES, key=self._key, person=b"kaowu turn").digest()
