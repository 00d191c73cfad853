"""What persons may ask of those who keep their data: to see, to correct, to take back, to be deleted."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from enrollment.errors import NotAMobileNumber, NotAnIdentityNumber
from enrollment.identity import mask_identity, mask_mobile, normal_name, parse_identity, parse_mobile
from enrollment.roster import NAME_LENGTH_MAX
from exam_api.people import Login, Role
from exam_api.persons_ports import Consent, Correction, Erasure, Finding, NewCorrection, OwnFile
from exam_api.retention import SCHEDULE, Purpose
from exam_api.usecases.errors import AskedAlready, NoSuchEntry, NoSuchPerson, NoSuchPurpose, NotAValue
from exam_api.usecases.log_in import civil_date
from exam_api.usecases.persons_parts import PersonsParts, people_reach

FIELDS: Final = ("name", "phone", "id-number")
"""What can be corrected on request."""


class OpenLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A device on which the person is logged in: since when, until when, nothing that opens it."""

    since_ms: int
    until_ms: int


class OwnData(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a person, for that person."""

    file: OwnFile
    log_ins: Sequence[OpenLogin]
    at_ms: int


class ConsentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose with what stands."""

    purpose: Purpose
    given: bool | None
    """None: never asked, or only for an older text."""
    at_ms: int


class CorrectionAsk(msgspec.Struct, frozen=True, kw_only=True):
    login: Login
    field: str
    value: str
    reason: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision."""

    corrections: int
    erasures: int


async def own_data(login: Login, parts: PersonsParts, *, export: bool = False) -> OwnData:
    """Everything about the person who is logged in; taking it away as a file is in the audit.

    Raises NoSuchPerson (deleted meanwhile), RecordAway, LiveAway.
    """
    if export:
        file = await parts.rights.export(login.subject_id, act=parts.act(login))
    else:
        file = await parts.rights.own_file(login.subject_id)
    if file is None:
        raise NoSuchPerson(login.subject_id)
    held = await parts.logins.of_subject(login.subject_id)
    return OwnData(
        file=file,
        log_ins=[OpenLogin(since_ms=one.since_ms, until_ms=one.until_ms) for one in held],
        at_ms=parts.clock.now_ms(),
    )


async def consent_list(login: Login, parts: PersonsParts) -> Sequence[ConsentLine]:
    """Every purpose that consent is asked for, with what stands."""
    held = {one.purpose: one for one in await parts.rights.consents(login.subject_id)}
    lines: list[ConsentLine] = []
    for purpose in SCHEDULE.purposes:
        one = held.get(purpose.purpose)
        stands = one is not None and (one.text_version == purpose.version or not one.given)
        lines.append(
            ConsentLine(
                purpose=purpose,
                given=one.given if one is not None and stands else None,
                at_ms=one.at_ms if one is not None and stands else 0,
            )
        )
    return lines


async def set_consent(
    login: Login, *, purpose: str, given: bool, text_version: str, parts: PersonsParts
) -> None:
    """Agree to a purpose as its text stands, or take it back; withdrawing holds from now on.

    Raises NoSuchPurpose.
    """
    found = SCHEDULE.purpose(purpose)
    if found is None or (given and text_version != found.version):
        raise NoSuchPurpose(purpose)
    consent = Consent(purpose=purpose, given=given, at_ms=parts.clock.now_ms(), text_version=text_version)
    await parts.rights.set_consent(login.subject_id, consent)


async def ask_correction(ask: CorrectionAsk, parts: PersonsParts) -> UUID:
    """Ask for a correction; the new value is sealed until somebody decides.

    Raises NotAValue, AskedAlready.
    """
    now_ms = parts.clock.now_ms()
    value, mask = _value(ask.field, ask.value, civil_date(now_ms))
    asked = NewCorrection(
        id=parts.new_id(),
        person_id=ask.login.subject_id,
        field=ask.field,
        value=value,
        value_mask=mask,
        reason=ask.reason.strip(),
        asked_ms=now_ms,
    )
    if not await parts.requests.ask_correction(asked):
        raise AskedAlready
    return asked.id


async def list_corrections(login: Login, parts: PersonsParts) -> Sequence[Correction]:
    """Corrections within reach, open ones first."""
    return await parts.requests.corrections(people_reach(login), open_only=False)


async def decide_correction(
    correction_id: UUID, login: Login, *, grant: bool, answer: str, parts: PersonsParts
) -> Correction:
    """Grant or decline; granted, the record says it from now on.

    Raises NoSuchEntry, OthersFacts.
    """
    decided = await parts.requests.decide_correction(
        correction_id, people_reach(login), grant=grant, answer=answer.strip(), act=parts.act(login)
    )
    if decided is None:
        raise NoSuchEntry(correction_id)
    return decided


async def ask_erasure(login: Login, *, reason: str, parts: PersonsParts) -> Sequence[Finding]:
    """Ask to be deleted; says at once what would go and what must stay.

    Raises AskedAlready.
    """
    now_ms = parts.clock.now_ms()
    asked = await parts.requests.ask_erasure(
        parts.new_id(), login.subject_id, reason=reason.strip(), at_ms=now_ms
    )
    if not asked:
        raise AskedAlready
    return await parts.requests.examine(login.subject_id, now_ms=now_ms)


async def list_erasures(login: Login, parts: PersonsParts) -> Sequence[Erasure]:
    """Deletions asked for, open ones first, each with what would go and what must stay."""
    now_ms = parts.clock.now_ms()
    found: list[Erasure] = []
    for one in await parts.requests.erasures(people_reach(login), open_only=False):
        outcome = one.outcome
        if one.state == "open":
            outcome = await parts.requests.examine(one.person_id, now_ms=now_ms)
        found.append(msgspec.structs.replace(one, outcome=outcome))
    return found


async def decide_erasure(
    erasure_id: UUID, login: Login, *, grant: bool, why: str, parts: PersonsParts
) -> Erasure:
    """Delete, or say why not; whoever is deleted is logged in nowhere any more.

    Raises NoSuchEntry, ErasureHeld.
    """
    act, reach = parts.act(login), people_reach(login)
    if grant:
        decided = await parts.requests.erase(erasure_id, reach, act=act)
    else:
        decided = await parts.requests.decline_erasure(erasure_id, reach, why=why.strip(), act=act)
    if decided is None:
        raise NoSuchEntry(erasure_id)
    if grant:
        await parts.logins.end_of(decided.person_id)
    return decided


async def hold_person(person_id: UUID, login: Login, *, reason: str, parts: PersonsParts) -> None:
    """Keep everything about a person until the hold is lifted.

    Raises NoSuchPerson.
    """
    held = await parts.requests.hold(
        person_id, hold_id=parts.new_id(), reason=reason.strip(), act=parts.act(login)
    )
    if not held:
        raise NoSuchPerson(person_id)


async def lift_hold(person_id: UUID, login: Login, parts: PersonsParts) -> None:
    """Lift every hold on a person."""
    await parts.requests.lift_hold(person_id, act=parts.act(login))


async def waiting_people(login: Login, parts: PersonsParts) -> Waiting:
    """How many corrections and deletions wait for this login's decision."""
    if login.role not in {Role.OFFICER, Role.INSTITUTION_ADMIN}:
        return Waiting(corrections=0, erasures=0)
    reach = people_reach(login)
    corrections = await parts.requests.corrections(reach, open_only=True)
    erasures = await parts.requests.erasures(reach, open_only=True)
    return Waiting(corrections=len(corrections), erasures=len(erasures))


def _value(field: str, text: str, today: date) -> tuple[str, str]:
    """The new value as it is kept, and its mask.

    Raises NotAValue.
    """
    masks: dict[str, Callable[[str], str]] = {
        "name": str,
        "phone": mask_mobile,
        "id-number": mask_identity,
    }
    try:
        if field == "phone":
            value = parse_mobile(text)
        elif field == "id-number":
            value = parse_identity(text, today=today).number
        else:
            value = normal_name(text)
    except (NotAMobileNumber, NotAnIdentityNumber):
        raise NotAValue(field=field) from None
    if not value or len(value) > NAME_LENGTH_MAX:
        raise NotAValue(field=field)
    return value, masks[field](value)
