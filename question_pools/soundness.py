"""What makes an item, a set and a pool sound, and the freezing of a sound pool into a version."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from question_pools.errors import BadPool
from question_pools.items import (
    HARDEST,
    MAX_OPTIONS,
    SET_PREFIX,
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


class ItemFault(msgspec.Struct, frozen=True):
    """One thing that is wrong with an item, where it is written."""

    field: str
    """`stem`, `options`, `key`, `difficulty`, `outline`, `id`."""
    code: str
    """Stable: pages have words for it."""
    text: str
    at: int | None = None
    """Which option."""


def faults_in(item: Item) -> list[ItemFault]:
    """What is wrong with an item, field by field; empty when it can be asked."""
    faults: list[ItemFault] = []
    if not item.id:
        faults.append(ItemFault("id", "id-missing", "has no id"))
    if item.id.startswith(SET_PREFIX):
        faults.append(ItemFault("id", "id-of-set", f"an id beginning with {SET_PREFIX} names a set"))
    if not item.stem.strip() and not item.pictures:
        faults.append(ItemFault("stem", "stem-missing", "has no stem"))
    if not 1 <= item.difficulty <= HARDEST:
        text = f"difficulty {item.difficulty} is not 1 to {HARDEST}"
        faults.append(ItemFault("difficulty", "difficulty-range", text))
    if item.outline and not is_outline(item.outline):
        text = f"outline {item.outline!r} is not a code like 1.12.1.1"
        faults.append(ItemFault("outline", "outline-form", text))
    return faults + _option_faults(item)


def item_faults(item: Item) -> list[str]:
    """What is wrong with an item, said in words."""
    return [f"item {item.id}: {fault.text}" for fault in faults_in(item)]


def _option_faults(item: Item) -> list[ItemFault]:
    faults: list[ItemFault] = []
    if item.kind is Kind.JUDGE and item.options != judge_options():
        text = "a judge item has the options 正确 and 错误, in this order"
        faults.append(ItemFault("options", "judge-options", text))
    if not 2 <= len(item.options) <= MAX_OPTIONS:  # noqa: PLR2004 - a choice needs two
        text = f"has {len(item.options)} options, not 2 to {MAX_OPTIONS}"
        faults.append(ItemFault("options", "options-count", text))
    empty = [
        at for at, option in enumerate(item.options) if not option.text.strip() and option.picture is None
    ]
    if empty:
        faults.append(ItemFault("options", "option-empty", "has an empty option", empty[0]))
    if item.key <= 0:
        faults.append(ItemFault("key", "key-missing", "has no key"))
    elif item.key.bit_length() > len(item.options):
        faults.append(ItemFault("key", "key-beyond", "the key lies beyond the options"))
    elif item.kind is not Kind.MULTI and item.key.bit_count() != 1:
        faults.append(ItemFault("key", "key-single", "a single or judge item has one right option"))
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
