"""Looking at papers before there is a session, and at how often a pool's items were drawn."""

import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.exposure_ports import Exposed, KeysRead
from exam_api.people import Login
from exam_api.usecases.blueprints import checked
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.errors import PoolNotPublished
from exam_api.usecases.pools import own_pool
from question_pools.blueprint import Blueprint
from question_pools.draw import DrawIndex, Paper
from question_pools.errors import BlueprintNotMet
from question_pools.items import Item, PoolVersion, version_of
from question_pools.outlook import Outlook

PREVIEWED: Final = 3
"""Papers of a preview: two could be alike by chance, four nobody reads."""

DAY_MS: Final = 86_400_000
"""A day, for the looking back of exposure."""


class PreviewAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which papers are asked for."""

    login: Login
    blueprint: Blueprint
    pool_id: UUID
    round: int
    """Another round draws other papers; the same round the same ones."""
    keys: bool


class Previewed(msgspec.Struct, frozen=True, kw_only=True):
    """Papers as candidates could get them. Holds keys."""

    version: PoolVersion
    papers: Sequence[Paper]
    outlook: Outlook


class Worn(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a pool with how often it was drawn."""

    item: Item | None
    """None: no longer in the pool."""
    exposed: Exposed


async def preview_papers(ask: PreviewAsk, parts: ConsoleParts) -> Previewed:
    """Draw papers of a pool that the login looks after; showing keys is written into the audit first.

    Raises NoSuchPool, PoolNotPublished, BadBlueprint, UnknownPolicy, BlueprintNotMet.
    """
    pool = await own_pool(ask.pool_id, ask.login, parts)
    version = await parts.pools.published(ask.pool_id)
    if version is None:
        raise PoolNotPublished(ask.pool_id)
    found = await parts.in_thread(_previewed, ask.blueprint, version, ask.round)
    if ask.keys:
        items = {slot.version for paper in found.papers for slot in paper.slots}
        read = KeysRead(
            pool_id=ask.pool_id,
            institution_id=pool.institution_id,
            pool_digest=version.digest,
            papers=len(found.papers),
            items=len(items),
        )
        await parts.exam.exposures.keys_read(read, act=parts.act(ask.login))
    return found


async def worn_items(pool_id: UUID, days: int, login: Login, parts: ConsoleParts) -> Sequence[Worn]:
    """The items of a pool that were ever drawn, the most drawn first.

    Raises NoSuchPool.
    """
    await own_pool(pool_id, login, parts)
    version = await parts.pools.published(pool_id)
    since_ms = parts.exam.clock.now_ms() - days * DAY_MS
    items: dict[str, Item] = {} if version is None else {item.id: item for item in version.items}
    exposed = await parts.exam.exposures.of_pool(pool_id, since_ms=since_ms)
    return [Worn(item=items.get(one.item_id), exposed=one) for one in exposed]


def preview_seed(number: int) -> bytes:
    """The seed of a preview's paper: no session's seed, which are keyed."""
    return hashlib.sha256(f"kaowu preview {number}".encode()).digest()


def _previewed(blueprint: Blueprint, version: PoolVersion, turn: int) -> Previewed:
    found = checked(blueprint, version)
    if found.outlook is None:
        raise BlueprintNotMet(found.infeasible)
    index = DrawIndex(version, blueprint)
    first = turn * PREVIEWED
    papers = [index.draw(preview_seed(number)) for number in range(first, first + PREVIEWED)]
    return Previewed(version=version, papers=papers, outlook=found.outlook)


def common_items(papers: Sequence[Paper], version: PoolVersion) -> Sequence[Sequence[int]]:
    """How many items each paper has in common with each; with itself all of them."""
    names = {version_of(item): item.id for item in version.items}
    held = [{names[slot.version] for slot in paper.slots} for paper in papers]
    return [[len(one & other) for other in held] for one in held]
