"""The rules of acts that take two persons: another person, with the right, in time, the same act, once."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from exam_api.agreements.errors import AgreementNotGood, NoSuchAgreement, SecondPersonNeeded
from exam_api.people import Login, Role

LIFE_MS: Final = 15 * 60_000
"""From asking until the act is done: both persons have the matter before their eyes."""


class TwoPersonAct(StrEnum):
    """Stored values: never renamed."""

    VOID = "attempt.void"
    """End an attempt without a score."""
    SHOW_PAPER = "paper.show"
    """See a drawn paper before its exam is over."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who may ask for an act and who may agree to it."""

    ask: frozenset[Role]
    agree: frozenset[Role]
    """Staff of an institution agree only to what concerns their own."""


RULES: Final[Mapping[TwoPersonAct, Rule]] = {
    TwoPersonAct.VOID: Rule(
        ask=frozenset({Role.OFFICER}), agree=frozenset({Role.OFFICER, Role.INSTITUTION_ADMIN})
    ),
    TwoPersonAct.SHOW_PAPER: Rule(ask=frozenset({Role.OFFICER}), agree=frozenset({Role.OFFICER})),
}
"""An institution's administrator may be the second person of a void, but sees no paper."""

PARTIES: Final = tuple(role for role in Role if any(role in rule.ask | rule.agree for rule in RULES.values()))
"""Everybody who ever asks or agrees."""


class Answer(StrEnum):
    """Stored values: never renamed."""

    OPEN = ""
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By the person who asked."""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, to what, and with which words."""

    act: TwoPersonAct
    object: str
    """`attempt:<uuid>`."""
    org: UUID | None
    """Institution that the object belongs to."""
    body: Mapping[str, str]

    def digest(self) -> bytes:
        """What both persons mean: SHA-256 over act, object and body."""
        return hashlib.sha256(
            msgspec.json.encode([self.act, self.object, self.body], order="sorted")
        ).digest()


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """A matter with who asked and what the other person said."""

    id: UUID
    matter: Matter
    asked_by: UUID
    asked_ms: int
    until_ms: int
    answer: Answer = Answer.OPEN
    answered_by: UUID | None = None
    answered_ms: int = 0
    used_ms: int = 0


def asked(agreement_id: UUID, matter: Matter, login: Login, now_ms: int) -> Agreement:
    """A new question. Raises SecondPersonNeeded where the role may not ask."""
    if login.role not in RULES[matter.act].ask:
        raise SecondPersonNeeded(reason="role")
    return Agreement(
        id=agreement_id,
        matter=matter,
        asked_by=login.subject_id,
        asked_ms=now_ms,
        until_ms=now_ms + LIFE_MS,
    )


def concerns(agreement: Agreement, login: Login) -> bool:
    """Whether a person is a party: asked, or may agree."""
    return agreement.asked_by == login.subject_id or _may_agree(agreement.matter, login)


def waits_for(agreement: Agreement, login: Login, now_ms: int) -> bool:
    """Whether this person is the one, or one of those, who can answer now."""
    fresh = agreement.answer is Answer.OPEN and now_ms < agreement.until_ms
    return fresh and agreement.asked_by != login.subject_id and _may_agree(agreement.matter, login)


def answered(agreement: Agreement, answer: Answer, login: Login, now_ms: int) -> Agreement:
    """The agreement with a person's answer.

    Raises NoSuchAgreement (not a party), SecondPersonNeeded, AgreementNotGood.
    """
    if not concerns(agreement, login):
        raise NoSuchAgreement(agreement.id)
    own = agreement.asked_by == login.subject_id
    if own is not (answer is Answer.WITHDRAWN):
        raise SecondPersonNeeded(reason="own" if own else "role")
    if agreement.answer is not Answer.OPEN:
        raise AgreementNotGood(reason="answered")
    if now_ms >= agreement.until_ms:
        raise AgreementNotGood(reason="over")
    return msgspec.structs.replace(agreement, answer=answer, answered_by=login.subject_id, answered_ms=now_ms)


def check_use(agreement: Agreement, matter: Matter, login: Login, now_ms: int) -> None:
    """Whether this person may do that now on this agreement. Raises AgreementNotGood."""
    unfit = {
        "other-person": agreement.asked_by != login.subject_id,
        "other-act": agreement.matter.digest() != matter.digest(),
        "waiting": agreement.answer is Answer.OPEN,
        "declined": agreement.answer is Answer.DECLINED,
        "withdrawn": agreement.answer is Answer.WITHDRAWN,
        "used": agreement.used_ms > 0,
        "over": now_ms >= agreement.until_ms,
    }
    for reason, holds in unfit.items():
        if holds:
            raise AgreementNotGood(reason=reason)


def _may_agree(matter: Matter, login: Login) -> bool:
    if login.role not in RULES[matter.act].agree:
        return False
    return login.role is Role.OFFICER or (matter.org is not None and login.institution_id == matter.org)
