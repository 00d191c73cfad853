"""Randomness that is the same on every machine and in every Python: a SHA-256 counter stream."""

import hashlib
from itertools import permutations
from math import factorial
from struct import Struct
from typing import Final

_WORDS: Final = Struct(">8I")
_SPAN: Final = 1 << 32
_TABLED: Final = 5
"""Orders of up to 5 things (120) are kept in a table and picked with one number."""

ORDERS: Final = tuple(tuple(permutations(range(n))) for n in range(_TABLED + 1))


class Chance:
    """Unbiased whole numbers: block i is SHA-256(key ‖ i), read as eight big-endian 32-bit words."""

    __slots__ = ("_at", "_block", "_key", "_words")

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(key)
        self._block = 0
        self._at = 8
        self._words: tuple[int, ...] = ()

    def word(self) -> int:
        """The next 32 bits."""
        at = self._at
        if at == 8:  # noqa: PLR2004 - words of a block
            block = self._key.copy()
            block.update(self._block.to_bytes(8, "big"))
            self._words = _WORDS.unpack(block.digest())
            self._block += 1
            at = 0
        self._at = at + 1
        return self._words[at]

    def below(self, n: int) -> int:
        """A number from 0 to n − 1, each equally likely (multiply and shift, rejecting the uneven rest)."""
        if n < _SPAN:
            product = self.word() * n
            if product % _SPAN < n:
                uneven = _SPAN % n
                while product % _SPAN < uneven:
                    product = self.word() * n
            return product >> 32
        bits = n.bit_length()
        while True:
            drawn = 0
            for _ in range(-(-bits // 32)):
                drawn = drawn << 32 | self.word()
            drawn &= (1 << bits) - 1
            if drawn < n:
                return drawn

    def shuffle(self, things: list[int]) -> None:
        """Put a list into one of its orders, each equally likely."""
        self.pick_first(things, len(things) - 1)

    def pick_first(self, things: list[int], count: int) -> None:
        """Bring `count` things, drawn without replacement and in drawn order, to the front of the list."""
        size = len(things)
        for at in range(count):
            other = at + self.below(size - at)
            things[at], things[other] = things[other], things[at]

    def order(self, n: int) -> tuple[int, ...]:
        """One order of 0 … n − 1."""
        if n <= _TABLED:
            return ORDERS[n][self.below(factorial(n))]
        things = list(range(n))
        self.shuffle(things)
        return tuple(things)
