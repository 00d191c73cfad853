"""Randomness that is the same on every machine and in every Python: a SHA-256 counter stream."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import permutations
from struct import Struct
from typing import Final

_WORDS: Final = Struct(">8I")
_LOW: Final = (1 << 32) - 1
_TABLED: Final = 5
"""Orders of up to 5 options (120) are kept in a table and picked with one number."""


class Chance:
    """Unbiased whole numbers: block i is SHA-256(key ‖ i), read as eight big-endian 32-bit words."""

    __slots__ = ("_word",)

    def __init__(self, key: bytes) -> None:
        self._word = _words(key).__next__

    def below(self, n: int) -> int:
        """A number from 0 to n − 1, each equally likely (multiply and shift, rejecting the uneven rest)."""
        if n > _LOW:
            return self._below_large(n)
        product = self._word() * n
        if product & _LOW < n:
            product = self._even(product, n)
        return product >> 32

    def _even(self, product: int, n: int) -> int:
        uneven = (_LOW + 1) % n
        while product & _LOW < uneven:
            product = self._word() * n
        return product

    def _below_large(self, n: int) -> int:
        bits = n.bit_length()
        while True:
            drawn = 0
            for _ in range(-(-bits // 32)):
                drawn = drawn << 32 | self._word()
            drawn &= (1 << bits) - 1
            if drawn < n:
                return drawn

    def shuffle(self, things: list[int]) -> None:
        """Put a list into one of its orders, each equally likely."""
        self.pick_first(things, len(things) - 1)

    def pick_first(self, things: list[int], picks: int) -> None:
        """Bring `picks` things, drawn without replacement and in drawn order, to the front of the list."""
        word, size = self._word, len(things)
        for at in range(picks):
            # `below` written out: half of the cost of a draw is in this loop.
            product = word() * (size - at)
            if product & _LOW < size - at:
                product = self._even(product, size - at)
            other = at + (product >> 32)
            things[at], things[other] = things[other], things[at]


class Orders:
    """The orders that options may be shown in: some places are free, the others keep what they have."""

    __slots__ = ("_free", "_table", "plain")

    def __init__(self, size: int, free: tuple[int, ...]) -> None:
        self.plain = tuple(range(size))
        self._free = free
        self._table = self._all() if len(free) <= _TABLED else ()

    def _all(self) -> tuple[tuple[int, ...], ...]:
        return tuple(self._placed(moved) for moved in permutations(self._free))

    def pick(self, chance: Chance) -> tuple[int, ...]:
        """One of the orders, each equally likely; an item without free places takes no randomness."""
        table = self._table
        if table:
            return table[chance.below(len(table))] if len(table) > 1 else self.plain
        moved = list(self._free)
        chance.shuffle(moved)
        return self._placed(moved)

    def _placed(self, moved: Sequence[int]) -> tuple[int, ...]:
        placed = list(self.plain)
        for at, source in zip(self._free, moved, strict=True):
            placed[at] = source
        return tuple(placed)


@lru_cache(maxsize=1024)
def orders(size: int, free: tuple[int, ...]) -> Orders:
    """The orders of `size` options of which the places `free` may change among themselves."""
    return Orders(size, free)


def _words(key: bytes) -> Iterator[int]:
    start = hashlib.sha256(key)
    number = 0
    while True:
        block = start.copy()
        block.update(number.to_bytes(8, "big"))
        yield from _WORDS.unpack(block.digest())
        number += 1
