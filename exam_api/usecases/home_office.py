"""What waits in the office: people's requests, second persons, accounts, the audit."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from exam_api.accounts.errors import NoSuchAccount
from exam_api.accounts.policy import SECOND_FACTOR
from exam_api.people import Login
from exam_api.usecases.account_parts import AccountParts
from exam_api.usecases.agreements import waiting_agreements
from exam_api.usecases.audit_parts import AuditParts
from exam_api.usecases.home import Due, DueKind
from exam_api.usecases.my_account import standing
from exam_api.usecases.persons_parts import PersonsParts
from exam_api.usecases.rights import waiting_people
from exam_api.usecases.staff_accounts import list_accounts

SHANGHAI_AHEAD: Final = timedelta(hours=8)
"""The audit's days are civil days of Asia/Shanghai."""


async def due_people(login: Login, parts: PersonsParts) -> Sequence[Due]:
    """Corrections and deletions that candidates asked for. Raises RecordAway."""
    found = await waiting_people(login, parts)
    return [
        Due(kind=DueKind.CORRECTIONS_OPEN, n=found.corrections),
        Due(kind=DueKind.ERASURES_OPEN, n=found.erasures),
    ]


async def due_agreements(login: Login, parts: AuditParts) -> Sequence[Due]:
    """Acts that wait for this person as the second one. Raises RecordAway."""
    return [Due(kind=DueKind.AGREEMENTS_OPEN, n=len(await waiting_agreements(login, parts)))]


async def due_own_account(login: Login, parts: AccountParts) -> Sequence[Due]:
    """A second factor that the role should have and the account has not. Raises RecordAway."""
    if login.role not in SECOND_FACTOR:
        return []
    try:
        missing = not (await standing(login, parts)).second_factor
    except NoSuchAccount:  # closed since the log-in, which ends any moment
        return []
    return [Due(kind=DueKind.OWN_FACTOR_MISSING, n=int(missing))]


async def due_accounts(login: Login, parts: AccountParts) -> Sequence[Due]:
    """Open accounts of others that should have a second factor and have none. Raises RecordAway."""
    n = sum(
        one.role in SECOND_FACTOR and not one.disabled_ms and not one.second_factor
        for one in await list_accounts(login, parts)
        if one.id != login.subject_id
    )
    return [Due(kind=DueKind.ACCOUNTS_WITHOUT_FACTOR, n=n)]


async def due_audit(_login: Login, parts: AuditParts) -> Sequence[Due]:
    """Chains whose lines of today do not fit together. Raises RecordAway."""
    now = datetime.fromtimestamp(parts.clock.now_ms() / 1000, tz=UTC) + SHANGHAI_AHEAD
    walked = await parts.book.walked(org=None, day=now.date().isoformat())
    return [Due(kind=DueKind.AUDIT_BROKEN, n=sum(one.found is not None for one in walked))]
