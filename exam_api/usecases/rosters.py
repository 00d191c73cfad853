"""Registering the people of a roster for a session."""

from uuid import UUID

import msgspec

from enrollment.errors import NotATicketNumber, RosterUnreadable
from enrollment.people_list import others_facts
from enrollment.roster import Roster, parse_roster
from enrollment.ticket import HEADS_MAX
from exam_api.console_ports import NewRegistration
from exam_api.people import Login
from exam_api.record import SessionState
from exam_api.usecases.arm_session import arm_session
from exam_api.usecases.console_parts import ConsoleParts, session_in_reach
from exam_api.usecases.errors import NoPlacesLeft, SessionStateWrong
from exam_api.usecases.log_in import civil_date
from question_pools.exchange.sheets import Sheet, read_workbook


class RosterAsk(msgspec.Struct, frozen=True, kw_only=True):
    login: Login
    session_id: UUID
    data: bytes
    filename: str
    store: bool
    """False: preview."""


class RosterTaken(msgspec.Struct, frozen=True, kw_only=True):
    roster: Roster
    added: int
    stored: bool
    """A roster with a wrong row is not stored at all."""


async def take_roster(ask: RosterAsk, parts: ConsoleParts) -> RosterTaken:
    """Read a roster; register its people where that is asked for and every row is right.

    People who are registered already stay as they are.

    Raises NoSuchSession, SessionStateWrong, UnreadableFile, RosterUnreadable, NoPlacesLeft, OthersFacts,
    RecordAway.
    """
    line = await session_in_reach(ask.session_id, ask.login, parts)
    if line.facts.state not in {SessionState.DRAFT, SessionState.OPEN}:
        raise SessionStateWrong(state=line.facts.state)
    now_ms = parts.exam.clock.now_ms()
    roster = await parts.in_thread(_read, ask.data, ask.filename, now_ms)
    people = [
        NewRegistration(
            id=parts.exam.new_id(),
            person_id=parts.exam.new_id(),
            name=one.name,
            id_no=one.identity.number,
            phone=one.mobile,
        )
        for one in roster.entries
    ]
    for n in await parts.sittings.contradicted(ask.session_id, people):
        wrong = others_facts(roster.entries[n].row, "身份证号")
        roster = msgspec.structs.replace(roster, problems=(*roster.problems, wrong))
    if not ask.store or not roster.clean:
        return RosterTaken(roster=roster, added=0, stored=False)
    try:
        added = await parts.sittings.register(ask.session_id, people, act=parts.act(ask.login))
    except NotATicketNumber:
        raise NoPlacesLeft(places=HEADS_MAX) from None
    if added and ask.session_id in set(await parts.exam.armory.armed_sessions()):
        await arm_session(ask.session_id, parts.exam)  # the exam is near: who comes late comes in too
    return RosterTaken(roster=roster, added=added, stored=True)


def _read(data: bytes, filename: str, now_ms: int) -> Roster:
    """The first sheet that has the columns of a roster."""
    refused: RosterUnreadable | None = None
    for sheet in read_workbook(data, filename).sheets:
        try:
            return _parsed(sheet, now_ms)
        except RosterUnreadable as unreadable:
            refused = refused or unreadable
    raise refused or RosterUnreadable(("name", "identity"), searched_rows=0)


def _parsed(sheet: Sheet, now_ms: int) -> Roster:
    return parse_roster(sheet.rows, today=civil_date(now_ms), first_row=sheet.first_row)
