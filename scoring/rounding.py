"""The only place where a mark is rounded."""

from collections.abc import Sequence
from fractions import Fraction


def half_up(exact: Fraction) -> int:
    """Round to a whole number of 1/100 points, halves upwards.

    Source: docs/marking.md §3. Python's own `round` goes to the even neighbour, which nobody expects.
    """
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def in_proportion(amounts: Sequence[int], *, to: int, of: int) -> list[int]:
    """Scale whole amounts by to/of so that they add up to their scaled sum, rounded once and half up.

    The hundredths that rounding down leaves over go to the largest remainders, the first of equal ones first;
    an amount that scales to a whole number is never touched, so nothing stays nothing.
    Source: docs/marking.md §8.3.
    """
    scaled = [divmod(amount * to, of) for amount in amounts]
    parts = [whole for whole, _ in scaled]
    left_over = half_up(Fraction(sum(amounts) * to, of)) - sum(parts)
    for place in sorted(range(len(scaled)), key=lambda place: -scaled[place][1])[:left_over]:
        parts[place] += 1
    return parts
