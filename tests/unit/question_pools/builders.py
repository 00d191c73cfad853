"""Items, pools and blueprints for tests."""

from typing import Any

from question_pools.blueprint import Blueprint, Cell, Section
from question_pools.items import Item, ItemId, ItemSet, Kind, Option, Pool, PoolVersion, judge_options
from question_pools.soundness import freeze


def item(name: str, kind: Kind = Kind.SINGLE, *, options: int = 4, **fields: Any) -> Item:
    key = fields.pop("key", 0b11 if kind is Kind.MULTI else 1)
    offered = (
        judge_options() if kind is Kind.JUDGE else tuple(Option(f"{name} {at}") for at in range(options))
    )
    return Item(
        id=ItemId(name),
        kind=kind,
        stem=fields.pop("stem", f"stem of {name}"),
        options=fields.pop("offered", offered),
        key=key,
        **fields,
    )


def many(count: int, kind: Kind = Kind.SINGLE, prefix: str = "i", **fields: Any) -> tuple[Item, ...]:
    return tuple(item(f"{prefix}{at}", kind, **fields) for at in range(count))


def item_set(name: str, size: int, **fields: Any) -> tuple[ItemSet, tuple[Item, ...]]:
    children = tuple(item(f"{name}-{at}", set_id=name, **fields) for at in range(size))
    return ItemSet(name, f"material of {name}", (), tuple(child.id for child in children)), children


def pool(*items: Item, sets: tuple[ItemSet, ...] = ()) -> Pool:
    return Pool("p", "a pool", items, sets)


def version(*items: Item, sets: tuple[ItemSet, ...] = ()) -> PoolVersion:
    return freeze(pool(*items, sets=sets), 1)


def section(count: int, *cells: Cell, kind: Kind | None = Kind.SINGLE, **fields: Any) -> Section:
    fields = {"title": "单项选择题", "points_centi": 100, "policy": "all_or_nothing"} | fields
    return Section(kind=kind, count=count, cells=cells, **fields)


def blueprint(*sections: Section) -> Blueprint:
    return Blueprint("b", "a blueprint", sections)
