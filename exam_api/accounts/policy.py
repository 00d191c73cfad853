"""Who manages whose accounts, who must have a second factor, how long log-ins stay open: policy as data."""

from collections.abc import Mapping
from typing import Final

from exam_api.accounts.errors import AccountNotSound
from exam_api.people import Login, Reach, Role

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS

SECOND_FACTOR: Final = frozenset({Role.OFFICER, Role.AUDITOR, Role.OPERATOR, Role.INSTITUTION_ADMIN})
"""Roles that must have a second factor (classified protection, level 3: two factors for administrators)."""

IDLE_MS: Final[Mapping[Role, int]] = {
    role: 2 * HOUR_MS for role in Role if role not in {Role.CANDIDATE, Role.CE_PLATFORM}
}
"""Without a call for this long a log-in of staff is over; a candidate's lasts through the exam."""

SEEN_EVERY_MS: Final = MINUTE_MS
"""How coarsely it is kept when a log-in was last seen."""

OF_HOUSE: Final = frozenset({Role.INVIGILATOR, Role.INSTITUTION_ADMIN})
"""Roles that always belong to an institution."""

OF_EITHER: Final = frozenset({Role.ITEM_AUTHOR, Role.ITEM_REVIEWER})
"""Roles of an institution or of the department."""

DEPARTMENT: Final = frozenset({Role.OFFICER, Role.AUDITOR, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER})
"""Roles that people of the department have."""

PARTNERS: Final = frozenset({Role.EMPLOYER_CLERK, Role.CE_PLATFORM})
"""Roles of those outside who work with the department."""

EVERY_ACCOUNT: Final = frozenset(role for role in Role if role is not Role.CANDIDATE)

HOUSE_STAFF: Final = OF_HOUSE | OF_EITHER
"""Roles that an institution gives to its own people."""


def manages(login: Login, role: Role, institution_id: object) -> bool:
    """Whether a login may see and change accounts of a role and tenant.

    Operators manage every account, officers administrators of institutions, the department's people and
    partners, an institution's administrator its own staff. Nobody else manages anybody.
    """
    if login.role is Role.OPERATOR:
        return role in EVERY_ACCOUNT
    if login.role is Role.OFFICER:
        if role in DEPARTMENT and institution_id is None:
            return True
        return role is Role.INSTITUTION_ADMIN or role in PARTNERS
    if login.role is Role.INSTITUTION_ADMIN:
        return role in HOUSE_STAFF and institution_id is not None and institution_id == login.institution_id
    return False


def account_reach(login: Login) -> Reach:
    """How far a login reaches among accounts, for queries; the finer rule is `manages`."""
    if login.role in {Role.OPERATOR, Role.OFFICER}:
        return Reach(everywhere=True)
    return Reach(institution_id=login.institution_id)


def roles_given_by(login: Login) -> tuple[Role, ...]:
    """Roles a login may give, in the order of `Role`."""
    tenants = (None, login.institution_id)
    return tuple(role for role in Role if any(manages(login, role, tenant) for tenant in tenants))


def check_tenant(role: Role, *, of_institution: bool, of_employer: bool) -> None:
    """Raises AccountNotSound where role and tenant do not fit together."""
    if role is Role.CANDIDATE:
        raise AccountNotSound(reason="candidates-have-no-account")
    if of_institution and role not in HOUSE_STAFF:
        raise AccountNotSound(reason="role-has-no-institution")
    if not of_institution and role in OF_HOUSE:
        raise AccountNotSound(reason="role-needs-institution")
    if of_employer != (role is Role.EMPLOYER_CLERK):
        raise AccountNotSound(
            reason="role-has-no-employer" if of_employer else "role-needs-employer",
        )
