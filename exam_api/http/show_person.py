"""Persons on the wire: what `usecases.persons` and `usecases.rights` give, as pages read it."""

from exam_api.http import wire_persons as wire
from exam_api.http.wire_staff import Says
from exam_api.persons_ports import Correction, EmploymentLine, Erasure, Finding
from exam_api.usecases.persons import SeenPerson, SeenSitting, role_words


def says(words: tuple[str, str]) -> Says:
    """Words that the service chose, Chinese and English."""
    return Says(zh=words[0], en=words[1])


def person_row(one: SeenPerson) -> wire.PersonRow:
    """A person in a list."""
    return wire.PersonRow(
        id=str(one.id), name=one.name, id_no=one.id_no, phone=one.phone, employer=one.employer
    )


def employment_row(one: EmploymentLine) -> wire.EmploymentRow:
    """Where somebody works or worked."""
    return wire.EmploymentRow(
        id=str(one.id),
        employer=one.employer,
        uscc=one.uscc,
        role=says(role_words(one.role)),
        since=one.since,
        until=one.until,
        confirmed=one.confirmed_ms > 0,
    )


def sitting_row(one: SeenSitting) -> wire.PersonSitting:
    """A registration with what came of it."""
    return wire.PersonSitting(
        session_id=str(one.session_id),
        institution=one.institution,
        title=one.title,
        opens_ms=one.opens_ms,
        ticket_no=one.ticket_no,
        seat=one.seat,
        state=one.state,
        score_centi=one.total_centi,
        full_centi=one.full_centi,
        passed=one.passed,
    )


def correction_row(one: Correction) -> wire.CorrectionRow:
    """A correction that was asked for."""
    return wire.CorrectionRow(
        id=str(one.id),
        person_id=str(one.person_id),
        name=one.name,
        field=one.field,
        old=one.old_mask,
        new=one.new_mask,
        reason=one.reason,
        asked_ms=one.asked_ms,
        state=one.state,
        decided_ms=one.decided_ms,
        answer=one.answer,
    )


def finding_row(one: Finding) -> wire.FindingRow:
    """What becomes of one kind of data."""
    return wire.FindingRow(
        kind=one.kind, rows=one.rows, erased=one.erased, why=one.why, until_ms=one.until_ms
    )


def erasure_row(one: Erasure) -> wire.ErasureRow:
    """A deletion that was asked for."""
    return wire.ErasureRow(
        id=str(one.id),
        person_id=str(one.person_id),
        name=one.name,
        reason=one.reason,
        asked_ms=one.asked_ms,
        state=one.state,
        decided_ms=one.decided_ms,
        outcome=[finding_row(finding) for finding in one.outcome],
    )
