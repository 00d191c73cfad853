"""The hot way to Redis: one connection, commands of one loop tick in one write, answers in order.

redis-py opens the connection (address, TLS, login); from then on bytes go through hiredis directly, without
its pool, locks and retries. redis-py's private edges are used in this file only.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import hiredis
import structlog
from prometheus_client import Counter
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from exam_api.errors import LiveAway, ShardUnready
from exam_api.live import scripts
from exam_api.live.lane import Lane, Word, word
from exam_api.live.scripts import Script

DEADLINE_S: Final = 2.0
"""How long a call may take, then it is refused; a connection that is silent for so long is taken for dead."""

IN_FLIGHT_MAX: Final = 8_192
"""Calls under way; beyond it callers are refused at once instead of queueing without end."""

BACKOFF_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Pauses between attempts to connect; the last one repeats."""

_SWEEP_S: Final = 0.25
_TURNS: Final = 4
"""Turns of the loop in which the reader comes to what has arrived; a busy one may take a second."""

AWAY_S: Final = Counter("kaowu_redis_away_seconds", "Time without a connection to a node of Redis")

AWAY: Final = (
    "LOADING",
    "READONLY",
    "MASTERDOWN",
    "MISCONF",
    "OOM",
    "BUSY",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "NOREPLICAS",
    "UNBLOCKED",
    "MOVED",
    "ASK",
)
"""Errors of a node that cannot serve now: loading its data, a replica, disk or memory full."""

_AWAY_IN: Final = re.compile(rf"\b(?:{'|'.join(AWAY)})\b")
"""As a word anywhere: Redis 6.2 puts "ERR Error running script" before what a script's command met."""

_MOVED_ROLE: Final = ("READONLY", "MOVED", "MASTERDOWN")
_log = structlog.stdlib.get_logger("kaowu.live")


class ScriptBroken(Exception):
    """Redis refused a command for a reason that is our fault."""


class _Call:
    """One command under way."""

    __slots__ = ("answer", "said", "script", "since", "words")

    def __init__(
        self, answer: "asyncio.Future[Any]", since: float, script: Script | None, words: int, said: bytes
    ) -> None:
        self.answer = answer
        self.since = since
        self.script = script
        self.words = words
        """Of a script's call: how many words follow its name."""
        self.said = said
        """Those words as they go over the wire."""


