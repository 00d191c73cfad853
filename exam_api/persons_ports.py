"""What use cases need of the record about persons: files, employment, rights, retention.

Every method may raise RecordAway. Privileged acts take an Act: the adapter writes the audit line in the same
transaction. Methods that give persons take a Reach, which the adapter puts into the query.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from exam_api.console_ports import Act
from exam_api.people import Reach


class SentEmployment(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person works, as a sheet says it."""

    uscc: str
    employer: str
    """Name; may be empty where the employer is known."""
    role: str
    since: str
    """Civil date, or empty."""


class SentPerson(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sent about a person, on its way into the record, where number and phone are sealed."""

    person_id: UUID
    """Taken if the person is new; an identity number that is known keeps its person."""
    name: str
    id_no: str
    phone: str
    employment: SentEmployment | None = None

    def __repr__(self) -> str:
        """Stay silent about the person where a value is printed by accident."""
        return f"SentPerson({self.person_id})"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did."""

    new: int
    known: int
    employments: int


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a list, as far as the reach goes: an institution reads what it sent itself."""

    id: UUID
    name: str
    id_mask: str
    phone_mask: str
    employer: str
    """Name of the newest employer within reach; empty where none is."""
    registered: bool
    """By the institution of the reach; always false for others."""
    made_ms: int


class EmploymentLine(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    employer_id: UUID
    employer: str
    uscc: str
    role: str
    since: str
    until: str
    confirmed_ms: int


class SittingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One registration of a person with what came of it."""

    registration_id: UUID
    session_id: UUID
    institution_id: UUID
    institution: str
    title: str
    opens_ms: int
    ticket_no: str
    seat: str
    state: str
    total_centi: int | None
    full_centi: int
    passed: bool | None


class PersonFile(msgspec.Struct, frozen=True, kw_only=True):
    """A person with everything within reach."""

    line: PersonLine
    employments: Sequence[EmploymentLine]
    sittings: Sequence[SittingLine]
    given_by: Sequence[str]
    """Names of the institutions that sent something."""


class EmployerLine(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    uscc: str
    name: str
    people: int
    """Employed now, within reach."""


class InstitutionFile(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    uscc: str
    licence_no: str
    licence_until: str
    licence_by: str
    scopes: Sequence[str]


class PeopleAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list of persons."""

    reach: Reach
    name: str = ""
    """Prefix."""
    id_no: str = ""
    """A whole number; found by its blind index."""
    after: UUID | None = None
    limit: int = 200


class Persons(Protocol):
    """Persons as far as somebody's reach goes."""

    async def contradicted(self, people: Sequence[SentPerson], institution_id: UUID | None) -> Sequence[int]:
        """Places in the list whose identity number is known under a name that this sender may not change."""
        ...

    async def take(self, people: Sequence[SentPerson], institution_id: UUID | None, *, act: Act) -> Taken:
        """Keep all of them, or none: persons, what was given, employers, employment.

        Raises OthersFacts when one was contradicted meanwhile.
        """
        ...

    async def notice(
        self, people: Sequence[SentPerson], institution_id: UUID | None, *, code: str, at_ms: int
    ) -> None:
        """Remember for these persons that something was refused because of what others told."""
        ...

    async def people(self, ask: PeopleAsk) -> Sequence[PersonLine]: ...

    async def person(self, person_id: UUID, reach: Reach) -> PersonFile | None: ...

    async def number(self, person_id: UUID, reach: Reach, *, reason: str, act: Act) -> str | None:
        """The identity number, with the read in the audit; None: not within reach, or erased."""
        ...


class Employers(Protocol):
    """Employers, and who works for them."""

    async def employers(self, reach: Reach, *, words: str) -> Sequence[EmployerLine]: ...

    async def keep_employer(self, uscc: str, name: str, *, act: Act) -> None:
        """One that is there takes the name."""
        ...

    async def confirm_employment(self, employment_id: UUID, reach: Reach, *, act: Act) -> bool: ...

    async def end_employment(self, employment_id: UUID, reach: Reach, *, until: str, act: Act) -> bool: ...


class Houses(Protocol):
    """What institutions are licensed for, and where they lend rooms."""

    async def institution_files(self) -> Sequence[InstitutionFile]: ...

    async def keep_institution_file(self, file: InstitutionFile, *, act: Act) -> bool:
        """False: no such institution, or the code is another's."""
        ...

    async def lenders(self, session_id: UUID) -> frozenset[UUID]: ...

    async def lend(self, session_id: UUID, lenders: Sequence[UUID], *, act: Act) -> bool:
        """These institutions, and no others, lend rooms to a session; False: one of them is unknown."""
        ...

    async def lent_sessions(self, institution_id: UUID) -> Sequence[UUID]: ...


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the person was refused to somebody."""

    at_ms: int
    institution: str
    code: str


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    purpose: str
    given: bool
    at_ms: int
    text_version: str


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    person_id: UUID
    name: str
    """Of the person, as the record has it."""
    field: str
    old_mask: str
    new_mask: str
    reason: str
    asked_ms: int
    state: str
    decided_ms: int
    answer: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one kind of data when a person is deleted."""

    kind: str
    rows: int
    erased: bool
    why: str
    """Key of the reason: a duty, a hold, or `nothing-requires-it`."""
    until_ms: int = 0
    """Kept until then; 0: erased, or no end is set."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    person_id: UUID
    name: str
    reason: str
    asked_ms: int
    state: str
    decided_ms: int
    outcome: Sequence[Finding]


class OwnFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the record holds about one person, for that person."""

    person: Mapping[str, Any]
    """Name, number, phone, whole."""
    given: Sequence[Mapping[str, Any]]
    employments: Sequence[EmploymentLine]
    sittings: Sequence[SittingLine]
    attempts: Sequence[Mapping[str, Any]]
    results: Sequence[Mapping[str, Any]]
    exam_consents: Sequence[Mapping[str, Any]]
    consents: Sequence[Consent]
    item_reports: Sequence[Mapping[str, Any]]
    corrections: Sequence[Correction]
    erasures: Sequence[Erasure]
    notices: Sequence[Notice]

    def __repr__(self) -> str:
        """Stay silent about the person where a value is printed by accident."""
        return "OwnFile(…)"


class NewCorrection(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    person_id: UUID
    field: str
    value: str
    value_mask: str
    reason: str
    asked_ms: int

    def __repr__(self) -> str:
        """Stay silent about the person where a value is printed by accident."""
        return f"NewCorrection({self.id})"


class Rights(Protocol):
    """What persons may see and say."""

    async def own_file(self, person_id: UUID) -> OwnFile | None: ...

    async def export(self, person_id: UUID, *, act: Act) -> OwnFile | None:
        """The same, with the read in the audit."""
        ...

    async def consents(self, person_id: UUID) -> Sequence[Consent]:
        """The newest of each purpose."""
        ...

    async def set_consent(self, person_id: UUID, consent: Consent) -> None:
        """Keep it; taking photos back also holds for every registration whose session is not over."""
        ...


class Requests(Protocol):
    """Corrections, deletions and holds."""

    async def ask_correction(self, asked: NewCorrection) -> bool:
        """False: one for that field is open already."""
        ...

    async def corrections(self, reach: Reach, *, open_only: bool) -> Sequence[Correction]: ...

    async def correction_value(self, correction_id: UUID, reach: Reach) -> tuple[Correction, str] | None:
        """The correction with the whole new value, to be checked by rules."""
        ...

    async def decide_correction(
        self, correction_id: UUID, reach: Reach, *, grant: bool, answer: str, act: Act
    ) -> Correction | None:
        """Decide an open one and carry it out; None: not within reach, or decided.

        Raises OthersFacts: the new number is another person's.
        """
        ...

    async def ask_erasure(self, erasure_id: UUID, person_id: UUID, *, reason: str, at_ms: int) -> bool:
        """False: one is open already."""
        ...

    async def erasures(self, reach: Reach, *, open_only: bool) -> Sequence[Erasure]: ...

    async def examine(self, person_id: UUID, *, now_ms: int) -> Sequence[Finding]:
        """What a deletion would erase and keep, and why."""
        ...

    async def erase(self, erasure_id: UUID, reach: Reach, *, act: Act) -> Erasure | None:
        """Carry out an open one; None: not within reach, or decided.

        Raises ErasureHeld: something must be kept yet; it stays open.
        """
        ...

    async def decline_erasure(
        self, erasure_id: UUID, reach: Reach, *, why: str, act: Act
    ) -> Erasure | None: ...

    async def hold(self, person_id: UUID, *, hold_id: UUID, reason: str, act: Act) -> bool: ...

    async def lift_hold(self, person_id: UUID, *, act: Act) -> int: ...


class Retention(Protocol):
    """Carries out the clocks of `exam_api.retention`."""

    async def due(self, kind: str, *, before_ms: int) -> int:
        """How many are due: their clock began before the instant."""
        ...

    async def carry_out(self, kind: str, *, before_ms: int, act: Act) -> int:
        """Erase them; how many were erased."""
        ...
