"""Banks in and out: reading a file into a pool, with columns named by hand where need be; whole pools out."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from exam_api.errors import RecordAway
from exam_api.http.guards import AUTHORS, WRITERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.pools import UNREADABLE
from exam_api.http.problems import told
from exam_api.http.wire_banks import ImportCell, ImportOther, ImportOut, ImportPreviewItem, ImportProblem
from exam_api.http.wire_staff import Says
from exam_api.usecases.errors import NoSuchPool
from exam_api.usecases.export_pool import ExportAsk, Format, export_pool
from exam_api.usecases.pools import ImportAsk, Imported, import_pool
from question_pools.errors import BadMapping, BadPool, CannotExport, RowsRejected
from question_pools.exchange.bank import Import
from question_pools.exchange.gathering import Near, Place
from question_pools.exchange.mapping import ByHand
from question_pools.exchange.pool_json import pictures_of
from question_pools.exchange.report import Code, Problem
from question_pools.items import Item, letters

FILE_MAX: Final = 30 * 1024 * 1024
"""Bytes of a bank: 2,000 items with pictures."""

PREVIEWED: Final = 50
"""Accepted items that a preview shows, besides those with a warning."""

CELL_MAX: Final = 200
"""Characters shown of a cell that a problem names."""

CELLS_MAX: Final = 16
"""Cells shown of a row that a problem names."""

PROBLEMS_MAX: Final = 500
"""Problems that a reply names; the figures count all."""

MAPPING_MAX: Final = 4_000
"""Characters of a mapping by hand."""

ROW_MAX: Final = 50_000

TYPES: Final = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}


@post(
    "/api/pools/import",
    operation_id="importPool",
    opt=only(AUTHORS, body_max=FILE_MAX, takes_file=True),
    status_code=200,
    responses=told(*UNREADABLE, BadMapping, BadPool, RowsRejected, NoSuchPool, RecordAway),
)
async def take_bank(  # noqa: PLR0917 - Litestar hands all by name
    request: Logged,
    parts: Given[Parts],
    filename: Annotated[str, QueryParameter(max_length=200)],
    title: Annotated[str, QueryParameter(max_length=80)] = "",
    pool_id: Annotated[UUID | None, QueryParameter(name="poolId")] = None,
    valid_rows_only: Annotated[bool, QueryParameter(name="validRowsOnly")] = False,  # noqa: FBT002 - a query
    store: FromQuery[bool] = False,  # noqa: FBT002 - a query
    mapping: Annotated[str, QueryParameter(max_length=MAPPING_MAX)] = "",
    header_row: Annotated[int | None, QueryParameter(name="headerRow", ge=1, le=ROW_MAX)] = None,
    sheet: Annotated[str, QueryParameter(max_length=200)] = "",
) -> ImportOut:
    """Read a bank (.xlsx, .xls, .csv, .docx or JSON, the raw body); with `store` keep it as the draft.

    Where the header is unknown the refusal `no-header` shows the columns; ask again with `mapping`, a JSON
    object of column (letter or title) to field, and `headerRow` where titles stand.
    """
    ask = ImportAsk(
        login=request.user,
        data=await request.body(),
        filename=filename,
        title=title,
        pool_id=pool_id,
        valid_rows_only=valid_rows_only,
        store=store,
        by_hand=_by_hand(mapping, header_row, sheet),
    )
    return _imported(await import_pool(ask, parts.console))


@get(
    "/api/pools/{pool_id:uuid}/export",
    operation_id="exportPool",
    opt=only(WRITERS, reads="pool-export", line_first=True),
    responses=told(NoSuchPool, CannotExport, RecordAway),
)
async def export(
    pool_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
    # "format" is what callers know it as
    kind: Annotated[Format, QueryParameter(name="format")] = Format.XLSX,
) -> Response[bytes]:
    """Give the pool's newest version, keys and pictures included; importing it gives the same items."""
    found = await export_pool(ExportAsk(login=request.user, pool_id=pool_id, kind=kind), parts.console)
    name = quote(f"{found.title}-{found.number}.{kind}")
    shown = f"attachment; filename=\"pool-{pool_id.hex[:8]}.{kind}\"; filename*=UTF-8''{name}"
    headers = {"content-disposition": shown, "cache-control": "no-store"}
    return Response(found.data, media_type=TYPES[kind], headers=headers)


