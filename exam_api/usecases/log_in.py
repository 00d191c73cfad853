"""Logging candidates in: by one-time code, by ticket and last six, by ticket number at a desk."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hmac import compare_digest
from typing import Final
from uuid import UUID

import msgspec

from enrollment.identity import normal_name, parse_identity
from exam_api.accounts.devices import network_of
from exam_api.errors import RecordAway
from exam_api.people import ArmedPerson, Holder, Login, Role
from exam_api.ports import Limit
from exam_api.usecases.errors import LoginRefused, TooManyCodes, TooManyFailures
from exam_api.usecases.guesses import counted
from exam_api.usecases.login_parts import (
    CANDIDATE_LIFE_MS,
    CODE_EVERY_MS,
    CODE_LIFE_MS,
    CODES_AN_HOUR,
    FAILURE_WINDOW_MS,
    FAILURES_OF_ADDRESS,
    FAILURES_OF_ONE,
    HOUR_MS,
    LoginParts,
)
from exam_api.usecases.login_tickets import desk_mark, read_ticket, ticket_mark

SHANGHAI_AHEAD: Final = timedelta(hours=8)
"""Civil dates are those of Asia/Shanghai; it has had no summer time since 1991."""

TEXT: Final = "【考务】您的登录验证码是 {code}，10 分钟内有效，请勿告诉他人。"
"""The short message; nothing in it says who is asked to log in where."""


CODE_LIMITS: Final = (
    Limit("code-minute", 1, CODE_EVERY_MS),
    Limit("code-hour", CODES_AN_HOUR, HOUR_MS),
)
"""How often one identity is sent a code."""

FAILURES: Final = Limit("failed", FAILURES_OF_ONE, FAILURE_WINDOW_MS)
"""How often one identity may fail."""


class CodeAsk(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id_no: str


class CodeSent(msgspec.Struct, frozen=True, kw_only=True):
    wait_ms: int
    demo_code: str | None


class CodeLoginAsk(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id_no: str
    code: str
    address: str
    """Only to count failures."""


class TicketLoginAsk(msgspec.Struct, frozen=True, kw_only=True):
    ticket: str
    last_six: str
    address: str


class DeskLoginAsk(msgspec.Struct, frozen=True, kw_only=True):
    ticket_no: str
    last_six: str
    room_code: str
    address: str


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A log-in that was opened; the token goes into the cookie and is kept nowhere else."""

    login: Login
    token: bytes
    life_ms: int
    device: str = ""
    """Text of the cookie by which the device is known from now on; "" leaves it as it is."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate who showed who they are."""

    person: ArmedPerson
    blind: bytes
    """Where an armed roster lists them."""
    registration_id: UUID | None = None
    """The registration of the ticket they showed."""
    session_id: UUID | None = None
    """The one session the log-in is good for."""


async def send_code(ask: CodeAsk, parts: LoginParts) -> CodeSent:
    """Make a code for an identity and send it if such a person exists.

    Everything that depends on whether they do happens after the reply, so it tells nothing.

    Raises NotAnIdentityNumber, TooManyCodes, LiveAway.
    """
    blinds = _blinds(ask.id_no, parts)
    blind = blinds[0]
    code = parts.new_code()
    passed = await parts.logins.offer_code(
        blind, parts.keys.code_hash(blind, code), life_ms=CODE_LIFE_MS, limits=CODE_LIMITS
    )
    if passed is not None:
        raise TooManyCodes(wait_ms=passed.window_ms)
    parts.later(_send(blinds, ask.name, code, parts))
    return CodeSent(wait_ms=CODE_EVERY_MS, demo_code=code if parts.demo else None)


async def log_in_by_code(ask: CodeLoginAsk, parts: LoginParts) -> Opened:
    """Raises NotAnIdentityNumber, LoginRefused, TooManyFailures, LiveAway."""
    blinds = _blinds(ask.id_no, parts)
    blind = blinds[0]
    fits = await parts.logins.try_code(blind, parts.keys.code_hash(blind, ask.code), failures=FAILURES)
    if fits is None:
        raise TooManyFailures(wait_ms=FAILURE_WINDOW_MS)
    known = await _known(blinds, parts) if fits else None
    if known is None or normal_name(ask.name) != normal_name(known.person.name):
        logins, kind = parts.logins, FAILURES.kind
        await logins.over_limit(kind, blind, limit=FAILURES.most, window_ms=FAILURES.window_ms)
        raise await refused_to(ask.address, parts)
    return await open_candidate(known, parts)


async def log_in_by_ticket(ask: TicketLoginAsk, parts: LoginParts) -> Opened:
    """Raises LoginRefused, TooManyFailures, RecordAway, LiveAway."""
    registration_id = read_ticket(ask.ticket, parts.keys.ticket, now_ms=parts.clock.now_ms())
    # By what it says, not by its text: one ticket can be written in many ways.
    key = parts.keys.mark("ticket-tries", str(registration_id or ask.ticket))
    async with counted(parts.logins, (FAILURES, key)):
        if registration_id is None:
            raise await refused_to(ask.address, parts)
        last_six = ask.last_six.upper()
        known = await _armed(ticket_mark(parts.keys, registration_id, last_six), registration_id, parts)
        if known is None:
            known = _fits(await parts.people.holder(registration_id), last_six)
        if known is None:
            raise await refused_to(ask.address, parts)
    return await open_candidate(known, parts)


