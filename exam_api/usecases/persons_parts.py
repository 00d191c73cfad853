"""What the use cases about persons are given, and how far a login reaches among persons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from exam_api.console_ports import Act
from exam_api.people import Login, Reach, Role
from exam_api.persons_ports import Employers, Houses, Persons, Requests, Rights
from exam_api.ports import Clock, Logins
from exam_api.usecases.console_parts import InThread, actor_of
from exam_api.visible import Relation, Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsParts:
    """Ports of everything about persons. Made by `wiring`."""

    clock: Clock
    persons: Persons
    employers: Employers
    houses: Houses
    rights: Rights
    requests: Requests
    logins: Logins
    in_thread: InThread
    new_id: Callable[[], UUID]

    def act(self, login: Login) -> Act:
        """Who does something now: for the audit line."""
        return Act(actor=actor_of(login), at_ms=self.clock.now_ms())


_EVERYWHERE: Final = frozenset({Role.OFFICER, Role.AUDITOR})


def people_reach(login: Login) -> Reach:
    """Whom a login may find: department and auditors all, an institution and an employer their own."""
    if login.role in _EVERYWHERE:
        return Reach(everywhere=True)
    if login.role is Role.INSTITUTION_ADMIN:
        return Reach(institution_id=login.institution_id)
    if login.role is Role.EMPLOYER_CLERK:
        return Reach(employer_id=login.employer_id)
    return Reach()


def sight_of_person(login: Login, *, registered: bool) -> Sight:
    """How a login sees a person within its reach; `registered`: by the login's institution."""
    relations = {
        Role.OFFICER: {Relation.DEPARTMENT},
        Role.AUDITOR: {Relation.AUDITOR},
        Role.EMPLOYER_CLERK: {Relation.EMPLOYER},
        Role.INSTITUTION_ADMIN: {Relation.IMPORTING, *((Relation.REGISTERING,) if registered else ())},
    }.get(login.role, {Relation.NOBODY})
    return Sight(login.role, frozenset(relations))