ROUTES: Sequence[HTTPRouteHandler] = (take_bank, export)


def _by_hand(mapping: str, header_row: int | None, sheet: str) -> ByHand | None:
    if not mapping:
        return None
    return ByHand(msgspec.json.decode(mapping, type=dict[str, str]), header_row, sheet or None)


def _imported(done: Imported) -> ImportOut:
    report, changes = done.taken.report, done.diff
    change = dict.fromkeys((item.id for item in changes.added), "added")
    change |= dict.fromkeys((item.id for item in changes.changed), "changed")
    return ImportOut(
        file=report.file,
        layout=report.layout,
        rows=report.rows,
        accepted=report.accepted,
        rejected=report.rejected,
        warned=report.warned,
        by_kind=report.by_kind,
        pictures=len(done.taken.pictures),
        problems=_problems(done.taken),
        items=[_preview(item, change.get(item.id, "unchanged"), done.taken) for item in _shown(done.taken)],
        added=len(changes.added),
        changed=len(changes.changed),
        unchanged=len(changes.unchanged),
        pool_id=str(done.stored.pool_id) if done.stored else None,
        version=done.stored.number if done.stored else None,
    )


def _problems(taken: Import) -> list[ImportProblem]:
    """In row order; of too many the warnings are left out first."""
    held = taken.report.problems
    if len(held) > PROBLEMS_MAX:
        kept = sorted(range(len(held)), key=lambda at: not Code(held[at].code).rejects)[:PROBLEMS_MAX]
        held = tuple(held[at] for at in sorted(kept))
    at_place = {place: taken.near[item] for item, place in taken.places.items() if item in taken.near}
    return [_problem(one, taken, _other(one, at_place)) for one in held]


def _other(one: Problem, near: dict[Place, Near]) -> ImportOther | None:
    held = near.get((one.sheet, one.row)) if one.code is Code.NEAR_DUP else None
    if held is None:
        return None
    sheet, row = held.place or ("", 0)
    return ImportOther(
        id=held.other.id,
        sheet=sheet,
        row=row,
        kind=held.other.kind,
        stem=held.other.stem,
        options=[option.text for option in held.other.options],
        key=letters(held.other.key),
        percent=held.likeness // 10,
    )


def _problem(one: Problem, taken: Import, other: ImportOther | None) -> ImportProblem:
    cells = islice(taken.rows.get((one.sheet, one.row), ()), CELLS_MAX)
    return ImportProblem(
        sheet=one.sheet,
        row=one.row,
        column=one.column,
        code=one.code,
        message=Says(zh=one.message.zh, en=one.message.en),
        cell=taken.cells.get((one.sheet, one.row, one.column), "")[:CELL_MAX],
        cells=[ImportCell(column=column, text=text[:CELL_MAX]) for column, text in cells],
        other=other,
    )


def _shown(taken: Import) -> Iterator[Item]:
    """The first items, then those that a warning of the reply is about."""
    named = {(one.sheet, one.row) for one in taken.report.problems}
    later = (item for item in taken.items[PREVIEWED:] if taken.places.get(item.id) in named)
    yield from taken.items[:PREVIEWED]
    yield from islice(later, PROBLEMS_MAX)


def _preview(item: Item, change: str, taken: Import) -> ImportPreviewItem:
    sheet, row = taken.places.get(item.id, ("", 0))
    return ImportPreviewItem(
        sheet=sheet,
        row=row,
        kind=item.kind,
        stem=item.stem,
        options=[option.text for option in item.options],
        key=letters(item.key),
        change=change,
        pictures=len(pictures_of(item)),
    )
