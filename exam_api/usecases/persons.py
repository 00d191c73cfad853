"""Persons for the console: lists, files, the audited look at a number, imports and exports."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from enrollment.employment import ROLES
from enrollment.errors import NotAnIdentityNumber, RosterUnreadable
from enrollment.identity import mask_name, normal_name, parse_identity
from enrollment.people_list import PeopleList, others_facts, parse_people
from exam_api.people import Login, Role
from exam_api.persons_ports import (
    PeopleAsk,
    PersonFile,
    PersonLine,
    SentEmployment,
    SentPerson,
    SittingLine,
    Taken,
)
from exam_api.usecases.errors import NoSuchPerson
from exam_api.usecases.log_in import civil_date
from exam_api.usecases.persons_parts import PersonsParts, people_reach, sight_of_person
from exam_api.usecases.sheet import Cell, Sheet, workbook
from exam_api.visible import Field, Sight
from question_pools.exchange.sheets import read_workbook

PAGE: Final = 200
"""Persons of one page of the list."""

EXPORT_MOST: Final = 50_000
"""Persons of one workbook; a sheet program opens no more with ease."""

HEADS: Final = ("姓名", "身份证号", "手机", "单位")
"""Columns of the exported list."""

OTHERS_FACTS: Final = "name-differs"
"""What a person is told when somebody sent their number under another name."""


class PeopleImport(msgspec.Struct, frozen=True, kw_only=True):
    login: Login
    data: bytes
    filename: str
    store: bool
    """False: preview."""


class PeopleTaken(msgspec.Struct, frozen=True, kw_only=True):
    people: PeopleList
    taken: Taken | None
    """None: a preview, or a row was wrong: then nothing is stored."""


class SeenPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a list, as far as the login may see."""

    id: UUID
    name: str
    id_no: str
    phone: str
    employer: str


class SeenSitting(msgspec.Struct, frozen=True, kw_only=True):
    """A registration, as far as the login may see; None: not shown, or not there."""

    session_id: UUID
    institution: str
    title: str
    opens_ms: int
    ticket_no: str
    seat: str
    state: str
    total_centi: int | None
    full_centi: int | None
    passed: bool | None


class SeenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A person's page, as far as the login may see."""

    person: SeenPerson
    file: PersonFile
    """Employments within reach."""
    sittings: Sequence[SeenSitting]
    given_by: Sequence[str]
    may_open: bool
    """Whether the number can be opened with a reason."""


async def take_people(ask: PeopleImport, parts: PersonsParts) -> PeopleTaken:
    """Read people with their employers; keep all of them where that is asked for and every row is right.

    Raises UnreadableFile, RosterUnreadable, OthersFacts (somebody told something else just now), RecordAway.
    """
    now_ms = parts.clock.now_ms()
    found = await parts.in_thread(_read, ask.data, ask.filename, now_ms)
    institution_id = ask.login.institution_id
    sent = [
        SentPerson(
            person_id=parts.new_id(),
            name=entry.name,
            id_no=entry.identity.number,
            phone=entry.mobile,
            employment=None
            if work is None
            else SentEmployment(uscc=work.uscc, employer=work.employer, role=work.role, since=work.since),
        )
        for entry, work in found.entries
    ]
    wrong = await parts.persons.contradicted(sent, institution_id)
    if wrong:
        rows = [others_facts(found.entries[n][0].row, "身份证号") for n in wrong]
        problems = tuple(sorted((*found.problems, *rows), key=lambda problem: problem.row))
        found = msgspec.structs.replace(found, problems=problems)
    if not ask.store:
        return PeopleTaken(people=found, taken=None)
    if wrong:
        refused = [sent[n] for n in wrong]
        await parts.persons.notice(refused, institution_id, code=OTHERS_FACTS, at_ms=now_ms)
    if not found.clean:
        return PeopleTaken(people=found, taken=None)
    taken = await parts.persons.take(sent, institution_id, act=parts.act(ask.login))
    return PeopleTaken(people=found, taken=taken)


