"""The start of an attempt as pages call it: the ordinary way, and the quick one of what is plain."""

from typing import Final
from uuid import UUID

import msgspec
from litestar.types import Scope

from exam_api.attempt import tokens
from exam_api.attempt.chain import masks
from exam_api.attempt.deadline import remaining_ms
from exam_api.http.bare import Headers
from exam_api.http.guards import is_good_for
from exam_api.http.hot import HotRoute, Reply, whole
from exam_api.http.parts import Parts
from exam_api.http.show_paper import paper_pieces
from exam_api.http.sources import source_of
from exam_api.http.wire_attempt import StartIn, StartOut, Wire
from exam_api.people import Login
from exam_api.usecases.start_attempt import StartAsk, Started, start_attempt
from exam_api.usecases.start_known import start_known

TOKEN_OUTLIVES_MS: Final = 3 * 24 * 3_600_000
"""How long an attempt token is good after the close: a phone that was dark for days still delivers."""

SYNC_EVERY_MS: Final = 10_000
"""Heartbeat of a page that has nothing to say; the wall calls a candidate away after three of them."""

_KEY_DIGITS: Final = 32
_DIGEST_DIGITS: Final = 64
_NO_PAPER: Final = b'"paper":null'


class StartRead(Wire, kw_only=True):
    """`StartIn` of a device that takes nothing over, without regular expressions (as `read_sync`)."""

    attempt_id: str
    storage_key: str
    takeover_code: str = ""
    takeover: bool = False
    sealed_digest: str = ""


_read: Final = msgspec.json.Decoder(StartRead).decode
_encode: Final = msgspec.json.Encoder().encode


class StartCalls:
    """Translates between wire and use cases; decides nothing."""

    def __init__(self, parts: Parts, route: HotRoute) -> None:
        self._parts = parts
        self._exam = parts.exam
        self._route = route
        self._key_no = max(parts.token_keys)
        self._key = parts.token_keys[self._key_no]

    async def start(self, scope: Scope, data: StartIn) -> Reply:
        """Start or go on, and give the token that opens sync and hand-in."""
        login: Login = scope["user"]
        ask = StartAsk(
            attempt_id=UUID(data.attempt_id),
            login=login,
            storage_key=data.storage_key,
            takeover=data.takeover,
            takeover_code=data.takeover_code,
            source=source_of(scope),
            sealed=bytes.fromhex(data.sealed_digest),
        )
        return self._told(await start_attempt(ask, self._exam), login)

    async def quick(self, scope: Scope, body: bytes) -> tuple[Headers, bytes] | None:
        """The reply to a plain start of a ready attempt; None where the ordinary way is to be gone.

        Raises LiveAway.
        """
        token, said = self._parts.cookies.login_in(scope["headers"]), _plain(body)
        if token is None or said is None:
            return None
        token_hash, attempt_id = self._parts.login.keys.token_hash(token), UUID(said.attempt_id)
        known = await self._exam.starts.know(token_hash, attempt_id)
        if known is None or not is_good_for(known[0], self._route.access, self._exam.clock.now_ms()):
            return None
        ask = StartAsk(
            attempt_id=attempt_id,
            login=known[0],
            storage_key=said.storage_key,
            takeover=False,
            takeover_code="",
            source=source_of(scope),
            sealed=bytes.fromhex(said.sealed_digest),
        )
        started = await start_known(ask, token_hash, known[1], self._exam)
        return whole(self._route, scope, self._told(started, known[0])) if started else None

    def _told(self, started: Started, login: Login) -> Reply:
        live = started.attempt
        until_ms = max(live.armed.closes_ms, live.deadline_ms) + TOKEN_OUTLIVES_MS
        token = tokens.AttemptToken(live.armed.attempt_id, live.fence, until_ms, self._key_no)
        cookie = self._parts.cookies.set_attempt(
            tokens.sign(token, self._key), life_ms=until_ms - started.now_ms
        )
        return Reply(shown_start(started, login), [(b"set-cookie", cookie.encode())])


def shown_start(started: Started, login: Login) -> bytes:
    """All a page needs to show the paper and go on from what is held: `StartOut` as JSON."""
    around = _encode(_around(started, login))
    if started.paper is None:
        return around
    # Nothing before the paper is text that anybody chose.
    before, _, behind = around.partition(_NO_PAPER)
    shown = paper_pieces(started.paper, started.source, digest=started.attempt.armed.paper_digest)
    return b"".join([before, b'"paper":', *shown, behind])


def _plain(body: bytes) -> StartRead | None:
    """What is asked, where nothing about it is out of the ordinary."""
    try:
        said = _read(body)
        plain = (
            not said.takeover
            and not said.takeover_code
            and str(UUID(said.attempt_id)) == said.attempt_id
            and bytes.fromhex(said.storage_key).hex() == said.storage_key
            and len(said.storage_key) == _KEY_DIGITS
            and bytes.fromhex(said.sealed_digest).hex() == said.sealed_digest
            and len(said.sealed_digest) in {0, _DIGEST_DIGITS}
        )
    except ValueError:  # msgspec's refusals descend from it
        return None
    return said if plain else None


def _around(started: Started, login: Login) -> StartOut:
    live, facts = started.attempt, started.source.facts
    return StartOut(
        attempt_id=str(live.armed.attempt_id),
        fence=live.fence,
        storage_key=live.storage_key,
        seq=live.seq,
        head=live.head.hex() if live.seq else None,
        answers=list(masks(live.answers, live.armed.slots)),
        paper=None,
        paper_key=started.paper_key.hex() if started.paper_key else None,
        server_ms=started.now_ms,
        started_ms=live.started_ms,
        deadline_ms=live.deadline_ms,
        remaining_ms=remaining_ms(
            deadline_ms=live.deadline_ms, paused_since_ms=live.paused_ms, now_ms=started.now_ms
        ),
        earliest_hand_in_ms=live.started_ms + live.armed.earliest_hand_in_ms,
        state=live.state,
        navigation=facts.navigation,
        watermark=f"{login.name} {live.armed.label.split('|')[1][-4:]}",
        side_ops=live.side_ops,
        sync_every_ms=SYNC_EVERY_MS,
    )
