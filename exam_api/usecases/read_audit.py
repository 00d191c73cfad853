"""Reading the audit: pages of lines with the names of what they speak of, as a workbook, and walks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from exam_api.audit_ports import KeptLine, LinesAsk
from exam_api.people import Login, Role
from exam_api.usecases.audit_parts import AuditParts
from exam_api.usecases.sheet import Sheet, workbook

SHEET_MAX: Final = 20_000
"""Lines of one workbook; a narrower filter gives the others."""

SHANGHAI_AHEAD: Final = timedelta(hours=8)

HEADS: Final = (
    "时间 Time",
    "机构 Organisation",
    "操作人 Actor",
    "操作 Act",
    "对象 Object",
    "内容 Facts",
    "编号 No.",
)


class AuditPage(msgspec.Struct, frozen=True):
    """Lines and what they speak of."""

    lines: Sequence[KeptLine]
    names: Mapping[str, str]
    """By `staff:<uuid>`, `session:<uuid>`, …; what has no name here is shown by its word."""


async def audit_page(ask: LinesAsk, login: Login, parts: AuditParts) -> AuditPage:
    """One page of lines. Raises RecordAway."""
    lines = await parts.book.lines(ask)
    words: set[str] = set()
    for one in lines:
        words |= {one.line.actor, one.line.object}
        if one.line.org is not None:
            words.add(f"institution:{one.line.org}")
    # An auditor checks acts; whom of the candidates they concern is told by ticket and mask.
    names = await parts.book.names(sorted(words), of_persons=login.role is Role.OFFICER)
    return AuditPage(lines, names)


def audit_sheet(page: AuditPage) -> bytes:
    """The page as .xlsx."""
    return workbook(
        Sheet(title="审计 Audit", heads=HEADS, rows=[_cells(one, page.names) for one in page.lines])
    )


def _cells(one: KeptLine, names: Mapping[str, str]) -> list[str]:
    line = one.line
    at = datetime.fromtimestamp(line.at_ms / 1000, tz=UTC) + SHANGHAI_AHEAD
    org = "" if line.org is None else names.get(f"institution:{line.org}", str(line.org))
    return [
        at.strftime("%Y-%m-%d %H:%M:%S"),
        org,
        names.get(line.actor, line.actor),
        line.act,
        names.get(line.object, line.object),
        msgspec.json.encode(line.body, order="sorted").decode(),
        f"{one.place.day} {one.place.no}".strip(),
    ]