class _Hearing(asyncio.Protocol):
    """Hands what arrives to the lane in the very turn of the loop in which it arrives."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Something came."""
        self._heard(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        self.ended.set()
        if exc is not None:
            _log.warning("redis.broken", why=str(exc))


class RedisLane(Lane):
    """One pipelined connection of this process, kept open; refuses with `LiveAway` while it is not."""

    apart = False
    """Before the node has told: then it is known whether it is one of a cluster under a plain address."""

    def __init__(
        self,
        url: str,
        *,
        deadline_s: float = DEADLINE_S,
        in_flight_max: int = IN_FLIGHT_MAX,
        doubt: Callable[[], None] | None = None,
    ) -> None:
        """`doubt`: in a cluster, told when the node may no longer be the one to ask."""
        self._url = url
        self._doubt = doubt
        self._deadline_s = deadline_s
        self._in_flight_max = in_flight_max
        self._out: list[bytes] = []
        self._under_way: deque[_Call] = deque()
        self._transport: asyncio.WriteTransport | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._flush_due = False
        self._heard_s = 0.0
        """When the node said something last."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self.run_id = b""
        """Run id of the node as of the last connection; empty before the first."""

    def begin(self) -> None:
        """Keep connecting from now on, without waiting for it."""
        if self._keeper is None:
            self._loop = asyncio.get_running_loop()
            self._keeper = asyncio.create_task(self._keep(), name="redis lane")

    async def open(self) -> None:
        """As the port says."""
        self.begin()
        try:
            await asyncio.wait_for(self._connected.wait(), self._deadline_s)
        except TimeoutError:
            raise LiveAway from None

    async def close(self) -> None:
        """As the port says."""
        keeper, self._keeper = self._keeper, None
        while keeper is not None and not keeper.done():
            # Again and again: the client's own time-outs swallow a cancellation that meets them.
            keeper.cancel()
            await asyncio.wait([keeper], timeout=_CLOSE_AGAIN_S)

    @property
    def under_way(self) -> int:
        """Calls without an answer yet."""
        return len(self._under_way)

    def run(self, script: Script, keys: Sequence[bytes], args: Sequence[Word]) -> "asyncio.Future[Any]":
        """As the port says."""
        words = (len(keys), *keys, *args)
        return self.run_said(script, keys[0] if keys else b"", len(words), _packed(words).partition(_END)[2])

    def run_said(
        self,
        script: Script,
        key: bytes,  # noqa: ARG002 - one node holds every key
        words: int,
        said: bytes,
    ) -> "asyncio.Future[Any]":
        """As the port says."""
        call = b"*%d\r\n$7\r\nEVALSHA\r\n$40\r\n%b\r\n%b" % (words + 2, script.sha, said)
        return self._send(call, script, words, said)

    def command(self, *words: Word) -> "asyncio.Future[Any]":
        """As the port says."""
        return self._send(_packed(words), None, 0, b"")

    def run_id_of(self, key: bytes) -> bytes:  # noqa: ARG002 - one node holds every key
        """As the port says."""
        return self.run_id

    def by_node(self, keys: Sequence[bytes]) -> Sequence[Sequence[bytes]]:
        """As the port says."""
        return [keys]

    def _send(self, call: bytes, script: Script | None, words: int, said: bytes) -> "asyncio.Future[Any]":
        loop = self._loop
        if self._transport is None or loop is None or len(self._under_way) >= self._in_flight_max:
            raise LiveAway
        answer: asyncio.Future[Any] = loop.create_future()
        self._out.append(call)
        self._under_way.append(_Call(answer, loop.time(), script, words, said))
        if not self._flush_due:
            self._flush_due = True
            loop.call_soon(self._flush)
        return answer

    def _flush(self) -> None:
        self._flush_due = False
        out, self._out = self._out, []
        if self._transport is not None and out:
            self._transport.write(b"".join(out))

    async def _keep(self) -> None:
        """Connect, read until the connection ends, again and again."""
        failures = 0
        loop = asyncio.get_running_loop()
        gone_s = loop.time()
        try:
            while True:
                try:
                    connection, transport = await self._connect()
                except (RedisError, OSError, TimeoutError) as away:
                    if self._doubt is not None:
                        self._doubt()
                    if failures == 0:
                        _log.warning("redis.away", why=str(away))
                    await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
                    failures += 1
                    AWAY_S.inc(loop.time() - gone_s)
                    gone_s = loop.time()
                    continue
                failures = 0
                AWAY_S.inc(loop.time() - gone_s)
                try:
                    await self._serve(transport)  # it listens before another turn of the loop
                finally:
                    gone_s = loop.time()
                    self._drop()
                    if self._doubt is not None:
                        self._doubt()
                    await connection.disconnect(nowait=True)
        finally:
            self._drop()

    async def _connect(self) -> tuple[AbstractConnection, asyncio.WriteTransport]:
        given = cast("dict[str, Any]", dict(parse_url(self._url)))
        kind = cast("type[AbstractConnection]", given.pop("connection_class", Connection))
        given |= {
            "protocol": 2,
            "socket_timeout": self._deadline_s,
            "socket_connect_timeout": self._deadline_s,
            "retry": Retry(NoBackoff(), 0),
        }
        connection = kind(**given)
        try:
            await connection.connect()
            asked = [
                ("INFO", "server"),
                *(("SCRIPT", "LOAD", script.source) for script in scripts.ALL.values()),
            ]
            for words in asked:
                await connection.send_command(*words, check_health=False)
            replies = [cast("object", await connection.read_response()) for _ in asked]
            info, transport = cast("bytes", replies[0]), _transport(connection)
            self.run_id, self.apart = _told(info, b"run_id"), _told(info, b"redis_mode") == b"cluster"
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection, transport

    async def _serve(self, transport: asyncio.WriteTransport) -> None:
        loop = asyncio.get_running_loop()
        parser = hiredis.Reader(notEnoughData=_MORE)

        def hear(received: bytes) -> None:
            self._heard_s = loop.time()
            try:
                parser.feed(received)
                while (reply := cast("object", parser.gets())) is not _MORE:
                    self._answer(reply)
            except hiredis.ProtocolError as broken:
                _log.warning("redis.broken", why=str(broken))
                transport.abort()

        hearing = _Hearing(hear)
        transport.set_protocol(hearing)
        self._transport = transport
        self._connected.set()
        self._heard_s = loop.time()
        sweeper = asyncio.create_task(self._sweep(), name="redis lane deadlines")
        try:
            await hearing.ended.wait()
        finally:
            sweeper.cancel()

    def _answer(self, reply: object) -> None:
        call = self._under_way.popleft()
        if call.answer.done():
            return
        if not isinstance(reply, Exception):
            call.answer.set_result(reply)
        elif call.script is not None and str(reply).startswith("NOSCRIPT"):
            self._again(call, call.script)
        else:
            call.answer.set_exception(self._refusal(str(reply)))

    def _again(self, call: _Call, script: Script) -> None:
        """The server forgot its scripts: send this one whole, which makes it known again."""
        try:
            whole = b"*%d\r\n$4\r\nEVAL\r\n%b%b" % (call.words + 2, word(script.source), call.said)
            resent = self._send(whole, None, 0, b"")
        except LiveAway as away:
            call.answer.set_exception(away)
            return
        resent.add_done_callback(lambda done: _hand_on(done, call.answer))

    def _refusal(self, said: str) -> Exception:
        if said.startswith("UNREADY"):
            return ShardUnready()
        if _AWAY_IN.search(said):
            if self._doubt is not None:
                self._doubt()
            elif said.startswith(_MOVED_ROLE) and self._transport is not None:
                self._transport.close()  # another node is the master now: look it up again
            return LiveAway()
        return ScriptBroken(said)

    async def _sweep(self) -> None:
        """Refuse calls that are overdue, and end the connection when nothing at all is heard any more.

        A node that answers, only slowly, keeps its connection: refusing everything under way would make
        callers ask again what is being answered.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_S)
            before_s = loop.time() - self._deadline_s
            for _ in range(_TURNS):
                await asyncio.sleep(0)  # who was held up here reads first what has arrived meanwhile
            if not self._under_way or self._under_way[0].since > before_s:
                continue
            if self._heard_s <= before_s:
                transport, self._transport = self._transport, None  # nothing more is written to it
                if transport is not None:
                    transport.abort()
                _log.warning("redis.overdue", under_way=len(self._under_way))
                return
            self._refuse_sent_before(before_s)

    def _refuse_sent_before(self, at_s: float) -> None:
        for call in self._under_way:
            if call.since > at_s:
                return
            if not call.answer.done():
                call.answer.set_exception(LiveAway())
                call.answer.exception()  # as in _drop

    def _drop(self) -> None:
        """Refuse everything under way: what of it was done is not known, callers ask again."""
        self._transport = None
        self._connected.clear()
        self._out.clear()
        calls, self._under_way = self._under_way, deque()
        for call in calls:
            if not call.answer.done():
                call.answer.set_exception(LiveAway())
                call.answer.exception()  # a caller that gave up leaves nobody to retrieve it


