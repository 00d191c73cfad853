"""Taking banks into pools, publishing pools."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.console_ports import PoolSummary, StoredVersion
from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts, reaches, scope_of
from exam_api.usecases.errors import NoSuchPool, PoolNotPublished
from question_pools.errors import BadPool
from question_pools.exchange.bank import Diff, Import, diff, merged, read_bank
from question_pools.exchange.mapping import ByHand
from question_pools.items import Pool, PoolVersion, salted
from question_pools.soundness import pool_faults


class ImportAsk(msgspec.Struct, frozen=True, kw_only=True):
    login: Login
    data: bytes
    filename: str
    title: str
    """For a new pool; empty: the file's name."""
    pool_id: UUID | None
    """None: a new pool."""
    valid_rows_only: bool
    store: bool
    """False: preview."""
    by_hand: ByHand | None = None
    """What the columns hold, where a person had to say so."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds and changes; `stored` when it was kept."""

    taken: Import
    diff: Diff
    stored: StoredVersion | None


async def list_pools(login: Login, parts: ConsoleParts) -> Sequence[PoolSummary]:
    """An institution sees its pools and the department's, the department's people theirs, officers all."""
    return await parts.pools.pools(scope_of(login))


async def import_pool(ask: ImportAsk, parts: ConsoleParts) -> Imported:
    """Read a bank; keep it as the pool's draft where that is asked for.

    Raises NoSuchPool, UnreadableFile (NotAWorkbook, TooLarge, …), BadPool, RowsRejected, RecordAway.
    """
    held = await _held(ask, parts)
    taken, changes = await parts.in_thread(_read, ask, held)
    if not ask.store:
        return Imported(taken=taken, diff=changes, stored=None)
    taken.accept(valid_rows_only=ask.valid_rows_only)
    pool = await parts.in_thread(_merge, held, taken, parts.item_salt)
    stored = await parts.pools.store(
        pool,
        taken.pictures,
        pool_id=ask.pool_id,
        institution_id=ask.login.institution_id,
        act=parts.act(ask.login),
    )
    return Imported(taken=taken, diff=changes, stored=stored)


async def publish_pool(pool_id: UUID, login: Login, parts: ConsoleParts) -> StoredVersion:
    """Publish what is approved; from then on that version never changes.

    Raises NoSuchPool, PoolNotPublished (an empty pool), NothingApproved, RecordAway.
    """
    await own_pool(pool_id, login, parts)
    published = await parts.pools.publish(pool_id, act=parts.act(login))
    if published is None:
        raise PoolNotPublished(pool_id)
    return published


async def own_pool(pool_id: UUID, login: Login, parts: ConsoleParts) -> PoolSummary:
    """A pool the login may work on: of its institution, for those without one the department's; officers any.

    Raises NoSuchPool.
    """
    pool = await parts.pools.pool(pool_id)
    scope = scope_of(login)
    if pool is None or not (scope.everywhere or pool.institution_id == scope.institution_id):
        raise NoSuchPool(pool_id)
    return pool


async def drawable_pool(pool_id: UUID, login: Login, parts: ConsoleParts) -> PoolSummary:
    """A pool that the login may draw from: its own or the department's.

    Raises NoSuchPool.
    """
    pool = await parts.pools.pool(pool_id)
    if pool is None or not (pool.institution_id is None or reaches(login, pool.institution_id)):
        raise NoSuchPool(pool_id)
    return pool


async def usable_version(pool_id: UUID, login: Login, parts: ConsoleParts) -> PoolVersion:
    """The newest published version of a pool that the login may draw from.

    Raises NoSuchPool, PoolNotPublished.
    """
    await drawable_pool(pool_id, login, parts)
    version = await parts.pools.published(pool_id)
    if version is None:
        raise PoolNotPublished(pool_id)
    return version


async def _held(ask: ImportAsk, parts: ConsoleParts) -> Pool:
    """The pool as it is before the import; a new one is empty."""
    if ask.pool_id is None:
        code = f"p-{parts.exam.new_id().hex[:8]}"
        return Pool(code, ask.title.strip() or ask.filename.rpartition(".")[0] or ask.filename, ())
    summary = await own_pool(ask.pool_id, ask.login, parts)
    version = await parts.pools.newest(ask.pool_id)
    items, sets = (version.items, version.sets) if version else ((), ())
    return Pool(summary.code, ask.title.strip() or summary.title, items, sets)


def _read(ask: ImportAsk, held: Pool) -> tuple[Import, Diff]:
    taken = read_bank(ask.data, ask.filename, existing=held.items, by_hand=ask.by_hand)
    return taken, diff(held, taken)


def _merge(held: Pool, taken: Import, salt: bytes) -> Pool:
    pool = salted(merged(held, taken), salt)
    faults = pool_faults(pool.items, pool.sets)
    if faults:
        raise BadPool(faults)
    return pool
