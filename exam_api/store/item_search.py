"""Finding items in a pool's working copy: conditions and counts as SQL."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from exam_api.item_ports import ItemQuery
from exam_api.store.sessions import REAL, SESSION, VERSION
from exam_api.store.tables import (
    ExposureRow,
    ItemCommentRow,
    ItemReportRow,
    ItemVersionRow,
    ItemWordingRow,
    PoolItemRow,
    ReportAnswerRow,
    table,
)
from question_pools.life import State

POOL_ITEM: Final = table(PoolItemRow)
WORDING: Final = table(ItemWordingRow)
ITEM: Final = table(ItemVersionRow)
REPORT: Final = table(ItemReportRow)
ANSWER: Final = table(ReportAnswerRow)
COMMENT: Final = table(ItemCommentRow)
EXPOSURE: Final = table(ExposureRow)

ESCAPE: Final = "\\"
"""Before what would mean something in LIKE."""

WORDS_MAX: Final = 8
"""Words of one search that are looked at."""


def like(word: str) -> str:
    """A LIKE pattern that finds a word anywhere, whatever signs it holds."""
    for sign in (ESCAPE, "%", "_"):
        word = word.replace(sign, ESCAPE + sign)
    return f"%{word}%"


def _mine() -> ColumnElement[bool]:
    """A wording of this very item in this pool."""
    return and_(WORDING.c.pool_id == POOL_ITEM.c.pool_id, WORDING.c.item_id == POOL_ITEM.c.item_id)


def drawn() -> ColumnElement[int]:
    """How often any wording of an item was drawn from this pool: others may hold the same wording."""
    return (
        select(func.coalesce(func.sum(EXPOSURE.c.drawn), 0))
        .select_from(
            WORDING.join(EXPOSURE, EXPOSURE.c.version == WORDING.c.version)
            .join(SESSION, SESSION.c.id == EXPOSURE.c.session_id)
            .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
        )
        .where(_mine(), VERSION.c.pool_id == POOL_ITEM.c.pool_id, REAL)
        .correlate(POOL_ITEM)
        .scalar_subquery()
    )


def open_reports() -> ColumnElement[int]:
    """Open complaints about any wording of an item."""
    return (
        select(func.count())
        .select_from(
            WORDING.join(REPORT, REPORT.c.version == WORDING.c.version)
            .join(SESSION, SESSION.c.id == REPORT.c.session_id)
            .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
            .outerjoin(ANSWER, ANSWER.c.report_id == REPORT.c.id)
        )
        .where(_mine(), VERSION.c.pool_id == POOL_ITEM.c.pool_id, REAL, ANSWER.c.report_id.is_(None))
        .correlate(POOL_ITEM)
        .scalar_subquery()
    )


def comments() -> ColumnElement[int]:
    """Comments about an item."""
    return (
        select(func.count())
        .select_from(COMMENT)
        .where(COMMENT.c.pool_id == POOL_ITEM.c.pool_id, COMMENT.c.item_id == POOL_ITEM.c.item_id)
        .correlate(POOL_ITEM)
        .scalar_subquery()
    )


def conditions(pool_id: UUID, query: ItemQuery) -> list[ColumnElement[bool]]:
    """What a row of the working copy must fulfil; `WORDING` is joined as its newest wording."""
    held: list[ColumnElement[bool]] = [POOL_ITEM.c.pool_id == pool_id]
    for word in query.text.lower().split()[:WORDS_MAX]:
        by_id = func.lower(POOL_ITEM.c.item_id).like(like(word), escape=ESCAPE)
        held.append(or_(POOL_ITEM.c.text.like(like(word), escape=ESCAPE), by_id))
    if query.outline:
        below = POOL_ITEM.c.outline.like(query.outline + ".%")
        held.append(or_(POOL_ITEM.c.outline == query.outline, below))
    for column, wanted in (
        (POOL_ITEM.c.difficulty, query.difficulty),
        (POOL_ITEM.c.kind, query.kind or None),
        (POOL_ITEM.c.state, query.state or None),
    ):
        if wanted is not None:
            held.append(column == wanted)
    if query.waits_for:
        waits = POOL_ITEM.c.state.in_([State.DRAFT.value, State.REVIEWED.value])
        held += [waits, newest_author() != query.waits_for]
    if query.drawn_from is not None:
        held.append(drawn() >= query.drawn_from)
    if query.drawn_to is not None:
        held.append(drawn() <= query.drawn_to)
    if query.reported:
        held.append(open_reports() > 0)
    return held


def newest_author() -> ColumnElement[str]:
    """Who wrote the newest wording."""
    return (
        select(WORDING.c.author)
        .where(WORDING.c.pool_id == POOL_ITEM.c.pool_id, WORDING.c.version == POOL_ITEM.c.version)
        .correlate(POOL_ITEM)
        .scalar_subquery()
    )


def lines(pool_id: UUID, query: ItemQuery) -> Select[Any]:
    """The asked page, in the order of the working copy, the items of a set after its material."""
    newest = and_(WORDING.c.pool_id == POOL_ITEM.c.pool_id, WORDING.c.version == POOL_ITEM.c.version)
    return (
        select(
            POOL_ITEM,
            WORDING.c.number,
            WORDING.c.author,
            WORDING.c.made_ms,
            WORDING.c.material,
            ITEM.c.content,
        )
        .select_from(POOL_ITEM.join(WORDING, newest).outerjoin(ITEM, ITEM.c.version == POOL_ITEM.c.version))
        .where(*conditions(pool_id, query))
        .order_by(POOL_ITEM.c.kind == "set", POOL_ITEM.c.place, POOL_ITEM.c.item_id)
        .offset(query.offset)
        .limit(query.limit)
    )


def counts(pool_id: UUID, item_ids: list[str]) -> Select[Any]:
    """How often drawn, complained of and commented on, for these items."""
    columns: list[ColumnElement[Any]] = [
        POOL_ITEM.c.item_id,
        drawn().label("drawn"),
        open_reports().label("reports"),
        comments().label("comments"),
    ]
    return select(*columns).where(POOL_ITEM.c.pool_id == pool_id, POOL_ITEM.c.item_id.in_(item_ids))
