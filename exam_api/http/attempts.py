"""The hot routes of an attempt: start, sync, hand in."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import msgspec
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from exam_api.attempt import errors as attempt
from exam_api.attempt import tokens
from exam_api.attempt.deadline import remaining_ms
from exam_api.attempt.model import Command, Op, Took
from exam_api.errors import LiveAway, RecordAway, ShardUnready
from exam_api.http.admission import Way
from exam_api.http.bare import HELD, JSON, Headers, header_of
from exam_api.http.errors import AttemptTokenInvalid, MustWait, NotAllowed, NotLoggedIn
from exam_api.http.guards import CANDIDATE, Access
from exam_api.http.hot import HotRoute, Reply, hot_answer, hot_call, hot_stream
from exam_api.http.measured import count_sync
from exam_api.http.parts import Parts
from exam_api.http.read_sync import OpRead, read_sync
from exam_api.http.show_result import held_ops, shown_hand_in
from exam_api.http.sources import source_of
from exam_api.http.start_calls import StartCalls
from exam_api.http.watching import Poke
from exam_api.http.wire_attempt import (
    CommandOut,
    OpIn,
    StartIn,
    StartOut,
    SubmitIn,
    SubmitOut,
    SyncIn,
    SyncOut,
)
from exam_api.usecases.hand_in import HandInAsk, hand_in
from exam_api.usecases.sync_attempt import Synced, SyncRequest, sync_attempt

TOKENS_KEPT: Final = 30_000
"""Verified tokens that a process remembers; that one is over is seen at every call."""

COOKIES_KEPT: Final = 512
"""Bytes of cookies beyond which no token is remembered: ours have some 150."""

SYNC_BODY_MAX: Final = 96 * 1024
"""300 ops of 150 bytes each, events and head, with room."""

_MAC_DIGITS: Final = 22
"""Digits of 16 bytes in base64url, without the padding."""

_encode: Final = msgspec.json.Encoder().encode


class _Asked(msgspec.Struct, rename="camel"):
    """What a start is of, before it is known whether the rest is in order."""

    attempt_id: str


_asked: Final = msgspec.json.Decoder(_Asked).decode
_LIVE: Final = (LiveAway, ShardUnready)
_OWN: Final = (NotLoggedIn, NotAllowed, attempt.AttemptNotFound, *_LIVE)
_TOKEN: Final = (AttemptTokenInvalid, attempt.AttemptNotFound, attempt.BadOp, attempt.Forked, *_LIVE)

START: Final = HotRoute(
    path="/api/attempt/start",
    method="POST",
    operation_id="startAttempt",
    summary="Start an attempt, or go on with it; sets the attempt token",
    access=Access(roles=CANDIDATE, body_max=4096, way=Way.START),
    takes=StartIn,
    gives=StartOut,
    packs=True,
    refuses=(
        *_OWN,
        MustWait,
        RecordAway,
        attempt.NotYetOpen,
        attempt.TooLateToEnter,
        attempt.TakeoverNeeded,
        attempt.TakeoverCodeWrong,
        attempt.AlreadyClosed,
    ),
)

SYNC: Final = HotRoute(
    path="/api/attempt/sync",
    method="POST",
    operation_id="syncAttempt",
    summary="Everything a page has to say, in one call; without ops it is the heartbeat",
    access=Access(attempt_token=True, body_max=SYNC_BODY_MAX),
    takes=SyncIn,
    gives=SyncOut,
    refuses=_TOKEN,
)

SUBMIT: Final = HotRoute(
    path="/api/attempt/submit",
    method="POST",
    operation_id="submitAttempt",
    summary="Hand in; repeated until `durable` it gives the same result",
    access=Access(attempt_token=True, body_max=SYNC_BODY_MAX),
    takes=SubmitIn,
    gives=SubmitOut,
    refuses=(*_TOKEN, attempt.TooEarly, attempt.VerdictAwaited, attempt.Behind, attempt.NotWriting),
)


DOWN: Final = HotRoute(
    path="/api/attempt/down",
    method="GET",
    operation_id="attemptDown",
    summary="Event stream of a running page: `poke` says that something waits, sync now",
    access=Access(attempt_token=True),
    refuses=(AttemptTokenInvalid,),
)


HOT_ROUTES: Final = (START, SYNC, SUBMIT, DOWN)
"""All bare routes; OpenAPI and the role walk read them here and in the application alike."""


def attempt_routes(parts: Parts) -> list[ASGIRouteHandler]:
    """The calls of a running page."""
    routes, starts = AttemptCalls(parts), StartCalls(parts, START)
    return [
        hot_call(START, StartIn, starts.start, quick=starts.quick),
        hot_answer(SYNC, routes.sync),
        hot_call(SUBMIT, SubmitIn, routes.submit),
        hot_stream(DOWN, routes.down),
    ]


def goes_on(parts: Parts) -> Callable[[Scope, bytes], bool]:
    """Tell whether a start is of an attempt whose time runs: it stands in no line.

    The page has its token; or, where that reply was lost or the device is another, this process saw it start.
    """

    def sits(scope: Scope, body: bytes) -> bool:
        text = parts.cookies.attempt_in(scope["headers"])
        if text:
            token = tokens.verify(text.decode("latin-1"), parts.token_keys, now_ms=parts.exam.clock.now_ms())
            if token is not None and str(token.attempt_id).encode() in body:
                return True
        try:
            return parts.exam.starts.began(UUID(_asked(body).attempt_id))
        except ValueError:  # msgspec's refusals descend from it
            return False

    return sits


class AttemptCalls:
    """Translates between wire and use cases; decides nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._exam = parts.exam
        self._poke = Poke(parts.watch)
        self._tokens: dict[bytes, tokens.AttemptToken] = {}
        """Genuine tokens by all the cookies they came with: a page brings the same ones each time."""

    async def sync(self, scope: Scope, given: bytes) -> tuple[Headers, bytes]:
        """Keep what is new, tell what is held."""
        data = read_sync(given)
        token = self.token(scope)
        ask = SyncRequest(
            attempt_id=token.attempt_id,
            fence=token.fence,
            base=data.base,
            base_head=bytes.fromhex(data.base_head or ""),
            ops=ops_of(data.ops),
            events=msgspec.json.encode(data.events) if data.events else b"",
            ack_command=data.ack_command,
            source=source_of(scope),
            want_side=data.want_side,
        )
        try:
            synced = await sync_attempt(ask, self._exam)
        except attempt.Forked:
            count_sync(Took.FORK, ops=0)
            raise
        count_sync(synced.took.took, ops=len(data.ops))
        return JSON, _encode(shown_sync(synced))

    async def submit(self, scope: Scope, data: SubmitIn) -> Reply:
        """Close, score, make durable."""
        token = self.token(scope)
        ask = HandInAsk(
            attempt_id=token.attempt_id,
            fence=token.fence,
            base=data.base,
            base_head=bytes.fromhex(data.base_head or ""),
            ops=ops_of(data.ops),
            source=source_of(scope),
        )
        handed = await hand_in(ask, self._exam)
        facts = (await self._exam.shelf.source(handed.result.session_id)).facts
        return Reply(
            shown_hand_in(
                handed,
                pass_centi=facts.pass_centi,
                late_state="open" if handed.result.late_ops and facts.late_hold else "none",
                now_ms=self._exam.clock.now_ms(),
            )
        )

    async def down(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Poke the page when something waits for it."""
        await self._poke.serve(self.token(scope).attempt_id, scope, receive, send)

    def token(self, scope: Scope) -> tokens.AttemptToken:
        """What the attempt token says. Raises AttemptTokenInvalid."""
        cookies = header_of(scope, b"cookie")
        now_ms = self._exam.clock.now_ms()
        found = self._tokens.get(cookies)
        if found is None:
            text = self._parts.cookies.attempt_in(scope["headers"]) or b""
            found = tokens.verify(text.decode("latin-1"), self._parts.token_keys, now_ms=now_ms)
            if found is None:
                raise AttemptTokenInvalid
            if len(self._tokens) >= TOKENS_KEPT:
                self._tokens.clear()
            if len(cookies) <= COOKIES_KEPT and HELD in scope:
                self._tokens[cookies] = found
        if found.until_ms <= now_ms:
            raise AttemptTokenInvalid
        return found


def ops_of(ops: Sequence[OpIn | OpRead]) -> list[Op]:
    """Ops as the rules know them."""
    return [Op(op.seq, op.kind, op.slot, bytes.fromhex(op.version), op.mask, op.client_ms) for op in ops]


def shown_sync(synced: Synced) -> SyncOut:
    """What is held, with its receipt, and what waits for the page."""
    took = synced.took
    return SyncOut(
        took=took.took,
        state=took.state,
        fence=took.fence,
        seq=took.seq,
        head=took.head.hex() if took.seq else None,
        kept_seq=took.kept_seq,
        mac=urlsafe_b64encode(synced.mac)[:_MAC_DIGITS].decode(),
        server_ms=synced.now_ms,
        remaining_ms=remaining_ms(
            deadline_ms=took.deadline_ms, paused_since_ms=took.paused_ms, now_ms=synced.now_ms
        ),
        deadline_ms=took.deadline_ms,
        commands=shown_commands(took.commands) if took.commands else [],
        side=held_ops(synced.side) if synced.side else [],
        side_ops=took.side_ops,
        late_ops=took.late_ops,
    )


def shown_commands(commands: Sequence[Command]) -> list[CommandOut]:
    """What a page is told to do."""
    return [
        CommandOut(no=one.no, kind=one.kind, at_ms=one.at_ms, text=one.text, ms=one.ms) for one in commands
    ]
