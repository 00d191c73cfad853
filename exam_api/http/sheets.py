"""Any list of the console as a workbook, made of what the screen shows: nobody gets more than was seen."""

from collections.abc import Sequence

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from exam_api.http.guards import STAFF, only
from exam_api.http.parts import Given, Parts
from exam_api.http.sessions import XLSX
from exam_api.http.wire_sheets import SheetIn
from exam_api.usecases.sheet import Cell, Sheet, workbook

SHEET_MAX = 6 * 1024 * 1024
"""Bytes of a list: 20,000 rows of a dozen short cells fit."""


@post(
    "/api/sheets",
    operation_id="writeSheet",
    opt=only(STAFF, body_max=SHEET_MAX, reads="sheet", line_first=True),
    status_code=200,
    media_type=XLSX,
)
async def sheet(data: JSONBody[SheetIn], parts: Given[Parts]) -> Response[bytes]:
    """Write a list as .xlsx, as the screen shows it; no cell can be taken for a formula."""
    rows: list[list[Cell]] = [[_cell(one) for one in row] for row in data.rows]
    made = await parts.console.in_thread(workbook, Sheet(title=data.title, heads=data.heads, rows=rows))
    return Response(made, media_type=XLSX, headers={"cache-control": "no-store"})


def _cell(given: str | float) -> Cell:
    return int(given) if isinstance(given, float) and given.is_integer() else given


ROUTES: Sequence[HTTPRouteHandler] = (sheet,)