_MORE: Final = object()
_END: Final = b"\r\n"
_CLOSE_AGAIN_S: Final = 0.05


def _hand_on(done: "asyncio.Future[Any]", answer: "asyncio.Future[Any]") -> None:
    if answer.done():
        return
    failed = None if done.cancelled() else done.exception()
    if done.cancelled() or failed is not None:
        answer.set_exception(failed or LiveAway())
    else:
        answer.set_result(done.result())


def _packed(words: tuple[Word, ...]) -> bytes:
    # hiredis annotates a tuple of one; it takes any length.
    return cast("bytes", hiredis.pack_command(words))  # pyright: ignore[reportArgumentType, reportUnknownMemberType]


def _transport(connection: AbstractConnection) -> asyncio.WriteTransport:
    """Of a connection that has not ended: whoever listens from now on would never be told."""
    reader, writer = connection._reader, connection._writer  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    transport = cast("asyncio.StreamWriter", writer).transport
    if transport.is_closing() or cast("asyncio.StreamReader", reader).at_eof():
        raise ConnectionResetError("it ended before it was in use")
    return transport


def _told(info: bytes, name: bytes) -> bytes:
    for line in info.splitlines():
        if line.startswith(name + b":"):
            return line.partition(b":")[2].strip()
    raise RedisError(f"the node does not tell its {name.decode()}")
