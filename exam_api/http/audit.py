"""The audit for auditors and officers: lines, workbook, walk, seals."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from exam_api.audit_ports import KeptLine, LinesAsk, Walked
from exam_api.errors import RecordAway
from exam_api.http.errors import BadRequest
from exam_api.http.guards import AUDITORS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.sessions import XLSX
from exam_api.http.wire_audit import (
    AuditLineRow,
    AuditOut,
    ChainRow,
    SealRow,
    SealsOut,
    WalkIn,
    WalkOut,
)
from exam_api.usecases.read_audit import SHEET_MAX, audit_page, audit_sheet

PAGE: Final = 100
"""Lines of one page unless asked otherwise."""

DEPARTMENT: Final = UUID(int=0)

DAY: Final = QueryParameter(pattern=r"^\d{4}-\d{2}-\d{2}$")
WORD: Final = QueryParameter(max_length=120)

Org = Annotated[UUID | None, QueryParameter(description="Zeros: the department and the system.")]
Day = Annotated[str | None, DAY]
Word = Annotated[str, WORD]


@get("/api/audit", operation_id="listAudit", opt=only(AUDITORS, reads="audit"), responses=told(RecordAway))
async def lines(
    request: Logged,
    parts: Given[Parts],
    *,
    org: Org = None,
    first_day: Day = None,
    last_day: Day = None,
    actor: Word = "",
    act: Word = "",
    object: Word = "",  # noqa: A002 - as the lines call it
    after: Annotated[str, QueryParameter(max_length=120)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = PAGE,
) -> AuditOut:
    """List lines, newest first; `next` goes on."""
    ask = LinesAsk(
        org=org,
        first_day=first_day or "",
        last_day=last_day or "",
        actor=actor,
        act=act,
        object=object,
        after=_place(after),
        limit=limit,
    )
    page = await audit_page(ask, request.user, parts.audit)
    last = page.lines[-1] if len(page.lines) == limit else None
    return AuditOut(lines=[_row(one, page.names) for one in page.lines], next=_cursor(last))


@get(
    "/api/audit.xlsx",
    operation_id="exportAudit",
    opt=only(AUDITORS, reads="audit-export", line_first=True),
    media_type=XLSX,
    responses=told(RecordAway),
)
async def export(
    request: Logged,
    parts: Given[Parts],
    *,
    org: Org = None,
    first_day: Day = None,
    last_day: Day = None,
    actor: Word = "",
    act: Word = "",
    object: Word = "",  # noqa: A002 - as the lines call it
) -> Response[bytes]:
    """Give the newest 20,000 lines of a filter as a workbook."""
    ask = LinesAsk(
        org=org,
        first_day=first_day or "",
        last_day=last_day or "",
        actor=actor,
        act=act,
        object=object,
        limit=SHEET_MAX,
    )
    page = await audit_page(ask, request.user, parts.audit)
    return Response(
        await parts.console.in_thread(audit_sheet, page),
        media_type=XLSX,
        headers={"content-disposition": 'attachment; filename="audit.xlsx"', "cache-control": "no-store"},
    )


@post(
    "/api/audit/walk",
    operation_id="walkAudit",
    opt=only(AUDITORS, reads="audit-walk"),
    status_code=200,
    responses=told(RecordAway),
)
async def walk(data: JSONBody[WalkIn], parts: Given[Parts]) -> WalkOut:
    """Walk the chains: is every line the one that was appended, and is none missing?"""
    began_ms = parts.audit.clock.now_ms()
    chains = await parts.audit.book.walked(org=UUID(data.org) if data.org else None, day=data.day)
    names = await parts.audit.book.names([f"institution:{one.org}" for one in chains], of_persons=False)
    return WalkOut(
        sound=all(one.found is None for one in chains),
        lines=sum(one.lines for one in chains),
        took_ms=max(0, parts.audit.clock.now_ms() - began_ms),
        chains=[_chain(one, names) for one in chains],
    )


@get(
    "/api/audit/seals",
    operation_id="listAuditSeals",
    opt=only(AUDITORS, reads="audit-seals"),
    responses=told(RecordAway),
)
async def seals(parts: Given[Parts]) -> SealsOut:
    """Give the signed ends of days: whoever keeps them outside can tell a rewritten day."""
    return SealsOut(
        keys={name: public.hex() for name, public in parts.audit.seal_keys.items()},
        seals=[
            SealRow(
                org=str(one.org),
                day=one.day,
                no=one.end.no,
                hash=one.end.digest.hex(),
                key_id=one.key_id,
                signature=one.signature.hex(),
                made_ms=one.made_ms,
            )
            for one in await parts.audit.book.seals()
        ],
    )


ROUTES: Sequence[HTTPRouteHandler] = (lines, export, walk, seals)


def _row(one: KeptLine, names: Mapping[str, str]) -> AuditLineRow:
    line = one.line
    return AuditLineRow(
        org=None if line.org is None else str(line.org),
        institution=names.get(f"institution:{line.org}", ""),
        day=one.place.day,
        no=one.place.no,
        at_ms=line.at_ms,
        actor=line.actor,
        actor_name=names.get(line.actor, ""),
        act=line.act,
        object=line.object,
        object_name=names.get(line.object, ""),
        body=dict(line.body),
        hash=one.hash.hex(),
    )


def _chain(one: Walked, names: Mapping[str, str]) -> ChainRow:
    return ChainRow(
        org=None if one.org == DEPARTMENT else str(one.org),
        institution=names.get(f"institution:{one.org}", ""),
        lines=one.lines,
        fault=one.found.fault if one.found else None,
        day=one.found.place.day if one.found else "",
        no=one.found.place.no if one.found else 0,
    )


def _cursor(last: KeptLine | None) -> str:
    if last is None:
        return ""
    return f"{last.line.at_ms}.{last.place.org.hex}.{last.place.no}.{last.place.day}"


def _place(after: str) -> tuple[int, UUID, str, int] | None:
    """The place that a page ended at. Raises BadRequest."""
    if not after:
        return None
    try:
        at_ms, org, no, day = after.split(".")
        place = int(at_ms), UUID(org), day, int(no)
    except ValueError:
        raise BadRequest("after") from None
    if not (0 <= place[0] < 1 << 62 and 0 <= place[3] < 1 << 62):
        raise BadRequest("after")
    return place
