"""Who sees what of a person: one table, field × role × relation; routes that tell of persons ask it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from exam_api.people import Login, Role

T = TypeVar("T")


class Field(StrEnum):
    """What a reply can tell of a person."""

    NAME = "name"
    ID_NUMBER = "id-number"
    PHONE = "phone"
    EMPLOYMENT = "employment"
    GIVEN_BY = "given-by"
    """Which institutions sent something about the person."""
    REGISTRATION = "registration"
    """That they sit, or sat, in a session."""
    TICKET = "ticket"
    SEAT = "seat"
    LIVE = "live"
    """State and progress of a running attempt."""
    INCIDENTS = "incidents"
    PHOTOS = "photos"
    """Pictures taken during an exam."""
    SCORE = "score"
    PASSED = "passed"
    ANSWERS = "answers"
    FILE = "file"
    """Documents and pictures."""
    CONSENTS = "consents"
    LOG_INS = "log-ins"
    REASONS = "reasons"
    """Why something was refused to others."""
    REQUESTS = "requests"
    """Corrections and deletions asked for."""


class Relation(StrEnum):
    """What a login has to do with the person."""

    OWN = "own"
    REGISTERING = "registering"
    """The institution that registered them for the session."""
    LENDING = "lending"
    """Lends the room to another institution's session."""
    IMPORTING = "importing"
    """Sent something about them, registered them for nothing."""
    EMPLOYER = "employer"
    """Of record."""
    DEPARTMENT = "department"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    NOBODY = "nobody"


class Show(StrEnum):
    """How far a field is shown; later in the list is more."""

    NO = "no"
    MASKED = "masked"
    OPENS = "opens"
    """Masked; opened one at a time, with a reason, which the audit keeps."""
    FULL = "full"


_ORDER: Final = {show: n for n, show in enumerate(Show)}

_CANDIDATE: Final = dict.fromkeys(Field, Show.FULL)
_ROOM: Final = {
    Field.NAME: Show.FULL,
    Field.ID_NUMBER: Show.MASKED,
    Field.PHONE: Show.MASKED,
    Field.REGISTRATION: Show.FULL,
    Field.TICKET: Show.FULL,
    Field.SEAT: Show.FULL,
    Field.LIVE: Show.FULL,
    Field.INCIDENTS: Show.FULL,
    Field.PHOTOS: Show.FULL,
    Field.SCORE: Show.FULL,
    Field.PASSED: Show.FULL,
}
_LENT: Final = {
    Field.NAME: Show.MASKED,
    Field.REGISTRATION: Show.FULL,
    Field.TICKET: Show.FULL,
    Field.SEAT: Show.FULL,
    Field.LIVE: Show.FULL,
    Field.INCIDENTS: Show.FULL,
}
_REGISTERING: Final = _ROOM | {
    Field.ID_NUMBER: Show.OPENS,
    Field.EMPLOYMENT: Show.FULL,
    Field.REQUESTS: Show.FULL,
}
_IMPORTING: Final = {
    Field.NAME: Show.FULL,
    Field.ID_NUMBER: Show.OPENS,
    Field.PHONE: Show.MASKED,
    Field.EMPLOYMENT: Show.FULL,
}
_DEPARTMENT: Final = _CANDIDATE | {
    Field.ID_NUMBER: Show.OPENS,
    Field.PHONE: Show.MASKED,
    Field.LOG_INS: Show.NO,
}
_AUDITOR: Final = _DEPARTMENT | {
    Field.ID_NUMBER: Show.MASKED,
    Field.LIVE: Show.NO,
    Field.PHOTOS: Show.NO,
    Field.ANSWERS: Show.NO,
    Field.FILE: Show.NO,
}
_EMPLOYER: Final = {
    Field.NAME: Show.FULL,
    Field.ID_NUMBER: Show.MASKED,
    Field.PHONE: Show.MASKED,
    Field.EMPLOYMENT: Show.FULL,
    Field.REGISTRATION: Show.FULL,
    Field.PASSED: Show.FULL,
}

SEEN: Final[Mapping[tuple[Role, Relation], Mapping[Field, Show]]] = {
    (Role.CANDIDATE, Relation.OWN): _CANDIDATE,
    (Role.INSTITUTION_ADMIN, Relation.REGISTERING): _REGISTERING,
    (Role.INSTITUTION_ADMIN, Relation.LENDING): _LENT,
    (Role.INSTITUTION_ADMIN, Relation.IMPORTING): _IMPORTING,
    (Role.INVIGILATOR, Relation.REGISTERING): _ROOM,
    (Role.INVIGILATOR, Relation.LENDING): _LENT,
    (Role.EMPLOYER_CLERK, Relation.EMPLOYER): _EMPLOYER,
    (Role.OFFICER, Relation.DEPARTMENT): _DEPARTMENT,
    (Role.AUDITOR, Relation.AUDITOR): _AUDITOR,
}
"""What is not written here is not shown: authors, operators and machines see nothing of persons."""


def show(field: Field, role: Role, relation: Relation) -> Show:
    """One cell of the table."""
    return SEEN.get((role, relation), {}).get(field, Show.NO)


class Sight(msgspec.Struct, frozen=True):
    """How somebody sees a person: their role, and everything they have to do with them."""

    role: Role
    relations: frozenset[Relation]

    def of(self, field: Field) -> Show:
        """The most that any of the relations lets them see."""
        shown = (show(field, self.role, relation) for relation in self.relations)
        return max(shown, key=_ORDER.__getitem__, default=Show.NO)

    def may(self, field: Field) -> bool:
        """Whether anything of a field is shown."""
        return self.of(field) is not Show.NO

    def text(self, field: Field, full: str, masked: str = "") -> str:
        """The text, its mask, or nothing."""
        how = self.of(field)
        if how is Show.FULL:
            return full
        return "" if how is Show.NO else masked

    def value(self, field: Field, held: T) -> T | None:
        """The value where it is shown whole, else None."""
        return held if self.of(field) is Show.FULL else None


def relation_to_session(
    login: Login, institution_id: UUID, lenders: AbstractSet[UUID] = frozenset()
) -> frozenset[Relation]:
    """What a login has to do with those who sit in a session of an institution."""
    own = {
        Role.OFFICER: Relation.DEPARTMENT,
        Role.AUDITOR: Relation.AUDITOR,
        Role.OPERATOR: Relation.OPERATOR,
    }.get(login.role)
    if own is not None:
        return frozenset({own})
    if login.institution_id is None:
        return frozenset({Relation.NOBODY})
    if login.institution_id == institution_id:
        return frozenset({Relation.REGISTERING})
    return frozenset({Relation.LENDING if login.institution_id in lenders else Relation.NOBODY})


def sight_of_session(login: Login, institution_id: UUID, lenders: AbstractSet[UUID] = frozenset()) -> Sight:
    """How a login sees those who sit in a session."""
    return Sight(login.role, relation_to_session(login, institution_id, lenders))
