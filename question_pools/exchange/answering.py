"""Deciding kind, options and key of a row from what its cells offer."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import msgspec

from question_pools.exchange.normalise import key_letters, plain, truth
from question_pools.exchange.report import Code
from question_pools.exchange.vocabulary import Role
from question_pools.items import JUDGE_TEXTS, MAX_OPTIONS, Kind, Option, judge_options

_GLUED_PAIR: Final = re.compile(r"[*\s]*A[\s.、:)]*(.+?)[\s*;,、]*B[\s.、:)]*(.+?)[\s*;,]*", re.DOTALL)
"""Two judge options whose marks are lost: "A正确B错误"."""


class Fault(msgspec.Struct, frozen=True):
    """A problem found in the cell that plays `role`."""

    code: Code
    role: Role
    facts: tuple[object, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """What a row asks; with a rejecting fault the key means nothing."""

    kind: Kind
    options: tuple[Option, ...]
    key: int
    faults: tuple[Fault, ...] = ()


class Offer(msgspec.Struct, frozen=True):
    """The options a row offers, by their letter, gaps left out."""

    options: Mapping[str, Option]
    cell: str = ""
    """The text all options came from, when it was one cell."""
    mended: bool = False
    unsure: frozenset[str] = frozenset()
    """Letters that two options bear."""


def decide(kind: Kind | None, offer: Offer, key: str, *, typed: bool = True) -> Decision:
    """The decision over a row.

    Args:
        kind: None leaves it to the key.
        typed: False when the sheet has no type column, so that the row may be true/false as well.
    """
    meanings = _meanings(offer.options, offer.cell)
    if kind is None:
        unsaid = not typed and (bool(meanings) or (not offer.options and truth(key) is not None))
        kind = Kind.JUDGE if unsaid else Kind.MULTI if len(key_letters(key) or "") > 1 else Kind.SINGLE
    return _judge(meanings, offer.options, key) if kind is Kind.JUDGE else _choice(kind, offer, key)


def _meanings(offered: Mapping[str, Option], cell: str) -> dict[str, bool]:
    """What the letters of a true/false row mean; empty when the options are no such pair."""
    texts = {letter: one.text for letter, one in offered.items()}
    if len(texts) != len(JUDGE_TEXTS) and (
        pair := _GLUED_PAIR.fullmatch(unicodedata.normalize("NFKC", cell))
    ):
        texts = {"A": pair[1], "B": pair[2]}
    meanings = {letter: truth(text) for letter, text in texts.items()}
    if sorted(meanings.values(), key=str) != [False, True]:
        return {}
    return {letter: bool(meaning) for letter, meaning in meanings.items()}


def _judge(meanings: Mapping[str, bool], offered: Mapping[str, Option], key: str) -> Decision:
    if not key:
        return Decision(Kind.JUDGE, judge_options(), 0, (Fault(Code.KEY_EMPTY, Role.KEY),))
    right = truth(key)
    if right is None:
        held = key_letters(key) or ""
        known = meanings or ({} if offered else {"A": True, "B": False})
        if len(held) > 1 and set(held) <= set(known):
            return Decision(Kind.JUDGE, judge_options(), 0, (Fault(Code.SINGLE_MULTI_KEY, Role.KEY, (key,)),))
        right = known.get(held)
    if right is None:
        fault = Fault(Code.KEY_NOT_IN_OPTIONS, Role.KEY, (key, "/".join(JUDGE_TEXTS)))
        return Decision(Kind.JUDGE, judge_options(), 0, (fault,))
    return Decision(Kind.JUDGE, judge_options(), 1 if right else 2)


def _choice(kind: Kind, offer: Offer, key: str) -> Decision:
    offered = offer.options
    options = tuple(offered.values())
    faults: list[Fault] = []
    if len(options) < 2:  # noqa: PLR2004 - a choice needs two
        faults.append(Fault(Code.NO_OPTIONS, Role.OPTIONS, (len(options),)))
    if not key:
        faults.append(Fault(Code.KEY_EMPTY, Role.KEY))
    if faults:
        return Decision(kind, options, 0, tuple(faults))
    held = _letters_of(key, offered)
    if held is None or offer.unsure & set(held):
        fault = Fault(Code.KEY_NOT_IN_OPTIONS, Role.KEY, (key, "".join(offered)))
        return Decision(kind, options, 0, (fault,))
    if kind is Kind.SINGLE and len(held) > 1:
        faults.append(Fault(Code.SINGLE_MULTI_KEY, Role.KEY, (key,)))
    if kind is Kind.MULTI and len(held) == 1:
        faults.append(Fault(Code.MULTI_ONE_KEY, Role.KEY, (key,)))
    faults += [Fault(Code.DUP_OPTION, Role.OPTIONS, pair) for pair in double_options(offered)]
    right = sum(1 << at for at, letter in enumerate(offered) if letter in held)
    return Decision(kind, options[:MAX_OPTIONS], right, tuple(faults))


def _letters_of(key: str, offered: Mapping[str, Option]) -> str | None:
    """The letters of the key, all of them offered; a key may also repeat the words of one option."""
    held = key_letters(key)
    if held is not None and set(held) <= set(offered):
        return held
    named = [letter for letter, one in offered.items() if one.text and plain(one.text) == plain(key)]
    return named[0] if len(named) == 1 else None


def double_options(offered: Mapping[str, Option]) -> list[tuple[str, str]]:
    """Letters of options that say the same, the first of them first."""
    seen: dict[tuple[str, str | None], str] = {}
    doubles: list[tuple[str, str]] = []
    for letter, one in offered.items():
        first = seen.setdefault(("".join(one.text.split()), one.picture), letter)
        if first != letter:
            doubles.append((first, letter))
    return doubles
