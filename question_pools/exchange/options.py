"""Cutting one cell into options ("**A.甲**B.乙", "A甲；B乙", lines), mending lost marks if one way fits."""

import re
import unicodedata
from collections.abc import Collection
from itertools import zip_longest
from typing import Final

import msgspec

_STARS: Final = "**"
_LABEL: Final = re.compile(
    r"(?P<mark>\*\*\s*|^\s*|\n\s*|[;；]\s*|[^\S\n]+)?(?P<letter>[A-ZＡ-Ｚ])(?P<sep>[^\S\n]*[.．、:：)）。,，])?"
)
_CENTIMETRE: Final = re.compile(r"(?<=\d)\s*\*\*\s*C[.．]?\s*m(?=\s*(?:\*\*|$))")
"""Where marking every capital letter went into a unit: "15**C.m"."""


class Cut(msgspec.Struct, frozen=True):
    """The options of a cell by their letters.

    `mended` when a mark was lost or misplaced; `unsure` holds letters that two options bear.
    """

    options: dict[str, str]
    mended: bool
    unsure: frozenset[str] = frozenset()


class _Label(msgspec.Struct, frozen=True):
    letter: str
    start: int
    end: int
    strong: bool
    """Marked as the labels of this cell are; a weak one is only a letter and a separator within text."""
    separated: bool


class _Chain(msgspec.Struct):
    """The labels that open options, and those that turned out to be text."""

    chosen: list[_Label]
    strays: list[_Label]
    mended: bool = False
    broken: bool = False
    """Whether a marked label fits nowhere: then nothing more is guessed."""
    unsure: frozenset[str] = frozenset()


def cut_options(text: str, key: Collection[str] = ()) -> Cut:
    """The options in a cell; `key` holds the letters that must be among them and is only used to mend."""
    whole, labels = text, _labels(text)
    chain = _chain([one for one in labels if one.strong], labels)
    if chain.mended and _CENTIMETRE.search(text):
        whole = _CENTIMETRE.sub("cm", text)
        labels = _labels(whole)
        chain = _chain([one for one in labels if one.strong], labels)
        chain.mended = True
    chosen = chain.chosen
    if chosen and chosen[0].letter == "B" and whole[: chosen[0].start].strip(" \n*.．、"):
        chosen.insert(0, _Label("A", 0, 0, strong=False, separated=False))
        chain.mended = True
    if chosen and not chain.broken and (len(chosen) == 1 or set(key) - {one.letter for one in chosen}):
        tail = _fill(labels, chosen[-1], None, _after(chosen[-1].letter))
        chain.mended = chain.mended or bool(tail)
        chosen += tail
    return _texts(whole, chain)


def _texts(text: str, chain: _Chain) -> Cut:
    options: dict[str, str] = {}
    mended = chain.mended
    for one, after in zip_longest(chain.chosen, chain.chosen[1:]):
        end = len(text) if after is None else after.start
        held, at = "", one.end
        for stray in chain.strays:
            if one.end <= stray.start < end:
                held += text[at : stray.start] + stray.letter
                at = stray.end
        held = (held + text[at:end]).strip(" \t\n;；")
        if _STARS in text:
            mended = mended or _STARS in held.strip("*")
            held = held.replace("*", "").strip()
        if held:
            options[one.letter] = held
    return Cut(options, mended, chain.unsure)


def _labels(text: str) -> list[_Label]:
    starred = _STARS in text
    lead = len(text) - len(text.lstrip(" \t\n*"))
    found: list[_Label] = []
    first_sep: str | None = None
    for match in _LABEL.finditer(text):
        mark, sep = match["mark"] or "", _separator(match["sep"])
        at_start = match.start("letter") == lead
        if at_start:
            first_sep = sep
        if starred:
            strong = at_start or mark.startswith(_STARS)
        else:
            # A bare letter needs a line or a semicolon before it; all labels of a cell are written alike.
            strong = at_start or (bool(mark.strip(" \t") or (mark and sep)) and sep == first_sep)
        before = text[match.start("letter") - 1 : match.start("letter")]
        if strong or (sep and not (before.isascii() and before.isalpha())):
            letter = unicodedata.normalize("NFKC", match["letter"])
            found.append(_Label(letter, match.start(), match.end(), strong, bool(sep)))
    return found


def _separator(sep: str | None) -> str:
    return "" if sep is None else unicodedata.normalize("NFKC", sep).strip()


def _chain(strong: list[_Label], labels: list[_Label]) -> _Chain:
    chain = _Chain([], [])
    chosen = chain.chosen
    letters = {one.letter for one in strong}
    for one in strong:
        due = _after(chosen[-1].letter) if chosen else "A"
        if not chosen or one.letter == due:
            chosen.append(one)
            continue
        chain.mended = True
        if one.letter == chosen[-1].letter and one.separated and due not in letters:
            # A, B, B: the second B stands where C is missing. Which of them a key B means, nobody can tell.
            chosen.append(_Label(due, one.start, one.end, strong=True, separated=True))
            chain.unsure |= {one.letter}
        elif one.letter < due:
            chain.strays.append(one)  # a letter that was opened already is text: 符号“**A”
        elif gap := _fill(labels, chosen[-1], one, due):
            chosen += [*gap, one]
        elif one.letter == _after(due):
            chosen.append(one)  # one letter was left out: the labels still say which option is which
        else:
            chain.strays.append(one)
            chain.broken = chain.broken or one.separated
    if chain.broken:
        chain.unsure = frozenset(one.letter for one in chosen)
    return chain


def _fill(labels: list[_Label], after: _Label, before: _Label | None, due: str) -> list[_Label]:
    """Weak labels from `due` on between two labels: each the only one of its letter, else nothing."""
    last = len(labels) if before is None else labels.index(before)
    between = labels[labels.index(after) + 1 : last] if after in labels else labels[:last]
    filled: list[_Label] = []
    while before is None or due != before.letter:
        fitting = [one for one in between if one.letter == due]
        if len(fitting) != 1 or (filled and fitting[0].start < filled[-1].start):
            return filled if before is None else []
        filled.append(fitting[0])
        due = _after(due)
    return filled


def _after(letter: str) -> str:
    return chr(ord(letter) + 1)
