"""Who manages whom: the whole table."""

from itertools import product
from uuid import UUID

import pytest

from exam_api.accounts.errors import AccountNotSound
from exam_api.accounts.policy import HOUSE_STAFF, check_tenant, manages, roles_given_by
from exam_api.people import Login, Role

OWN, OTHER = UUID(int=1), UUID(int=2)


def a_login(role: Role, institution_id: UUID | None = None) -> Login:
    return Login(
        id=UUID(int=9),
        role=role,
        subject_id=UUID(int=8),
        institution_id=institution_id,
        name="",
        since_ms=0,
        until_ms=1,
    )


def test_an_institutions_administrator_manages_its_own_staff_only():
    admin = a_login(Role.INSTITUTION_ADMIN, OWN)
    managed = {pair for pair in product(Role, (None, OWN, OTHER)) if manages(admin, *pair)}
    assert managed == {(role, OWN) for role in HOUSE_STAFF}
    assert {
        Role.INVIGILATOR,
        Role.INSTITUTION_ADMIN,
        Role.ITEM_AUTHOR,
        Role.ITEM_REVIEWER,
    } == HOUSE_STAFF


def test_an_officer_manages_administrators_the_department_and_partners():
    officer = a_login(Role.OFFICER)
    managed = {pair for pair in product(Role, (None, OWN)) if manages(officer, *pair)}
    department = {Role.OFFICER, Role.AUDITOR, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER}
    anywhere = {Role.INSTITUTION_ADMIN, Role.EMPLOYER_CLERK, Role.CE_PLATFORM}
    assert managed == {(role, None) for role in department | anywhere} | {(role, OWN) for role in anywhere}
    assert not manages(officer, Role.OPERATOR, None)


def test_an_operator_manages_every_account_and_no_candidate():
    operator = a_login(Role.OPERATOR)
    assert {role for role in Role if manages(operator, role, None)} == set(Role) - {Role.CANDIDATE}


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.INSTITUTION_ADMIN, Role.OFFICER, Role.OPERATOR}]
)
def test_nobody_else_manages_anybody(role):
    login = a_login(role, OWN)
    assert not any(manages(login, *pair) for pair in product(Role, (None, OWN, OTHER)))
    assert roles_given_by(login) == ()


@pytest.mark.parametrize("role", Role)
def test_a_role_has_its_tenant_or_is_refused(role):
    def refusal(*, institution: bool, employer: bool) -> str:
        try:
            check_tenant(role, of_institution=institution, of_employer=employer)
        except AccountNotSound as refused:
            return refused.reason
        return ""

    sound = {
        pair
        for pair in product((False, True), repeat=2)
        if not refusal(institution=pair[0], employer=pair[1])
    }
    if role is Role.CANDIDATE:
        assert sound == set()
    elif role is Role.EMPLOYER_CLERK:
        assert sound == {(False, True)}
    elif role in {Role.ITEM_AUTHOR, Role.ITEM_REVIEWER}:
        assert sound == {(False, False), (True, False)}
    else:
        assert sound == {(role in HOUSE_STAFF, False)}
