"""What the console's use cases are given, and how far a login reaches."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, ParamSpec, Protocol, TypeVar
from uuid import UUID

from exam_api.console_ports import Act, Blueprints, Pools, ResultBook, SessionLine, SigningKeys, Sittings
from exam_api.errors import RecordAway
from exam_api.people import Login, Reach, Role
from exam_api.record import SessionFacts
from exam_api.usecases.crowds import Crowds
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.parts import ExamParts

P = ParamSpec("P")
T = TypeVar("T")


class InThread(Protocol):
    """Does heavy reckoning beside the loop, so that the exams of this process go on."""

    def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """Ports and keys of the console. Made by `wiring`."""

    exam: ExamParts
    pools: Pools
    blueprints: Blueprints
    sittings: Sittings
    crowds: Crowds
    book: ResultBook
    signing_keys: SigningKeys
    in_thread: InThread
    item_salt: bytes
    """Secret that salts item versions, so that a key cannot be guessed from its version."""
    ticket_key: bytes
    """Signs the ticket's QR."""

    def act(self, login: Login) -> Act:
        """Who does something now: for the audit line."""
        return Act(actor=actor_of(login), at_ms=self.exam.clock.now_ms())


def actor_of(login: Login) -> str:
    """As the audit names people."""
    return "candidate" if login.role is Role.CANDIDATE else f"staff:{login.subject_id}"


EVERYWHERE: Final = frozenset({Role.OFFICER, Role.AUDITOR})
"""Roles that see every institution; an auditor only on routes that change nothing."""


def scope_of(login: Login) -> Reach:
    """How far a login reaches, for queries."""
    return Reach(everywhere=login.role in EVERYWHERE, institution_id=login.institution_id)


def reach_of(login: Login) -> UUID | None:
    """The one institution a login sees; None: all (department officers, auditors)."""
    if login.role in EVERYWHERE:
        return None
    if login.institution_id is None:
        raise NoSuchSession(login.id)  # a staff account without tenant reaches nothing
    return login.institution_id


def reaches(login: Login, institution_id: UUID | None) -> bool:
    """Whether a login may see what belongs to an institution."""
    return login.role in EVERYWHERE or (institution_id is not None and login.institution_id == institution_id)


def sees(login: Login, facts: SessionFacts) -> bool:
    """Whether a login may see a session; a rehearsal is there for its own shadow staff alone."""
    own = login.institution_id == facts.institution_id
    return own or (not facts.rehearsal and reaches(login, facts.institution_id))


async def armed_line(session_id: UUID, parts: ConsoleParts) -> SessionLine | None:
    """A session as the live state knows it."""
    facts = await parts.exam.armory.session(session_id)
    return None if facts is None else SessionLine(facts=facts, registrations=0)


async def session_in_reach(session_id: UUID, login: Login, parts: ConsoleParts) -> SessionLine:
    """A session of the login's tenant.

    With the record away armed sessions are still known, so that rooms are run on (`registrations` is 0 then).

    Raises NoSuchSession, also for another tenant's; RecordAway for a session that is not armed.
    """
    try:
        line = await parts.sittings.session(session_id)
    except RecordAway:
        line = await armed_line(session_id, parts)
        if line is None:
            raise
    if line is None or not sees(login, line.facts):
        raise NoSuchSession(session_id)
    return line
