"""Items through their life, for those who write and judge them; complaints and outlines."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from exam_api.errors import RecordAway
from exam_api.http.guards import AUTHORS, WRITERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_items import (
    change_out,
    complaint_row,
    draft_of,
    item_out,
    items_out,
    outline_out,
    stepped_out,
)
from exam_api.http.wire_items import (
    AnswerIn,
    ChangeOut,
    CommentIn,
    ComplaintsOut,
    FaultOut,
    FaultsOut,
    ItemIn,
    ItemOut,
    ItemsOut,
    ItemWriteIn,
    OutlineIn,
    OutlineOut,
    PoolWaiting,
    StepIn,
    StepOut,
    WaitingOut,
)
from exam_api.item_ports import ItemQuery
from exam_api.usecases.complaints import answer_complaint, list_complaints, waiting_items
from exam_api.usecases.console_parts import actor_of
from exam_api.usecases.errors import NoSuchComplaint, NoSuchItem, NoSuchPool
from exam_api.usecases.items import (
    check_draft,
    comment_item,
    item_change,
    item_sheet,
    list_items,
    take_step,
    write_item,
)
from exam_api.usecases.outlines import keep_outline, pool_outline
from question_pools.errors import BadOutline, BadPool, NotYourPart, WordingMoved
from question_pools.life import Step
from question_pools.outline import Node

PAGE_MAX: Final = 200
"""Items of one page."""

WORDS_MAX: Final = 200
"""Characters of a search."""

OUTLINE_BODY_MAX: Final = 512 * 1024
"""Bytes of an outline: 2,000 nodes with long titles."""

ID_MAX: Final = 204
"""Characters of an item's id."""


