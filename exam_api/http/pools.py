"""Pools for the console."""

from collections.abc import Sequence
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from exam_api.console_ports import PoolSummary
from exam_api.errors import RecordAway
from exam_api.http.guards import JUDGES, WRITERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.wire_staff import PoolRow, PoolsOut, PublishOut
from exam_api.usecases.errors import NoSuchPool, PoolNotPublished
from exam_api.usecases.pools import list_pools, publish_pool
from question_pools.errors import (
    Encrypted,
    NoHeader,
    NotAWorkbook,
    NothingApproved,
    OldWordFile,
    TooLarge,
    ZipBomb,
)

UNREADABLE = (NotAWorkbook, OldWordFile, NoHeader, TooLarge, ZipBomb, Encrypted)
"""Refusals of a file that cannot be taken in at all."""


@get("/api/pools", operation_id="listPools", opt=only(WRITERS), responses=told(RecordAway))
async def pools(request: Logged, parts: Given[Parts]) -> PoolsOut:
    """List the pools in reach: own and the department's; officers see all."""
    return PoolsOut(pools=[_pool(one) for one in await list_pools(request.user, parts.console)])


@post(
    "/api/pools/{pool_id:uuid}/publish",
    operation_id="publishPool",
    opt=only(JUDGES),
    status_code=200,
    responses=told(NoSuchPool, PoolNotPublished, NothingApproved, RecordAway),
)
async def publish(pool_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> PublishOut:
    """Publish what is approved of the pool; a published version never changes."""
    stored = await publish_pool(pool_id, request.user, parts.console)
    return PublishOut(
        pool_id=str(stored.pool_id),
        version=stored.number,
        digest=stored.digest,
        left_out=stored.left_out,
        is_new=stored.is_new,
    )


ROUTES: Sequence[HTTPRouteHandler] = (pools, publish)


def _pool(one: PoolSummary) -> PoolRow:
    return PoolRow(
        id=str(one.id),
        code=one.code,
        title=one.title,
        institution=one.institution,
        versions=one.versions,
        published=one.published,
        items=one.items,
        by_kind=dict(one.by_kind),
        updated_ms=one.updated_ms,
    )
