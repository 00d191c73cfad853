"""Persons, employers and institutions for the console; what of a person is shown is decided in `visible`."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from enrollment.errors import NotACreditCode, RosterUnreadable
from exam_api.errors import OthersFacts, RecordAway
from exam_api.http import wire_persons as wire
from exam_api.http.guards import OFFICE, OFFICER, READERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.pools import UNREADABLE
from exam_api.http.problems import told
from exam_api.http.sessions import XLSX
from exam_api.http.show_person import employment_row, person_row, says, sitting_row
from exam_api.http.wire_staff import RosterProblem
from exam_api.people import Role
from exam_api.persons_ports import InstitutionFile
from exam_api.usecases import employers as use
from exam_api.usecases.errors import NoSuchEntry, NoSuchPerson
from exam_api.usecases.persons import (
    PAGE,
    PeopleImport,
    PeopleTaken,
    list_people,
    open_number,
    people_sheet,
    person_file,
    take_people,
)

PEOPLE_MAX = 15 * 1024 * 1024
"""Bytes of a list of people: 10,000 lines with their employers, and room."""

FINDERS = (*READERS, Role.EMPLOYER_CLERK)
"""Those who find persons at all, each within their reach."""

CONFIRMERS = (Role.OFFICER, Role.EMPLOYER_CLERK)
"""Those who say that somebody works, or no longer works, for an employer."""


@get("/api/people", operation_id="listPeople", opt=only(FINDERS, reads="people"), responses=told(RecordAway))
async def people(
    request: Logged,
    parts: Given[Parts],
    words: Annotated[str, QueryParameter(max_length=60)] = "",
    after: FromQuery[UUID | None] = None,
) -> wire.PeopleOut:
    """List persons by name, numbers masked; `words` is a whole identity number or the beginning of a name."""
    found = await list_people(request.user, parts.persons, words=words, after=after, limit=PAGE + 1)
    return wire.PeopleOut(people=[person_row(one) for one in found[:PAGE]], more=len(found) > PAGE)


@get(
    "/api/people.xlsx",
    operation_id="exportPeople",
    opt=only(FINDERS, reads="people-export", line_first=True),
    media_type=XLSX,
    responses=told(RecordAway),
)
async def export(
    request: Logged, parts: Given[Parts], words: Annotated[str, QueryParameter(max_length=60)] = ""
) -> Response[bytes]:
    """Give the list as a workbook, numbers and phones masked."""
    return Response(
        await people_sheet(request.user, parts.persons, words=words),
        media_type=XLSX,
        headers={"content-disposition": 'attachment; filename="people.xlsx"', "cache-control": "no-store"},
    )


@get(
    "/api/people/{person_id:uuid}",
    operation_id="readPerson",
    opt=only(FINDERS, reads="person"),
    responses=told(NoSuchPerson, RecordAway),
)
async def person(person_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.PersonOut:
    """Give a person's page, as far as the login may see."""
    found = await person_file(person_id, request.user, parts.persons)
    return wire.PersonOut(
        person=person_row(found.person),
        employments=[employment_row(one) for one in found.file.employments],
        sittings=[sitting_row(one) for one in found.sittings],
        given_by=list(found.given_by),
        may_open=found.may_open,
    )


@post(
    "/api/people/{person_id:uuid}/number",
    operation_id="openNumber",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchPerson, RecordAway),
)
async def number(
    person_id: FromPath[UUID], data: JSONBody[wire.ReasonedIn], request: Logged, parts: Given[Parts]
) -> wire.NumberOut:
    """Open a whole identity number; who looked, and why, stays in the audit."""
    return wire.NumberOut(
        id_no=await open_number(person_id, request.user, reason=data.reason, parts=parts.persons)
    )


@post(
    "/api/people/import",
    operation_id="importPeople",
    opt=only(OFFICE, body_max=PEOPLE_MAX, takes_file=True),
    status_code=200,
    responses=told(RosterUnreadable, OthersFacts, *UNREADABLE, RecordAway),
)
async def import_people(
    request: Logged,
    parts: Given[Parts],
    filename: Annotated[str, QueryParameter(max_length=200)],
    store: FromQuery[bool] = False,  # noqa: FBT002 - a query
) -> wire.PeopleImportOut:
    """Read people with employers (.xlsx, .xls or .csv as the raw body); with `store` keep all or none."""
    ask = PeopleImport(login=request.user, data=await request.body(), filename=filename, store=store)
    return _imported(await take_people(ask, parts.persons))


@get("/api/employers", operation_id="listEmployers", opt=only(FINDERS), responses=told(RecordAway))
async def employers(
    request: Logged, parts: Given[Parts], words: Annotated[str, QueryParameter(max_length=60)] = ""
) -> wire.EmployersOut:
    """List employers; `words` is part of a name or a whole credit code."""
    found = await use.list_employers(request.user, parts.persons, words=words)
    return wire.EmployersOut(
        employers=[
            wire.EmployerRow(id=str(one.id), uscc=one.uscc, name=one.name, people=one.people) for one in found
        ]
    )