async def log_in_at_desk(ask: DeskLoginAsk, parts: LoginParts) -> Opened:
    """Log in at a desk; the log-in is good for the one session whose room code was given.

    Raises LoginRefused, TooManyFailures, RecordAway, LiveAway.
    """
    key = parts.keys.mark("desk-tries", ask.ticket_no)
    async with counted(parts.logins, (FAILURES, key)):
        last_six = ask.last_six.upper()
        known = await _armed(desk_mark(parts.keys, ask.ticket_no, last_six), None, parts)
        if known is None:
            known = _fits(await parts.people.holder_by_ticket(ask.ticket_no), last_six)
        session_id = await _room(known, ask.room_code, parts) if known else None
        if known is None or session_id is None:
            raise await refused_to(ask.address, parts)
    return await open_candidate(msgspec.structs.replace(known, session_id=session_id), parts)


async def refused_to(address: str, parts: LoginParts) -> LoginRefused | TooManyFailures:
    """Count a failure for the address, and give the refusal to raise."""
    mark = parts.keys.mark("address", network_of(address))
    if await parts.logins.over_limit(
        "failed-from", mark, limit=FAILURES_OF_ADDRESS, window_ms=FAILURE_WINDOW_MS
    ):
        return TooManyFailures(wait_ms=FAILURE_WINDOW_MS)
    return LoginRefused()


def civil_date(now_ms: int) -> date:
    """Today in Asia/Shanghai."""
    return (datetime.fromtimestamp(now_ms / 1000, tz=UTC) + SHANGHAI_AHEAD).date()


def _blinds(id_no: str, parts: LoginParts) -> Sequence[bytes]:
    """Where a number may be listed: by today's key, and by former ones until all is sealed anew."""
    number = parse_identity(id_no, today=civil_date(parts.clock.now_ms())).number
    return [blind(number) for blind in (parts.keys.blind, *parts.keys.older_blinds)]


async def _send(blinds: Sequence[bytes], name: str, code: str, parts: LoginParts) -> None:
    known = await _known(blinds, parts)
    person = known.person if known else None
    if person and person.phone_sealed and normal_name(name) == normal_name(person.name):
        phone = parts.sealer.open(person.phone_sealed, context=person.person_id.bytes).decode()
        await parts.sms.send(phone, TEXT.format(code=code))


async def _known(blinds: Sequence[bytes], parts: LoginParts) -> Known | None:
    for blind in blinds:
        person = await _person(blind, parts)
        if person is not None:
            return Known(person=person, blind=blind)
    return None


async def _person(blind: bytes, parts: LoginParts) -> ArmedPerson | None:
    """From the armed rosters, else from the record; with that away, only armed people are known."""
    armed = await parts.armory.person(blind)
    if armed is None:
        with contextlib.suppress(RecordAway):
            return await parts.people.person(blind)
    return armed


async def _armed(mark: bytes, registration_id: UUID | None, parts: LoginParts) -> Known | None:
    """An armed roster also lists its people under ticket and last six, with that ticket's registration."""
    person = await parts.armory.person(mark)
    if person is None or not person.registrations:
        return None
    return Known(person=person, blind=mark, registration_id=registration_id or person.registrations[0])


def _fits(holder: Holder | None, last_six: str) -> Known | None:
    if holder is None or not compare_digest(holder.id_no[-6:], last_six):
        return None
    return Known(person=holder.person, blind=holder.blind, registration_id=holder.registration_id)


async def _room(known: Known, room_code: str, parts: LoginParts) -> UUID | None:
    """The session of the ticket, if its room bears the code; rooms open when their session is armed."""
    live = await parts.live.find(known.registration_id) if known.registration_id else None
    facts = await parts.armory.session(live.armed.session_id) if live else None
    if facts is None or not facts.room_code or not compare_digest(facts.room_code, room_code):
        return None
    return facts.id


async def open_candidate(known: Known, parts: LoginParts) -> Opened:
    """Open the log-in of a candidate who showed who they are."""
    now_ms = parts.clock.now_ms()
    login = Login(
        id=parts.new_id(),
        role=Role.CANDIDATE,
        subject_id=known.person.person_id,
        institution_id=None,
        name=known.person.name,
        since_ms=now_ms,
        until_ms=now_ms + CANDIDATE_LIFE_MS,
        session_id=known.session_id,
        blind=known.blind,
    )
    token = parts.new_token()
    await parts.logins.open(login, token_hash=parts.keys.token_hash(token), life_ms=CANDIDATE_LIFE_MS)
    return Opened(login=login, token=token, life_ms=CANDIDATE_LIFE_MS)
