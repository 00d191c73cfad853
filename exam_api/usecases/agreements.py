"""Acts that take two persons: asking, answering, and doing on an agreement."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.agreements.errors import AgreementNotGood, NoSuchAgreement
from exam_api.agreements.rules import (
    LIFE_MS,
    Agreement,
    Answer,
    Matter,
    TwoPersonAct,
    answered,
    asked,
    check_use,
    concerns,
    waits_for,
)
from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import FactKind, LiveAttempt
from exam_api.attempt.states import MOVE_OF, after
from exam_api.audit_ports import AgreementLine
from exam_api.people import Login
from exam_api.usecases.audit_parts import AuditParts
from exam_api.usecases.console_parts import ConsoleParts, session_in_reach
from exam_api.usecases.staff_facts import ActAsk, act, in_reach

LISTED_MS: Final = 24 * 3_600_000
"""How far back the list of agreements goes; the audit keeps all of them."""


class PairAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What one person wants to do to one attempt, and why."""

    act: TwoPersonAct
    session_id: UUID
    attempt_id: UUID
    reason: str
    login: Login


async def ask_agreement(ask: PairAsk, parts: AuditParts, console: ConsoleParts) -> Agreement:
    """Ask for a second person.

    Raises SecondPersonNeeded (the role may not ask), NoSuchSession, AttemptNotFound, MoveNotAllowed,
    LiveAway, RecordAway.
    """
    matter = await _matter(ask, console)
    await _check_attempt(ask, console)
    made = asked(parts.new_id(), matter, ask.login, parts.clock.now_ms())
    await parts.agreements.ask(made)
    return made


async def answer_agreement(agreement_id: UUID, answer: Answer, login: Login, parts: AuditParts) -> Agreement:
    """Agree, decline or (who asked) withdraw.

    Raises NoSuchAgreement, SecondPersonNeeded, AgreementNotGood, RecordAway.
    """
    found = await parts.agreements.one(agreement_id)
    if found is None:
        raise NoSuchAgreement(agreement_id)
    told = answered(found, answer, login, parts.clock.now_ms())
    if not await parts.agreements.answer(told):
        raise AgreementNotGood(reason="answered")
    return told


async def list_agreements(login: Login, parts: AuditParts) -> Sequence[AgreementLine]:
    """What this person asked or may answer, of the last day, newest first."""
    lines = await parts.agreements.since(parts.clock.now_ms() - LISTED_MS)
    return [line for line in lines if concerns(line.agreement, login)]


async def waiting_agreements(login: Login, parts: AuditParts) -> Sequence[AgreementLine]:
    """What waits for this person's answer now: for the home page. Raises RecordAway."""
    now_ms = parts.clock.now_ms()
    lines = await parts.agreements.since(now_ms - LIFE_MS)
    return [line for line in lines if waits_for(line.agreement, login, now_ms)]


async def void_attempt(
    ask: PairAsk, agreement_id: UUID, parts: AuditParts, console: ConsoleParts
) -> LiveAttempt:
    """End an attempt without a score, on an agreement.

    Raises NoSuchAgreement, AgreementNotGood, AttemptNotFound, MoveNotAllowed, LiveAway, RecordAway.
    """
    await _check_attempt(ask, console)  # an agreement is not spent on what cannot be done
    await use_agreement(ask, agreement_id, parts, console)
    fact = ActAsk(
        session_id=ask.session_id,
        attempt_id=ask.attempt_id,
        login=ask.login,
        kind=FactKind.VOID,
        reason=ask.reason,
    )
    return await act(fact, console.exam)


async def use_agreement(
    ask: PairAsk, agreement_id: UUID, parts: AuditParts, console: ConsoleParts
) -> Agreement:
    """Spend an agreement on what was agreed to.

    Raises NoSuchAgreement, AgreementNotGood, NoSuchSession, RecordAway.
    """
    matter = await _matter(ask, console)
    found = await parts.agreements.one(agreement_id)
    if found is None or not concerns(found, ask.login):
        raise NoSuchAgreement(agreement_id)
    now_ms = parts.clock.now_ms()
    check_use(found, matter, ask.login, now_ms)
    if not await parts.agreements.use(found, at_ms=now_ms):
        raise AgreementNotGood(reason="used")
    return found


async def _matter(ask: PairAsk, console: ConsoleParts) -> Matter:
    line = await session_in_reach(ask.session_id, ask.login, console)
    return Matter(
        act=ask.act,
        object=f"attempt:{ask.attempt_id}",
        org=line.facts.institution_id,
        body={"session": str(ask.session_id), "reason": ask.reason},
    )


async def _check_attempt(ask: PairAsk, console: ConsoleParts) -> None:
    if ask.act is TwoPersonAct.VOID:
        found = await in_reach(ask.session_id, ask.attempt_id, ask.login, console.exam)
        after(found.state, MOVE_OF[FactKind.VOID])
    elif await console.exam.plans.session_of(ask.attempt_id) != ask.session_id:
        raise AttemptNotFound(ask.attempt_id)
