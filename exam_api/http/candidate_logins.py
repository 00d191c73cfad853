"""The bare routes by which candidates log in: a province does so within a minute."""

from typing import Final

import msgspec
from litestar.handlers import ASGIRouteHandler
from litestar.types import Scope

from enrollment.errors import NotAnIdentityNumber
from exam_api.errors import LiveAway, RecordAway
from exam_api.http.admission import Way
from exam_api.http.bare import address_of
from exam_api.http.errors import MustWait
from exam_api.http.guards import Access
from exam_api.http.hot import HotRoute, Reply, hot_call
from exam_api.http.logins import SMALL, me_out
from exam_api.http.parts import Parts
from exam_api.http.wire_attempt import (
    CandidateLoginIn,
    CodeIn,
    CodeOut,
    DeskLoginIn,
    MeOut,
    TicketLoginIn,
)
from exam_api.usecases.errors import LoginRefused, TooManyCodes, TooManyFailures
from exam_api.usecases.log_in import (
    CodeAsk,
    CodeLoginAsk,
    DeskLoginAsk,
    Opened,
    TicketLoginAsk,
    log_in_at_desk,
    log_in_by_code,
    log_in_by_ticket,
    send_code,
)

_IN: Final = Access(anyone=True, body_max=SMALL, way=Way.LOGIN)

CODE: Final = HotRoute(
    path="/api/login/code",
    method="POST",
    operation_id="askForCode",
    summary="Send a one-time code to the person's phone; the reply never tells whether they exist",
    access=msgspec.structs.replace(_IN, way=Way.CODE),
    takes=CodeIn,
    gives=CodeOut,
    refuses=(NotAnIdentityNumber, TooManyCodes, MustWait, LiveAway),
)

BY_CODE: Final = HotRoute(
    path="/api/login/candidate",
    method="POST",
    operation_id="logInByCode",
    summary="Log a candidate in with name, identity number and one-time code",
    access=_IN,
    takes=CandidateLoginIn,
    gives=MeOut,
    refuses=(NotAnIdentityNumber, LoginRefused, TooManyFailures, MustWait, LiveAway),
)

BY_TICKET: Final = HotRoute(
    path="/api/login/ticket",
    method="POST",
    operation_id="logInByTicket",
    summary="Log a candidate in with the ticket's signed QR and the last six of the identity number",
    access=_IN,
    takes=TicketLoginIn,
    gives=MeOut,
    refuses=(LoginRefused, TooManyFailures, MustWait, LiveAway, RecordAway),
)

AT_DESK: Final = HotRoute(
    path="/api/login/desk",
    method="POST",
    operation_id="logInAtDesk",
    summary="Log a candidate in at a desk, for the session whose room code is on the board",
    access=_IN,
    takes=DeskLoginIn,
    gives=MeOut,
    refuses=(LoginRefused, TooManyFailures, MustWait, LiveAway, RecordAway),
)

LOGIN_ROUTES: Final = (CODE, BY_CODE, BY_TICKET, AT_DESK)
"""All of them, for OpenAPI."""


def candidate_login_routes(parts: Parts) -> list[ASGIRouteHandler]:
    """The ways in of candidates."""
    ways = CandidateLogins(parts)
    return [
        hot_call(CODE, CodeIn, ways.ask_for_code),
        hot_call(BY_CODE, CandidateLoginIn, ways.by_code),
        hot_call(BY_TICKET, TicketLoginIn, ways.by_ticket),
        hot_call(AT_DESK, DeskLoginIn, ways.at_desk),
    ]


class CandidateLogins:
    """Translates between wire and use cases; decides nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ask_for_code(self, _scope: Scope, data: CodeIn) -> Reply:
        """Make a code and have it sent."""
        sent = await send_code(CodeAsk(name=data.name, id_no=data.id_no), self._parts.login)
        return Reply(CodeOut(wait_ms=sent.wait_ms, demo_code=sent.demo_code))

    async def by_code(self, scope: Scope, data: CandidateLoginIn) -> Reply:
        """With the code that was sent."""
        ask = CodeLoginAsk(name=data.name, id_no=data.id_no, code=data.code, address=address_of(scope))
        return self._entered(await log_in_by_code(ask, self._parts.login))

    async def by_ticket(self, scope: Scope, data: TicketLoginIn) -> Reply:
        """With the ticket's QR."""
        ask = TicketLoginAsk(ticket=data.ticket, last_six=data.last_six, address=address_of(scope))
        return self._entered(await log_in_by_ticket(ask, self._parts.login))

    async def at_desk(self, scope: Scope, data: DeskLoginIn) -> Reply:
        """With the ticket's number, in a room."""
        ask = DeskLoginAsk(
            ticket_no=data.ticket_no,
            last_six=data.last_six,
            room_code=data.room_code,
            address=address_of(scope),
        )
        return self._entered(await log_in_at_desk(ask, self._parts.login))

    def _entered(self, opened: Opened) -> Reply:
        cookie = self._parts.cookies.set_login(opened.token, life_ms=opened.life_ms)
        return Reply(me_out(opened.login, self._parts), [(b"set-cookie", cookie.encode())])
