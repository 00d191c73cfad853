"""Who is asked what waits: the sources of the home screen."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from exam_api.http.guards import AUDITORS, OFFICE, OFFICER, OPERATORS, ROOM, STAFF, WRITERS
from exam_api.people import Login, Role
from exam_api.usecases.account_parts import AccountParts
from exam_api.usecases.audit_parts import AuditParts
from exam_api.usecases.complaints import waiting_items
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.home import Due, DueKind, Source
from exam_api.usecases.home_fair import due_lost_time
from exam_api.usecases.home_office import (
    due_accounts,
    due_agreements,
    due_audit,
    due_own_account,
    due_people,
)
from exam_api.usecases.home_rescoring import due_rescoring
from exam_api.usecases.home_sessions import due_sessions
from exam_api.usecases.item_parts import JUDGING, ItemParts
from exam_api.usecases.late import list_late
from exam_api.usecases.persons_parts import PersonsParts
from exam_api.usecases.rescoring_parts import RescoringParts
from exam_api.usecases.sessions import list_sessions

P = TypeVar("P")

Ask: TypeAlias = Callable[[Login], Awaitable[Sequence[Due]]]

MANAGERS: Final = (*OFFICE, Role.OPERATOR)
"""Those who manage accounts of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Parts of everybody who may know that something waits."""

    console: ConsoleParts
    items: ItemParts
    rescoring: RescoringParts
    persons: PersonsParts
    audit: AuditParts
    accounts: AccountParts
    ready: Callable[[], Awaitable[Mapping[str, bool]]]


def home_sources(asked: Asked) -> Sequence[Source]:
    """Everybody who is asked; the order is that of the screen."""
    return (
        Source(name="health", roles=OPERATORS, ask=_of(_health, asked)),
        Source(name="audit", roles=(Role.AUDITOR,), ask=_of(due_audit, asked.audit)),
        Source(name="sessions", roles=ROOM, ask=_of(_sessions, asked.console)),
        Source(name="fair", roles=ROOM, ask=_of(due_lost_time, asked.console)),
        Source(name="late", roles=OFFICER, ask=_of(_late, asked.console)),
        Source(
            name="agreements",
            roles=tuple({*ROOM, *AUDITORS}),
            ask=_of(due_agreements, asked.audit),
        ),
        Source(name="items", roles=WRITERS, ask=_of(_items, asked.items)),
        Source(name="rescoring", roles=OFFICE, ask=_of(due_rescoring, asked.rescoring)),
        Source(name="people", roles=OFFICE, ask=_of(due_people, asked.persons)),
        Source(name="accounts", roles=MANAGERS, ask=_of(due_accounts, asked.accounts)),
        Source(name="own-account", roles=STAFF, ask=_of(due_own_account, asked.accounts)),
    )


def _of(due: Callable[[Login, P], Awaitable[Sequence[Due]]], parts: P) -> Ask:
    return lambda login: due(login, parts)


async def _sessions(login: Login, console: ConsoleParts) -> Sequence[Due]:
    lines = await list_sessions(login, console)
    return due_sessions(lines, console.exam.clock.now_ms(), plans=login.role in OFFICE)


async def _late(login: Login, console: ConsoleParts) -> Sequence[Due]:
    n = sum(one.request.state == "open" for one in await list_late(None, login, console))
    return [Due(kind=DueKind.LATE_OPEN, n=n)]


async def _health(_login: Login, asked: Asked) -> Sequence[Due]:
    answers = await asked.ready()
    kinds = {"live": DueKind.LIVE_AWAY, "record": DueKind.RECORD_AWAY}
    return [Due(kind=kind, n=1) for name, kind in kinds.items() if not answers.get(name)]


async def _items(login: Login, items: ItemParts) -> Sequence[Due]:
    found = await waiting_items(login, items)
    judges = login.role in JUDGING
    return [
        Due(kind=DueKind.ITEMS_TO_REVIEW, n=sum(one.to_review for one in found) if judges else 0),
        Due(kind=DueKind.ITEMS_TO_APPROVE, n=sum(one.to_approve for one in found) if judges else 0),
        Due(kind=DueKind.ITEMS_RETURNED, n=sum(one.sent_back for one in found)),
        Due(kind=DueKind.COMPLAINTS_OPEN, n=sum(one.complaints for one in found)),
    ]