@get(
    "/api/pools/{pool_id:uuid}/items",
    operation_id="listItems",
    opt=only(WRITERS),
    responses=told(NoSuchPool, RecordAway),
)
async def items(  # noqa: PLR0917 - Litestar hands all by name
    pool_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
    text: Annotated[str, QueryParameter(max_length=WORDS_MAX)] = "",
    outline: Annotated[str, QueryParameter(max_length=16)] = "",
    difficulty: Annotated[int | None, QueryParameter(ge=1, le=5)] = None,
    kind: Annotated[str, QueryParameter(max_length=16)] = "",
    in_state: Annotated[str, QueryParameter(name="state", max_length=16)] = "",
    drawn_from: Annotated[int | None, QueryParameter(name="drawnFrom", ge=0, le=10**9)] = None,
    drawn_to: Annotated[int | None, QueryParameter(name="drawnTo", ge=0, le=10**9)] = None,
    reported: Annotated[bool, QueryParameter()] = False,  # noqa: FBT002 - a query
    mine_to_judge: Annotated[bool, QueryParameter(name="mineToJudge")] = False,  # noqa: FBT002 - a query
    offset: Annotated[int, QueryParameter(ge=0, le=10**6)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> ItemsOut:
    """Find items of a pool, a page at a time, in the pool's order."""
    actor = actor_of(request.user)
    query = ItemQuery(
        text=text,
        outline=outline,
        difficulty=difficulty,
        kind=kind,
        state=in_state,
        drawn_from=drawn_from,
        drawn_to=drawn_to,
        reported=reported,
        waits_for=actor if mine_to_judge else "",
        offset=offset,
        limit=limit,
    )
    return items_out(await list_items(pool_id, query, request.user, parts.items), actor)


@get(
    "/api/pools/{pool_id:uuid}/item",
    operation_id="showItem",
    opt=only(WRITERS),
    responses=told(NoSuchPool, NoSuchItem, RecordAway),
)
async def item(
    pool_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
    item_id: Annotated[str, QueryParameter(name="id", min_length=1, max_length=ID_MAX)],
) -> ItemOut:
    """Show one item with its key, its wordings and comments."""
    return item_out(pool_id, await item_sheet(pool_id, item_id, request.user, parts.items))


@post(
    "/api/pools/{pool_id:uuid}/item",
    operation_id="writeItem",
    opt=only(AUTHORS),
    status_code=200,
    responses=told(NoSuchPool, NoSuchItem, BadPool, WordingMoved, RecordAway),
)
async def write(
    pool_id: FromPath[UUID], data: JSONBody[ItemWriteIn], request: Logged, parts: Given[Parts]
) -> ItemOut:
    """Keep a new wording as a draft; what was approved before goes on being drawn."""
    draft = draft_of(data.item)
    sheet = await write_item(pool_id, data.id, data.base or "", draft, request.user, parts.items)
    return item_out(pool_id, sheet)


@post("/api/items/check", operation_id="checkItem", opt=only(AUTHORS), status_code=200)
async def check(data: JSONBody[ItemIn]) -> FaultsOut:
    """Tell what is wrong with a wording, field by field; nothing is kept."""
    return FaultsOut(
        faults=[FaultOut(field=one.field, code=one.code, at=one.at) for one in check_draft(draft_of(data))]
    )


@post(
    "/api/pools/{pool_id:uuid}/items/step",
    operation_id="stepItems",
    opt=only(WRITERS, body_max=256 * 1024),
    status_code=200,
    responses=told(NoSuchPool, RecordAway),
)
async def step(
    pool_id: FromPath[UUID], data: JSONBody[StepIn], request: Logged, parts: Given[Parts]
) -> StepOut:
    """Review, approve, send back, retire or restore items; what is refused is named and the rest done."""
    done = await take_step(pool_id, data.items, Step(data.step), data.reason, request.user, parts.items)
    return stepped_out(done)


@post(
    "/api/pools/{pool_id:uuid}/item/comment",
    operation_id="commentItem",
    opt=only(WRITERS),
    status_code=200,
    responses=told(NoSuchPool, NoSuchItem, RecordAway),
)
async def comment(
    pool_id: FromPath[UUID], data: JSONBody[CommentIn], request: Logged, parts: Given[Parts]
) -> ItemOut:
    """Say something about an item's newest wording."""
    return item_out(pool_id, await comment_item(pool_id, data.id, data.text, request.user, parts.items))


@get(
    "/api/pools/{pool_id:uuid}/item/change",
    operation_id="itemChange",
    opt=only(WRITERS),
    responses=told(NoSuchPool, NoSuchItem, RecordAway),
)
async def changed(  # noqa: PLR0917 - Litestar hands all by name
    pool_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
    item_id: Annotated[str, QueryParameter(name="id", min_length=1, max_length=ID_MAX)],
    before: Annotated[int, QueryParameter(ge=1, le=10**6)],
    after: Annotated[int, QueryParameter(ge=1, le=10**6)],
) -> ChangeOut:
    """Tell what changed between two wordings, by their numbers."""
    return change_out(*await item_change(pool_id, item_id, before, after, request.user, parts.items))


@get(
    "/api/complaints",
    operation_id="listComplaints",
    opt=only(WRITERS, reads="complaints"),
    responses=told(RecordAway),
)
async def complaints(
    request: Logged,
    parts: Given[Parts],
    pool_id: Annotated[UUID | None, QueryParameter(name="poolId")] = None,
    item_id: Annotated[str, QueryParameter(name="itemId", max_length=ID_MAX)] = "",
    still_open: Annotated[bool, QueryParameter(name="open")] = True,  # noqa: FBT002 - a query
) -> ComplaintsOut:
    """List what candidates hold to be wrong with items in reach, the newest first."""
    found = await list_complaints(
        request.user, parts.items, pool_id=pool_id, item_id=item_id, still_open=still_open
    )
    return ComplaintsOut(complaints=[complaint_row(one, found.names) for one in found.complaints])


@post(
    "/api/complaints/{complaint_id:uuid}/answer",
    operation_id="answerComplaint",
    opt=only(WRITERS),
    responses=told(NoSuchComplaint, RecordAway),
    status_code=204,
)
async def answer(
    complaint_id: FromPath[UUID], data: JSONBody[AnswerIn], request: Logged, parts: Given[Parts]
) -> None:
    """Close a complaint with what became of it and why."""
    await answer_complaint(complaint_id, data.outcome, data.reason, request.user, parts.items)


@get(
    "/api/pools/{pool_id:uuid}/outline",
    operation_id="poolOutline",
    opt=only(WRITERS),
    responses=told(NoSuchPool, RecordAway),
)
async def outline_of(pool_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> OutlineOut:
    """Show the outline tree with the items and the share of every node."""
    return outline_out(await pool_outline(pool_id, request.user, parts.items))


@post(
    "/api/pools/{pool_id:uuid}/outline",
    operation_id="keepOutline",
    opt=only(AUTHORS, body_max=OUTLINE_BODY_MAX),
    status_code=200,
    responses=told(NoSuchPool, NotYourPart, BadOutline, RecordAway),
)
async def write_outline(
    pool_id: FromPath[UUID], data: JSONBody[OutlineIn], request: Logged, parts: Given[Parts]
) -> OutlineOut:
    """Put an outline tree in the place of the one that is there."""
    nodes = [Node(one.code, one.title, one.weight) for one in data.nodes]
    return outline_out(await keep_outline(pool_id, nodes, request.user, parts.items))


@get("/api/items/waiting", operation_id="waitingItems", opt=only(WRITERS), responses=told(RecordAway))
async def waiting(request: Logged, parts: Given[Parts]) -> WaitingOut:
    """Count what waits for whoever asks: drafts to judge, complaints to answer."""
    found = await waiting_items(request.user, parts.items)
    return WaitingOut(
        pools=[
            PoolWaiting(
                pool_id=str(one.pool_id),
                pool=one.pool,
                to_review=one.to_review,
                to_approve=one.to_approve,
                own_drafts=one.own_drafts,
                sent_back=one.sent_back,
                complaints=one.complaints,
            )
            for one in found
        ]
    )


ROUTES: Sequence[HTTPRouteHandler] = (
    items,
    item,
    write,
    check,
    step,
    comment,
    changed,
    complaints,
    answer,
    outline_of,
    write_outline,
    waiting,
)
