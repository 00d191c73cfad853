"""Reading persons' data is an act: routes declare what they show, and here the audit line is made of it."""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from litestar.types import Message, Scope, Send

from exam_api.audit_ports import Line
from exam_api.people import Login
from exam_api.usecases.console_parts import actor_of

SHOWN_BELOW: Final = 400
"""Statuses from here on show nothing of anybody."""


def read_line(what: str, login: Login, scope: Scope, at_ms: int) -> Line:
    """The line of one reading, in the chain of the reader's organisation.

    Of path and query only ids are taken over: a search holds names and numbers of persons.
    """
    ids = {name.removesuffix("_id"): str(value) for name, value in scope["path_params"].items()}
    asked = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=100)
    named = {name: value for name, value in asked if _is_id(value)}
    kind, own = list(ids.items())[-1] if ids else ("list", what)
    body: dict[str, str | int | bool | None] = {**named, **dict(list(ids.items())[:-1])}
    return Line(
        at_ms=at_ms,
        actor=actor_of(login),
        act=f"read.{what}",
        object=f"{kind}:{own}"[:120],
        body=body,
        org=login.institution_id,
    )


def told_when_shown(send: Send, tell: Callable[[], None]) -> Send:
    """Tell of a reading when its reply begins; a refusal shows nothing and is not told of."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] < SHOWN_BELOW:
            tell()
        await send(message)

    return telling


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
