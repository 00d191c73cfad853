"""What a person should know about the marking of a paper before it is published."""

from collections.abc import Iterable
from typing import Final

import msgspec

from scoring.choice import Policy, mark

W_SUBSET_FULL: Final = "W_SUBSET_FULL"
"""Code of the warning: an incomplete answer earns the full mark."""


class PublishedItem(msgspec.Struct, frozen=True):
    """One item version in the section that may draw it, with what the blueprint makes of it."""

    section: str
    item_id: str
    version: str
    key: int
    policy: Policy
    worth_centi: int


class MarkingWarning(msgspec.Struct, frozen=True):
    """A finding that does not stop publication; the text is for the officer who publishes."""

    code: str
    section: str
    item_id: str
    version: str
    policy: str
    keys: int
    chosen: int
    """The fewest right options that already earn the full mark."""
    worth_centi: int
    zh: str
    en: str


def warnings(items: Iterable[PublishedItem]) -> tuple[MarkingWarning, ...]:
    """Name each item on which a proper subset of the key earns the full mark.

    For `partial_per_option` that is x·(keys − 1) ≥ full. Source: docs/marking.md §5.
    """
    return tuple(
        _warning(item, chosen) for item in items if (chosen := _fewest_that_earn_all(item)) is not None
    )


def _fewest_that_earn_all(item: PublishedItem) -> int | None:
    keys = item.key.bit_count()
    subset = 0
    rest = item.key
    for chosen in range(1, keys):
        lowest = rest & -rest
        subset |= lowest
        rest ^= lowest
        if mark(item.policy, key=item.key, picked=subset, worth_centi=item.worth_centi) >= item.worth_centi:
            return chosen
    return None


def _warning(item: PublishedItem, chosen: int) -> MarkingWarning:
    keys = item.key.bit_count()
    return MarkingWarning(
        code=W_SUBSET_FULL,
        section=item.section,
        item_id=item.item_id,
        version=item.version,
        policy=str(item.policy),
        keys=keys,
        chosen=chosen,
        worth_centi=item.worth_centi,
        zh=(
            f"「{item.section}」试题 {item.item_id}（版本 {item.version}）："
            f"{keys} 个正确选项只选 {chosen} 个即得满分"
        ),
        en=(
            f"{item.section}: item {item.item_id} (version {item.version}) gives the full mark "
            f"for {chosen} of {keys} right options"
        ),
    )
