"""How a login sees those who sit in a session: its own, one whose room it lends, or not at all."""

from collections.abc import Sequence
from uuid import UUID

from exam_api.console_ports import SessionLine
from exam_api.errors import RecordAway
from exam_api.people import Login
from exam_api.usecases.console_parts import EVERYWHERE, ConsoleParts, armed_line, sees
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.persons_parts import PersonsParts
from exam_api.visible import Field, Sight, sight_of_session


async def session_in_sight(
    session_id: UUID, login: Login, console: ConsoleParts, persons: PersonsParts
) -> tuple[SessionLine, Sight]:
    """A session whose seats the login may see, and what else of those who sit there.

    With the record away armed sessions are still known, so that rooms are run on; lenders are not.

    Raises NoSuchSession, RecordAway for a session that is not armed.
    """
    lenders: frozenset[UUID] = frozenset()
    try:
        line = await console.sittings.session(session_id)
        if line is not None and login.institution_id not in {None, line.facts.institution_id}:
            lenders = await persons.houses.lenders(session_id)
    except RecordAway:
        line = await armed_line(session_id, console)
        if line is None:
            raise
    if line is None or (line.facts.rehearsal and not sees(login, line.facts)):
        raise NoSuchSession(session_id)
    sight = sight_of_session(login, line.facts.institution_id, lenders)
    if not sight.may(Field.SEAT):
        raise NoSuchSession(session_id)
    return line, sight


async def lent_sessions(login: Login, console: ConsoleParts, persons: PersonsParts) -> Sequence[SessionLine]:
    """Sessions of others in rooms of the login's institution, newest first; none while the record is away."""
    if login.institution_id is None or login.role in EVERYWHERE:
        return ()
    try:
        lent = await persons.houses.lent_sessions(login.institution_id)
        found = [await console.sittings.session(one) for one in lent]
    except RecordAway:
        return ()
    others = [one for one in found if one and one.facts.institution_id != login.institution_id]
    return sorted(others, key=lambda one: -one.facts.opens_ms)
