"""The outline tree of a pool: read with what falls to each node, written whole."""

from collections.abc import Sequence
from uuid import UUID

from exam_api.people import Login
from exam_api.usecases.item_parts import ItemParts, hand_of
from exam_api.usecases.pools import drawable_pool, own_pool
from question_pools.errors import NotYourPart
from question_pools.outline import Branch, Node, branches, sound_outline


async def pool_outline(pool_id: UUID, login: Login, parts: ItemParts) -> Sequence[Branch]:
    """The tree with items and shares; whoever may draw from a pool may read how it is ordered.

    Raises NoSuchPool, RecordAway.
    """
    await drawable_pool(pool_id, login, parts.console)
    nodes, held = await parts.outlines.outline(pool_id)
    return branches(nodes, held)


async def keep_outline(
    pool_id: UUID, nodes: Sequence[Node], login: Login, parts: ItemParts
) -> Sequence[Branch]:
    """Put a tree in the place of the one that is there.

    Raises NoSuchPool, NotYourPart, BadOutline, RecordAway.
    """
    await own_pool(pool_id, login, parts.console)
    if not hand_of(login).writes:
        raise NotYourPart("outline")
    await parts.outlines.keep_outline(pool_id, sound_outline(nodes), act=parts.console.act(login))
    return await pool_outline(pool_id, login, parts)
