"""What a candidate sees of their own: exams, results, consent, reports."""

import contextlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import LiveAttempt, State
from exam_api.attempt.receipt import sign
from exam_api.attempt.spread import spread_ms
from exam_api.console_ports import OwnRegistration
from exam_api.errors import LiveAway, RecordAway
from exam_api.people import Login
from exam_api.record import Result
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.hand_in import HandedIn, receipt_of, settle, with_late_ops


class MyExam(msgspec.Struct, frozen=True, kw_only=True):
    """One registration, as it stands for its candidate."""

    own: OwnRegistration
    state: str
    """`ready`, `running`, `paused`, `closed`, `void`, `missed`."""
    result: Result | None
    spread_ms: int
    """A page that starts by itself does so at some instant of this time after the opening."""


class MyResult(msgspec.Struct, frozen=True, kw_only=True):
    handed: HandedIn
    pass_centi: int
    late_state: str


async def my_exams(login: Login, parts: ConsoleParts) -> Sequence[MyExam]:
    """All of a person's exams; with the record away, those that are armed; at a desk, the one there.

    Raises LiveAway, RecordAway (neither can tell).
    """
    try:
        owned = await parts.sittings.own(login.subject_id)
    except RecordAway:
        owned = await _armed(login, parts)
    if login.session_id is not None:
        owned = [one for one in owned if one.facts.id == login.session_id]
    return [await _standing(one, parts) for one in owned]


async def my_result(attempt_id: UUID, login: Login, parts: ConsoleParts) -> MyResult:
    """The newest result of an attempt that is closed, with its receipt.

    Raises AttemptNotFound: not theirs, or not closed. LiveAway, RecordAway.
    """
    if await parts.exam.live.find(attempt_id) is None:
        return await _recorded(attempt_id, login, parts)
    live = await own_attempt(attempt_id, login, parts)
    if live.state is not State.CLOSED:
        raise AttemptNotFound(attempt_id)
    handed = await settle(live, parts.exam)
    late_state = "none"
    with contextlib.suppress(RecordAway):
        newest = await _newest(attempt_id, parts)
        if newest is not None and newest.run > handed.result.run:
            receipt = sign(receipt_of(newest, parts.exam.key_id), parts.exam.signing_key)
            handed = HandedIn(result=newest, durable=True, receipt=receipt)
        request = await parts.exam.record.late_request(attempt_id)
        late_state = str(request.state) if request else "none"
    handed = with_late_ops(handed, live)
    facts = (await parts.exam.shelf.source(live.armed.session_id)).facts
    if late_state == "none" and live.late_ops:
        late_state = "open" if live.armed.late_hold else "refused"
    return MyResult(handed=handed, pass_centi=facts.pass_centi, late_state=late_state)


async def give_consent(
    attempt_id: UUID, login: Login, *, choice: str, text_version: str, parts: ConsoleParts
) -> None:
    """Remember what a candidate agreed to before an exam; with the record away the log keeps it till then.

    Raises AttemptNotFound, RecordAway (not armed), LiveAway.
    """
    now_ms = parts.exam.clock.now_ms()
    try:
        if all(one.id != attempt_id for one in await parts.sittings.own(login.subject_id)):
            raise AttemptNotFound(attempt_id)
        await parts.sittings.consent(attempt_id, choice=choice, text_version=text_version, at_ms=now_ms)
    except RecordAway:
        if await parts.exam.live.find(attempt_id) is None:
            raise
        live = await own_attempt(attempt_id, login, parts)
        await parts.exam.live.consent(live, choice=choice, text_version=text_version, now_ms=now_ms)


async def report_item(attempt_id: UUID, login: Login, *, slot: int, text: str, parts: ConsoleParts) -> None:
    """本题有误: keep what a candidate says about an item of their paper.

    Raises AttemptNotFound (also for a slot the paper does not have), LiveAway, RecordAway.
    """
    live = await own_attempt(attempt_id, login, parts)
    layout = await parts.exam.shelf.layout(attempt_id, live.armed.session_id)
    if slot >= len(layout.versions):
        raise AttemptNotFound(attempt_id)
    await parts.sittings.report_item(
        attempt_id,
        live.armed.session_id,
        slot=slot,
        version=layout.versions[slot],
        text=text.strip(),
        at_ms=parts.exam.clock.now_ms(),
    )


async def own_attempt(attempt_id: UUID, login: Login, parts: ConsoleParts) -> LiveAttempt:
    """Raises AttemptNotFound, also for another person's, and at a desk for another session's."""
    live = await parts.exam.live.find(attempt_id)
    if live is None or live.armed.person_id != login.subject_id:
        raise AttemptNotFound(attempt_id)
    if login.session_id not in {None, live.armed.session_id}:
        raise AttemptNotFound(attempt_id)
    return live


async def _recorded(attempt_id: UUID, login: Login, parts: ConsoleParts) -> MyResult:
    """A result that the live state has forgotten: days after the exam."""
    owned = [one for one in await parts.sittings.own(login.subject_id) if one.id == attempt_id]
    result = await _newest(attempt_id, parts)
    if not owned or result is None or login.session_id not in {None, result.session_id}:
        raise AttemptNotFound(attempt_id)
    request = await parts.exam.record.late_request(attempt_id)
    if request is not None:
        result = msgspec.structs.replace(result, late_ops=request.ops)
    receipt = sign(receipt_of(result, parts.exam.key_id), parts.exam.signing_key)
    return MyResult(
        handed=HandedIn(result=result, durable=True, receipt=receipt),
        pass_centi=owned[0].facts.pass_centi,
        late_state=str(request.state) if request else "none",
    )


async def _standing(own: OwnRegistration, parts: ConsoleParts) -> MyExam:
    live = None
    with contextlib.suppress(LiveAway):
        live = await parts.exam.live.find(own.id)
    result = None
    if live is None or live.state is State.CLOSED:
        with contextlib.suppress(RecordAway):
            result = await _newest(own.id, parts)
        if result is None and live is not None and live.result:
            result = msgspec.msgpack.decode(live.result, type=Result)
    state = live.state if live else (State.CLOSED if result else State.READY)
    missed = state is State.READY and parts.exam.clock.now_ms() > own.facts.latest_entry_ms
    return MyExam(
        own=own,
        state="missed" if missed else str(state),
        result=result,
        spread_ms=spread_ms(
            await parts.crowds.people(own.facts.id) if state is State.READY and not missed else 0,
            opens_ms=own.facts.opens_ms,
            closes_ms=own.facts.closes_ms,
            working_ms=own.facts.length_ms + own.extra_ms,
        ),
    )


async def _newest(attempt_id: UUID, parts: ConsoleParts) -> Result | None:
    runs = await parts.exam.results.of_attempt(attempt_id)
    return max(runs, key=lambda one: one.run, default=None)


async def _armed(login: Login, parts: ConsoleParts) -> list[OwnRegistration]:
    """What the armed rosters know of a person; consent is not among it."""
    person = await parts.exam.armory.person(login.blind) if login.blind else None
    if person is None:
        raise RecordAway
    found: list[OwnRegistration] = []
    for attempt_id in person.registrations:
        live = await parts.exam.live.find(attempt_id)
        facts = await parts.exam.armory.session(live.armed.session_id) if live else None
        if live is None or facts is None:
            continue
        _, ticket_no, seat = live.armed.label.split("|")
        found.append(
            OwnRegistration(
                id=attempt_id,
                facts=facts,
                ticket_no=ticket_no,
                seat=seat,
                extra_ms=live.armed.length_ms - facts.length_ms,
                items=live.armed.slots,
                consent="none",
            )
        )
    return found
