"""What changed between two wordings of an item: field by field, options matched, words of a text as spans."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

import msgspec

from question_pools.items import Item, Option, letters

_WORDS: Final = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
"""Words of Latin letters and digits stay whole, Chinese is compared by character."""

SAME_OPTION: Final = 0.5
"""From this likeness on two options count as one that was changed."""


class Did(StrEnum):
    """What became of a stretch of text or of an option."""

    KEPT = "kept"
    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"
    MOVED = "moved"


class Span(msgspec.Struct, frozen=True):
    """A stretch of text: in both (kept), only before (gone) or only after (added)."""

    did: Did
    text: str


class OptionChange(msgspec.Struct, frozen=True, kw_only=True):
    """One option with its places before and after (None: it is not there)."""

    did: Did
    before: int | None
    after: int | None
    spans: tuple[Span, ...]
    was_key: bool
    is_key: bool


class FieldChange(msgspec.Struct, frozen=True):
    """A field that is not text."""

    field: str
    before: str
    after: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """All that is different; a field that is the same is in none of them."""

    stem: tuple[Span, ...]
    """Empty: the same."""
    rationale: tuple[Span, ...]
    options: tuple[OptionChange, ...]
    """All options when one of them or the key changed, otherwise empty."""
    fields: tuple[FieldChange, ...]


def spans(before: str, after: str) -> tuple[Span, ...]:
    """The words of both texts in one line: what stayed, what went, what came."""
    old: list[str] = _WORDS.findall(before)
    new: list[str] = _WORDS.findall(after)
    found: list[Span] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Span(Did.KEPT, "".join(old[a:b])))
            continue
        if b > a:
            found.append(Span(Did.GONE, "".join(old[a:b])))
        if d > c:
            found.append(Span(Did.ADDED, "".join(new[c:d])))
    return tuple(found)


def change(before: Item, after: Item) -> Change:
    """What changed from one wording to another; salts do not count."""
    options: tuple[OptionChange, ...] = ()
    if (before.options, before.key) != (after.options, after.key):
        options = _options(before, after)
    return Change(
        stem=spans(before.stem, after.stem) if before.stem != after.stem else (),
        rationale=spans(before.rationale, after.rationale) if before.rationale != after.rationale else (),
        options=options,
        fields=tuple(
            FieldChange(name, a, b)
            for name, a, b in (
                ("kind", str(before.kind), str(after.kind)),
                ("key", letters(before.key), letters(after.key)),
                ("difficulty", str(before.difficulty), str(after.difficulty)),
                ("outline", before.outline, after.outline),
                ("pictures", " ".join(before.pictures), " ".join(after.pictures)),
                ("setId", before.set_id or "", after.set_id or ""),
                ("source", before.source, after.source),
            )
            if a != b
        ),
    )


def _options(before: Item, after: Item) -> tuple[OptionChange, ...]:
    pairs = _matched(before.options, after.options)
    taken = set(pairs.values())
    moved = _moved(pairs)
    changes = [
        OptionChange(
            did=_did(before.options[pairs[at]], option, moved=at in moved) if at in pairs else Did.ADDED,
            before=pairs.get(at),
            after=at,
            spans=spans(before.options[pairs[at]].text if at in pairs else "", option.text),
            was_key=at in pairs and bool(before.key >> pairs[at] & 1),
            is_key=bool(after.key >> at & 1),
        )
        for at, option in enumerate(after.options)
    ]
    gone = [
        OptionChange(
            did=Did.GONE,
            before=at,
            after=None,
            spans=spans(option.text, ""),
            was_key=bool(before.key >> at & 1),
            is_key=False,
        )
        for at, option in enumerate(before.options)
        if at not in taken
    ]
    return (*changes, *gone)


def _did(before: Option, after: Option, *, moved: bool) -> Did:
    if before != after:
        return Did.CHANGED
    return Did.MOVED if moved else Did.KEPT


def _matched(before: Sequence[Option], after: Sequence[Option]) -> dict[int, int]:
    """Place after → place before: equal ones first, then the most alike, of equals the nearest."""
    ranked = sorted(
        (
            (_likeness(old, new), -abs(a - b), -b, -a)
            for a, old in enumerate(before)
            for b, new in enumerate(after)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for alike, _, minus_b, minus_a in ranked:
        if alike >= SAME_OPTION and -minus_b not in pairs and -minus_a not in pairs.values():
            pairs[-minus_b] = -minus_a
    return pairs


def _likeness(a: Option, b: Option) -> float:
    if a == b:
        return 2.0
    return SequenceMatcher(None, a.text, b.text, autojunk=False).ratio()


def _moved(pairs: dict[int, int]) -> frozenset[int]:
    """Places after whose option stands in another order among the matched ones."""
    places = sorted(pairs)
    olds = sorted(pairs.values())
    return frozenset(at for at, old in zip(places, olds, strict=True) if pairs[at] != old)
