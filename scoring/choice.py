"""What one answer to a choice item is worth.

Answers and keys are bit masks over the canonical options: bit i stands for the i-th option as the item was
written, whatever order the candidate saw.
"""

import re
from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never

import msgspec

from scoring.errors import UnknownPolicy
from scoring.rounding import half_up


class Rule(StrEnum):
    """How a partly right answer is treated (docs/marking.md §2).

    Stored values: never renamed, never translated.
    """

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL_PER_OPTION = "partial_per_option"
    MINUS_PER_MISS = "minus_per_miss"
    PROPORTIONAL = "proportional"
    HALF_IF_SUBSET = "half_if_subset"


class Policy(msgspec.Struct, frozen=True):
    """A rule with its step; `str(policy)` is the stable text used in blueprints and stored."""

    rule: Rule
    step_centi: int = 0
    """What a chosen (partial_per_option) or missed (minus_per_miss) option counts, in 1/100 point; else 0."""

    def __str__(self) -> str:
        return f"{self.rule}:{self.step_centi}" if self.rule in STEPPED else str(self.rule)


STEPPED: Final = frozenset({Rule.PARTIAL_PER_OPTION, Rule.MINUS_PER_MISS})
"""The rules that carry a step: their texts read "partial_per_option:50"."""

ALL_OR_NOTHING: Final = Policy(Rule.ALL_OR_NOTHING)
"""The exact set or nothing: the only way for single-choice and true/false items (docs/marking.md §1)."""

STEP_MAX_CENTI: Final = 100_00
"""The largest step that is accepted, in 1/100 point: a whole paper of the common size."""

KNOWN: Final = frozenset(str(rule) for rule in Rule)
"""The names a policy text may begin with."""

SHAPE: Final = re.compile(r"(?P<name>[a-z_]+)(?::(?P<step>0|[1-9][0-9]{0,4}))?")
"""The one spelling of a policy's text: no spaces, no leading zeros: equal policies are equal texts."""


def parse_policy(text: str) -> Policy:
    """Read the stable text of a policy, e.g. "half_if_subset" or "partial_per_option:50".

    Raises UnknownPolicy: no such rule, a step where none belongs, or a step that is missing or out of range.
    """
    shape = SHAPE.fullmatch(text)
    if shape is None or shape["name"] not in KNOWN:
        raise UnknownPolicy(text)
    rule = Rule(shape["name"])
    if (rule in STEPPED) != (shape["step"] is not None):
        raise UnknownPolicy(text)
    step_centi = int(shape["step"] or 0)
    if step_centi > STEP_MAX_CENTI:
        raise UnknownPolicy(text)
    return Policy(rule, step_centi)


def mark(policy: Policy, *, key: int, picked: int, worth_centi: int) -> int:
    """Mark one answer, in 1/100 point, between 0 and `worth_centi`.

    Blank is 0, the exact key is the full worth, anything wrong among the picked is 0 (a bit outside the
    item's options is wrong too); between them the policy decides. Nothing but the blueprint's points and
    policy enters.
    Source: docs/marking.md §2 and §3.
    """
    if picked == 0 or picked & ~key:
        return 0
    if picked == key:
        return worth_centi
    exact = _proper_subset(policy, chosen=picked.bit_count(), keys=key.bit_count(), worth_centi=worth_centi)
    return half_up(exact)


def _proper_subset(policy: Policy, *, chosen: int, keys: int, worth_centi: int) -> Fraction:
    match policy.rule:
        case Rule.ALL_OR_NOTHING:
            return Fraction(0)
        case Rule.PARTIAL_PER_OPTION:
            return Fraction(min(worth_centi, policy.step_centi * chosen))
        case Rule.MINUS_PER_MISS:
            return Fraction(max(0, worth_centi - policy.step_centi * (keys - chosen)))
        case Rule.PROPORTIONAL:
            return Fraction(worth_centi * chosen, keys)
        case Rule.HALF_IF_SUBSET:
            return Fraction(worth_centi, 2)
        case _:
            assert_never(policy.rule)
