"""The stream of numbers: golden, unbiased, and the same for the same seed."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_pools.chance import Chance, orders

CHI_SQUARE_999 = {5: 20.5, 9: 27.9, 23: 49.7, 119: 173.6}
"""99.9 % points of the chi-square distribution by degrees of freedom."""


def chi_square(counts: Counter, cells: int) -> float:
    expected = counts.total() / cells
    return (
        sum((count - expected) ** 2 for count in counts.values()) / expected
        + (cells - len(counts)) * expected
    )


def test_the_words_are_sha256_of_key_and_counter():
    chance = Chance(b"key")
    block = hashlib.sha256(b"key" + (0).to_bytes(8, "big")).digest()
    after = hashlib.sha256(b"key" + (1).to_bytes(8, "big")).digest()
    words = [int.from_bytes((block + after)[at : at + 4], "big") for at in range(0, 64, 4)]
    assert [chance.below(1 << 31) for _ in range(16)] == [word >> 1 for word in words]


@given(st.binary(max_size=8), st.integers(1, 1 << 80))
def test_a_number_is_below_its_bound(key, bound):
    assert 0 <= Chance(key).below(bound) < bound


@pytest.mark.parametrize("bound", [6, 10])
def test_small_numbers_are_even(bound):
    chance = Chance(b"even")
    counts = Counter(chance.below(bound) for _ in range(20_000))
    assert chi_square(counts, bound) < CHI_SQUARE_999[bound - 1]


def test_a_bound_that_does_not_divide_the_words_has_its_rest_rejected():
    bound = 3 << 30  # a quarter of all words must be drawn again
    chance = Chance(b"rest")
    counts = Counter(chance.below(bound) * 6 // bound for _ in range(6_000))
    assert chi_square(counts, 6) < CHI_SQUARE_999[5]


def test_a_word_in_the_uneven_rest_is_drawn_again_in_shuffles_too():
    chance = Chance(b"")
    chance._word = iter([0, 1 << 31, 0, 0, 1 << 31]).__next__  # 0 lies in the rest of 3, and not in that of 2
    things = [10, 11, 12]
    chance.shuffle(things)
    assert things == [11, 10, 12]


def test_large_numbers_are_even():
    bound = 5 << 40
    chance = Chance(b"large")
    counts = Counter(chance.below(bound) * 10 // bound for _ in range(6_000))
    assert chi_square(counts, 10) < CHI_SQUARE_999[9]


@pytest.mark.parametrize(("size", "free", "cells"), [(4, (0, 1, 2, 3), 24), (7, (1, 2, 3, 4, 5), 120)])
def test_every_order_of_the_free_places_is_as_likely(size, free, cells):
    chance, held = Chance(b"orders"), orders(size, free)
    counts = Counter(held.pick(chance) for _ in range(12_000))
    assert chi_square(counts, cells) < CHI_SQUARE_999[cells - 1]


@given(st.integers(0, 9), st.data())
def test_an_order_moves_only_the_free_places(size, data):
    free = tuple(sorted(data.draw(st.sets(st.integers(0, size - 1))))) if size else ()
    got = orders(size, free).pick(Chance(b"x"))
    assert sorted(got) == list(range(size))
    assert all(got[at] == at for at in range(size) if at not in free)


def test_the_place_of_each_thing_in_a_long_shuffle_is_even():
    chance = Chance(b"long")
    counts: Counter[int] = Counter()
    for _ in range(3_000):
        things = list(range(10))
        chance.shuffle(things)
        counts[things.index(7)] += 1
    assert chi_square(counts, 10) < CHI_SQUARE_999[9]