@post(
    "/api/employers",
    operation_id="keepEmployer",
    opt=only(OFFICER),
    status_code=204,
    responses=told(NotACreditCode, RecordAway),
)
async def keep_employer(data: JSONBody[wire.EmployerIn], request: Logged, parts: Given[Parts]) -> None:
    """Keep an employer under its credit code."""
    await use.keep_employer(request.user, uscc=data.uscc, name=data.name, parts=parts.persons)


@post(
    "/api/employments/{employment_id:uuid}/confirm",
    operation_id="confirmEmployment",
    opt=only(CONFIRMERS),
    status_code=204,
    responses=told(NoSuchEntry, RecordAway),
)
async def confirm(employment_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> None:
    """Say that a person works there."""
    await use.confirm_employment(employment_id, request.user, parts.persons)


@post(
    "/api/employments/{employment_id:uuid}/end",
    operation_id="endEmployment",
    opt=only(CONFIRMERS),
    status_code=204,
    responses=told(NoSuchEntry, RecordAway),
)
async def end(
    employment_id: FromPath[UUID], data: JSONBody[wire.EndIn], request: Logged, parts: Given[Parts]
) -> None:
    """Say that a person no longer works there."""
    await use.end_employment(employment_id, request.user, until=data.until, parts=parts.persons)


@get(
    "/api/institution-files",
    operation_id="listInstitutionFiles",
    opt=only((Role.OFFICER, Role.AUDITOR)),
    responses=told(RecordAway),
)
async def institution_files(parts: Given[Parts]) -> wire.InstitutionFilesOut:
    """List institutions with what they are licensed for."""
    found = await parts.persons.houses.institution_files()
    return wire.InstitutionFilesOut(institutions=[_file(one) for one in found])


@post(
    "/api/institution-files/{institution_id:uuid}",
    operation_id="keepInstitutionFile",
    opt=only(OFFICER),
    status_code=204,
    responses=told(NotACreditCode, NoSuchEntry, RecordAway),
)
async def keep_institution_file(
    institution_id: FromPath[UUID],
    data: JSONBody[wire.InstitutionFileIn],
    request: Logged,
    parts: Given[Parts],
) -> None:
    """Keep what an institution is licensed for."""
    file = InstitutionFile(
        id=institution_id,
        name="",
        uscc=data.uscc,
        licence_no=data.licence_no,
        licence_until=data.licence_until,
        licence_by=data.licence_by,
        scopes=data.scopes,
    )
    await use.keep_institution_file(file, request.user, parts.persons)


@get(
    "/api/sessions/{session_id:uuid}/lenders",
    operation_id="listLenders",
    opt=only(OFFICER),
    responses=told(RecordAway),
)
async def lenders(session_id: FromPath[UUID], parts: Given[Parts]) -> wire.LendersOut:
    """List the institutions that lend rooms to a session."""
    found = await parts.persons.houses.lenders(session_id)
    return wire.LendersOut(institutions=sorted(str(one) for one in found))


@post(
    "/api/sessions/{session_id:uuid}/lenders",
    operation_id="setLenders",
    opt=only(OFFICER),
    status_code=204,
    responses=told(NoSuchEntry, RecordAway),
)
async def set_lenders(
    session_id: FromPath[UUID], data: JSONBody[wire.LendersIn], request: Logged, parts: Given[Parts]
) -> None:
    """Say which institutions lend rooms: they see seats, live state and incidents, no score and no file."""
    await use.lend(session_id, [UUID(one) for one in data.institutions], request.user, parts.persons)


ROUTES: Sequence[HTTPRouteHandler] = (
    people,
    export,
    person,
    number,
    import_people,
    employers,
    keep_employer,
    confirm,
    end,
    institution_files,
    keep_institution_file,
    lenders,
    set_lenders,
)


def _imported(done: PeopleTaken) -> wire.PeopleImportOut:
    found, taken = done.people, done.taken
    return wire.PeopleImportOut(
        rows=found.rows,
        ready=len(found.entries),
        problems=[
            RosterProblem(row=one.row, column=one.column, code=one.code, message=says((one.zh, one.en)))
            for one in found.problems
        ],
        stored=taken is not None,
        new=taken.new if taken else 0,
        known=taken.known if taken else 0,
        employments=taken.employments if taken else 0,
    )


def _file(one: InstitutionFile) -> wire.InstitutionFileRow:
    return wire.InstitutionFileRow(
        id=str(one.id),
        name=one.name,
        uscc=one.uscc,
        licence_no=one.licence_no,
        licence_until=one.licence_until,
        licence_by=one.licence_by,
        scopes=list(one.scopes),
    )
