"""What pages and the service say to each other about persons, employers, institutions and rights."""

from typing import Annotated, Literal

from msgspec import Meta

from exam_api.http.wire_attempt import Uuid, Wire
from exam_api.http.wire_staff import RosterProblem, Says

Reason = Annotated[str, Meta(min_length=2, max_length=300)]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Short = Annotated[str, Meta(min_length=1, max_length=120)]


# --- persons -----------------------------------------------------------------------


class PersonRow(Wire, kw_only=True):
    """A person in a list, numbers masked; empty: not shown to this role."""

    id: Uuid
    name: str
    id_no: str
    phone: str
    employer: str


class PeopleOut(Wire, kw_only=True):
    people: list[PersonRow]
    more: bool


class EmploymentRow(Wire, kw_only=True):
    id: Uuid
    employer: str
    uscc: str
    role: Says
    since: str
    until: str
    confirmed: bool


class PersonSitting(Wire, kw_only=True):
    """A registration with what came of it; null: not shown to this role, or not there."""

    session_id: Uuid
    institution: str
    title: str
    opens_ms: int
    ticket_no: str
    seat: str
    state: str
    score_centi: int | None
    full_centi: int | None
    passed: bool | None


class PersonOut(Wire, kw_only=True):
    person: PersonRow
    employments: list[EmploymentRow]
    sittings: list[PersonSitting]
    given_by: list[str]
    may_open: bool
    """Whether the number can be opened with a reason."""


class ReasonedIn(Wire, kw_only=True):
    reason: Reason


class NumberOut(Wire, kw_only=True):
    id_no: str


class PeopleImportOut(Wire, kw_only=True):
    """What a list of people holds; `stored` false: a preview, or a row was wrong."""

    rows: int
    ready: int
    problems: list[RosterProblem]
    stored: bool
    new: int
    known: int
    employments: int


# --- employers and institutions ----------------------------------------------------


class EmployerRow(Wire, kw_only=True):
    id: Uuid
    uscc: str
    name: str
    people: int


class EmployersOut(Wire, kw_only=True):
    employers: list[EmployerRow]


class EmployerIn(Wire, kw_only=True):
    uscc: Short
    name: Short


class EndIn(Wire, kw_only=True):
    until: Day


class InstitutionFileRow(Wire, kw_only=True):
    id: Uuid
    name: str
    uscc: str
    licence_no: str
    licence_until: str
    licence_by: str
    scopes: list[str]


class InstitutionFilesOut(Wire, kw_only=True):
    institutions: list[InstitutionFileRow]


class InstitutionFileIn(Wire, kw_only=True):
    uscc: Short
    licence_no: Annotated[str, Meta(max_length=60)]
    licence_until: Day
    licence_by: Annotated[str, Meta(max_length=120)]
    scopes: Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=60)]


class LendersIn(Wire, kw_only=True):
    institutions: Annotated[list[Uuid], Meta(max_length=20)]


class LendersOut(Wire, kw_only=True):
    institutions: list[Uuid]


# --- rights ------------------------------------------------------------------------


class CorrectionIn(Wire, kw_only=True):
    field: Literal["name", "phone", "id-number"]
    value: Annotated[str, Meta(min_length=1, max_length=80)]
    reason: Annotated[str, Meta(max_length=300)] = ""


class CorrectionRow(Wire, kw_only=True):
    id: Uuid
    person_id: Uuid
    name: str
    field: str
    old: str
    new: str
    reason: str
    asked_ms: int
    state: str
    decided_ms: int
    answer: str


class CorrectionsOut(Wire, kw_only=True):
    corrections: list[CorrectionRow]


class DecisionIn(Wire, kw_only=True):
    grant: bool
    answer: Annotated[str, Meta(max_length=300)] = ""


class FindingRow(Wire, kw_only=True):
    """What becomes of one kind of data; `why` is a key of the pages' words, or what an officer wrote."""

    kind: str
    rows: int
    erased: bool
    why: str
    until_ms: int


class ErasureRow(Wire, kw_only=True):
    id: Uuid
    person_id: Uuid
    name: str
    reason: str
    asked_ms: int
    state: str
    decided_ms: int
    outcome: list[FindingRow]


class ErasuresOut(Wire, kw_only=True):
    erasures: list[ErasureRow]


class ErasureIn(Wire, kw_only=True):
    reason: Annotated[str, Meta(max_length=300)] = ""


class ErasureAskedOut(Wire, kw_only=True):
    outcome: list[FindingRow]


class ConsentRow(Wire, kw_only=True):
    purpose: str
    version: str
    text: Says
    withdrawable: bool
    given: bool | None
    at_ms: int


class ConsentsOut(Wire, kw_only=True):
    consents: list[ConsentRow]


class PurposeIn(Wire, kw_only=True):
    given: bool
    text_version: Annotated[str, Meta(max_length=40)]


class NoticeRow(Wire, kw_only=True):
    at_ms: int
    institution: str
    code: str


class GivenRow(Wire, kw_only=True):
    institution: str
    name: str
    phone: str
    at_ms: int


class LogInRow(Wire, kw_only=True):
    since_ms: int
    until_ms: int


class MyDataOut(Wire, kw_only=True):
    """What a person sees of what is kept about them."""

    name: str
    id_no: str
    phone: str
    known_since_ms: int
    given: list[GivenRow]
    employments: list[EmploymentRow]
    sittings: list[PersonSitting]
    notices: list[NoticeRow]
    corrections: list[CorrectionRow]
    erasures: list[ErasureRow]
    log_ins: list[LogInRow]


class WaitingOut(Wire, kw_only=True):
    corrections: int
    erasures: int
