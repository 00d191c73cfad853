"""The only place where a mark is rounded."""

from fractions import Fraction


def half_up(exact: Fraction) -> int:
    """Round to a whole number of 1/100 points, halves upwards.

    Source: docs/marking.md §3. Python's own `round` goes to the even neighbour, which nobody expects.
    """
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