async def list_people(
    login: Login, parts: PersonsParts, *, words: str = "", after: UUID | None = None, limit: int = PAGE
) -> Sequence[SeenPerson]:
    """A page of persons within reach; `words` is an identity number or the beginning of a name."""
    id_no = _number(words, parts)
    ask = PeopleAsk(
        reach=people_reach(login),
        name="" if id_no else normal_name(words),
        id_no=id_no,
        after=after,
        limit=limit,
    )
    lines = await parts.persons.people(ask)
    return [seen_person(one, sight_of_person(login, registered=one.registered)) for one in lines]


async def person_file(person_id: UUID, login: Login, parts: PersonsParts) -> SeenFile:
    """A person's page.

    Raises NoSuchPerson, also for one out of reach.
    """
    file = await parts.persons.person(person_id, people_reach(login))
    if file is None:
        raise NoSuchPerson(person_id)
    sight = sight_of_person(login, registered=file.line.registered)
    sittings = [seen_sitting(one, sight) for one in file.sittings] if sight.may(Field.REGISTRATION) else []
    return SeenFile(
        person=seen_person(file.line, sight),
        file=file,
        sittings=sittings,
        given_by=sight.value(Field.GIVEN_BY, file.given_by) or (),
        may_open=login.role in {Role.OFFICER, Role.INSTITUTION_ADMIN} and sight.may(Field.ID_NUMBER),
    )


async def open_number(person_id: UUID, login: Login, *, reason: str, parts: PersonsParts) -> str:
    """The identity number, whole; the audit keeps who looked and why.

    Raises NoSuchPerson.
    """
    number = await parts.persons.number(
        person_id, people_reach(login), reason=reason.strip(), act=parts.act(login)
    )
    if number is None:
        raise NoSuchPerson(person_id)
    return number


async def people_sheet(login: Login, parts: PersonsParts, *, words: str = "") -> bytes:
    """The list as .xlsx, numbers and phones masked."""
    lines = await list_people(login, parts, words=words, limit=EXPORT_MOST)
    rows: list[list[Cell]] = [[one.name, one.id_no, one.phone, one.employer] for one in lines]
    return await parts.in_thread(workbook, Sheet(title="人员", heads=HEADS, rows=rows))


def seen_person(line: PersonLine, sight: Sight) -> SeenPerson:
    """A person as far as somebody sees them; numbers are never whole here."""
    return SeenPerson(
        id=line.id,
        name=sight.text(Field.NAME, line.name, mask_name(line.name)),
        id_no=line.id_mask if sight.may(Field.ID_NUMBER) else "",
        phone=line.phone_mask if sight.may(Field.PHONE) else "",
        employer=sight.text(Field.EMPLOYMENT, line.employer),
    )


def role_words(code: str) -> tuple[str, str]:
    """What people call a role, Chinese and English."""
    return ROLES.get(code, (code, code))


def seen_sitting(one: SittingLine, sight: Sight) -> SeenSitting:
    """A registration as far as somebody sees it."""
    return SeenSitting(
        session_id=one.session_id,
        institution=one.institution,
        title=one.title,
        opens_ms=one.opens_ms,
        ticket_no=sight.text(Field.TICKET, one.ticket_no),
        seat=sight.text(Field.SEAT, one.seat),
        state=one.state,
        total_centi=sight.value(Field.SCORE, one.total_centi),
        full_centi=sight.value(Field.SCORE, one.full_centi),
        passed=sight.value(Field.PASSED, one.passed),
    )


def _number(words: str, parts: PersonsParts) -> str:
    """The identity number that the words are, or nothing."""
    try:
        return parse_identity(words, today=civil_date(parts.clock.now_ms())).number
    except NotAnIdentityNumber:
        return ""


def _read(data: bytes, filename: str, now_ms: int) -> PeopleList:
    """The first sheet that has the columns of a list of people."""
    refused: RosterUnreadable | None = None
    for sheet in read_workbook(data, filename).sheets:
        try:
            return parse_people(sheet.rows, today=civil_date(now_ms), first_row=sheet.first_row)
        except RosterUnreadable as unreadable:
            refused = refused or unreadable
    raise refused or RosterUnreadable(("name", "identity"), searched_rows=0)
