"""Near duplicates: items that ask the same in slightly other words, found by shared pairs of letters."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Self

import msgspec

from question_pools.exchange.wording import gist
from question_pools.items import Item, ItemId, Kind

GRAM: Final = 2
"""Letters of a shingle. Chinese words mostly have two; longer shingles lose too many to one swap."""

LIKE_PERMILLE: Final = 620
"""From here on two items are near duplicates; chosen by recall and precision on planted paraphrases."""

FEWEST_SHINGLES: Final = 8
"""Items with less to compare are left to the comparison of whole stems."""

LIKE_ANSWER_PERMILLE: Final = 650
"""Letters that the right answers of two items must share: the same question has the same answer."""

_CONTRASTS: Final = "东西南北左右上下高低大小多少长短前后内外负增减升降甲乙丙没无未非垂串并同异"
_NUMBER: Final = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
"""Numbers and Latin words."""

_SIGN: Final = re.compile(rf"{_NUMBER.pattern}|输[入出]|[{_CONTRASTS}]")
"""Numbers, Latin words, and words and letters of contrast."""


class NearDuplicate(msgspec.Struct, frozen=True):
    """Two items that say nearly the same."""

    item: Item
    other: Item
    likeness: int
    """Shared shingles of all shingles (Jaccard), in thousandths."""


def shingles(item: Item) -> frozenset[str]:
    """Pairs of letters of the stem and of each option; their order among options does not matter."""
    texts = [item.stem]
    if item.kind is not Kind.JUDGE:
        texts += [option.text for option in item.options]
    found: set[str] = set()
    for text in texts:
        plain = gist(text)
        found.update(plain[at : at + GRAM] for at in range(len(plain) - GRAM + 1))
    return frozenset(found)


def near_duplicates(items: Sequence[Item], against: Sequence[Item]) -> list[NearDuplicate]:
    """Pairs of an item and one of `against` that ask the same, the same id left out, in the order of both.

    Exact: two sets that are as alike share one of their rarest shingles (prefix filter), so only those
    few are looked up. Items in families (the same sentence about 2 m and 3 m, left and right, what goes in
    and what comes out) are told apart by their signs and by their right answers.
    """
    left, right = [_Traits.of(one) for one in items], [_Traits.of(one) for one in against]
    rarity = _ranks(one.shingles for one in [*left, *right])
    index: defaultdict[tuple[object, str], list[int]] = defaultdict(list)
    for at, theirs in enumerate(right):
        for one in _rarest(theirs.shingles, rarity):
            index[theirs.signs, one].append(at)
    found: list[NearDuplicate] = []
    for item, held in zip(items, left, strict=True):
        near = {at for one in _rarest(held.shingles, rarity) for at in index.get((held.signs, one), ())}
        for at in sorted(near):
            likeness = held.likeness(right[at])
            if likeness >= LIKE_PERMILLE and against[at].id != item.id:
                found.append(NearDuplicate(item, against[at], likeness))
    return found


def closest(pairs: Iterable[NearDuplicate]) -> dict[ItemId, NearDuplicate]:
    """Of each item the one that is most like it: an item that is like a whole family is one of them."""
    best: dict[ItemId, NearDuplicate] = {}
    for one in pairs:
        held = best.get(one.item.id)
        if held is None or held.likeness < one.likeness:
            best[one.item.id] = one
    return best


class _Traits(msgspec.Struct, frozen=True):
    """What an item is compared by."""

    shingles: frozenset[str]
    answer: frozenset[str]
    """Letters of the right answers, and pairs of them."""
    signs: tuple[object, ...]
    """Kind, signs of the stem in their order, of the right answers, and the numbers offered: where these
    differ something else is asked. The same signs in another order ask something else too (what comes out
    of what goes in)."""

    stem: str
    """The same stem in full is no near duplicate: that is told as such."""

    def likeness(self, other: Self) -> int:
        """How much both share, in thousandths; 0 when they ask different things or have the same stem."""
        differ = _likeness(self.answer, other.answer) < LIKE_ANSWER_PERMILLE
        return 0 if differ or self.stem == other.stem else _likeness(self.shingles, other.shingles)

    @classmethod
    def of(cls, item: Item) -> Self:
        right = [one.text for at, one in enumerate(item.options) if item.key >> at & 1]
        return cls(
            stem=gist(item.stem),
            shingles=shingles(item),
            answer=frozenset(part for text in right for part in _parts(gist(text))),
            signs=(
                item.kind,
                len(right),
                tuple(_SIGN.findall(_folded(item.stem))),
                tuple(sorted(_SIGN.findall(_folded(" ".join(right))))),
                tuple(sorted(_NUMBER.findall(_folded(" ".join(one.text for one in item.options))))),
            ),
        )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _parts(text: str) -> Iterator[str]:
    yield from text
    yield from (text[at : at + GRAM] for at in range(len(text) - GRAM + 1))


def _likeness(held: frozenset[str], theirs: frozenset[str]) -> int:
    shared = len(held & theirs)
    return 1000 * shared // max(1, len(held) + len(theirs) - shared)


def _ranks(sets: Iterable[frozenset[str]]) -> dict[str, tuple[int, str]]:
    counts = Counter(one for held in sets for one in held)
    return {one: (count, one) for one, count in counts.items()}


def _rarest(held: frozenset[str], rarity: dict[str, tuple[int, str]]) -> list[str]:
    """As many of the rarest shingles as a set that is alike cannot do without all of."""
    if len(held) < FEWEST_SHINGLES:
        return []
    keep = len(held) - (len(held) * LIKE_PERMILLE + 999) // 1000 + 1
    return sorted(held, key=rarity.__getitem__)[:keep]
