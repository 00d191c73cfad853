"""What makes an item, a set and a pool sound, and the freezing of a sound pool into a version."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from question_pools.errors import BadPool
from question_pools.items import (
    HARDEST,
    MAX_OPTIONS,
    Item,
    ItemId,
    ItemSet,
    Kind,
    Pool,
    PoolVersion,
    content_digest,
    is_outline,
    judge_options,
)


def item_faults(item: Item) -> list[str]:
    """What is wrong with an item; empty when it can be asked."""
    faults: list[str] = []
    if not item.id:
        faults.append("has no id")
    if not item.stem.strip() and not item.pictures:
        faults.append("has no stem")
    if not 1 <= item.difficulty <= HARDEST:
        faults.append(f"difficulty {item.difficulty} is not 1 to {HARDEST}")
    if item.outline and not is_outline(item.outline):
        faults.append(f"outline {item.outline!r} is not a code like 1.12.1.1")
    faults += _option_faults(item)
    return [f"item {item.id}: {fault}" for fault in faults]


def _option_faults(item: Item) -> list[str]:
    faults: list[str] = []
    if item.kind is Kind.JUDGE and item.options != judge_options():
        faults.append("a judge item has the options 正确 and 错误, in this order")
    if not 2 <= len(item.options) <= MAX_OPTIONS:  # noqa: PLR2004 - a choice needs two
        faults.append(f"has {len(item.options)} options, not 2 to {MAX_OPTIONS}")
    if any(not option.text.strip() and option.picture is None for option in item.options):
        faults.append("has an empty option")
    if item.key <= 0:
        faults.append("has no key")
    elif item.key.bit_length() > len(item.options):
        faults.append("the key lies beyond the options")
    elif item.kind is not Kind.MULTI and item.key.bit_count() != 1:
        faults.append("a single or judge item has one right option")
    return faults


def pool_faults(items: Sequence[Item], sets: Sequence[ItemSet]) -> list[str]:
    """What is wrong with a pool; empty when it can be published."""
    faults = [fault for item in items for fault in item_faults(item)]
    faults += [
        f"item {held}: id used {n} times" for held, n in Counter(item.id for item in items).items() if n > 1
    ]
    faults += [
        f"set {held}: id used {n} times" for held, n in Counter(one.id for one in sets).items() if n > 1
    ]
    in_set = {item.id: item.set_id for item in items}
    for one in sets:
        faults += _set_faults(one, in_set)
    listed = {(child, one.id) for one in sets for child in one.items}
    faults += [
        f"item {item.id}: says it belongs to set {item.set_id}, which does not list it"
        for item in items
        if item.set_id is not None and (item.id, item.set_id) not in listed
    ]
    return faults


def _set_faults(one: ItemSet, in_set: Mapping[ItemId, str | None]) -> Iterable[str]:
    if not one.items:
        yield f"set {one.id}: has no items"
    if not one.stem.strip() and not one.pictures:
        yield f"set {one.id}: has no stem"
    if len(set(one.items)) != len(one.items):
        yield f"set {one.id}: lists an item twice"
    for child in one.items:
        if in_set.get(child) != one.id:
            yield f"set {one.id}: lists {child}, which is not an item of this set"


def freeze(pool: Pool, number: int) -> PoolVersion:
    """The version `number` of a pool, or BadPool with all that is wrong with it."""
    faults = pool_faults(pool.items, pool.sets)
    if faults:
        raise BadPool(faults)
    digest = content_digest(pool.items, pool.sets)
    return PoolVersion(pool_code=pool.code, number=number, digest=digest, items=pool.items, sets=pool.sets)
