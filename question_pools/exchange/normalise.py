"""Reading single cells: type, key, truth, difficulty, score, outline code, the number before a stem."""

import re
import unicodedata
from typing import Final

from question_pools.exchange.vocabulary import CHOICE, FALSE, KINDS, LEVELS, TRUE
from question_pools.items import Kind, is_outline

_SCORE: Final = re.compile(r"\d{1,3}(?:\.\d{1,2})?分?")
_MAX_SCORE: Final = 100.0
_CODE: Final = re.compile(r"\d+(?:\.|$)")
"""How a cell begins that is meant as an outline code."""

_KEY_NOISE: Final = re.compile(r"[\s,，、;；/|.。+&和与及【】\[\]()（）\"'“”]+|^答案[:：]?")
_NUMBERED: Final = re.compile(r"(?P<number>\d{1,4})\s*(?P<sep>[.．、。]+)\s*(?P<rest>\S.*)", re.DOTALL)
_BARE_NUMBER: Final = re.compile(r"(?P<number>\d{1,4})\s*(?P<rest>[^\d\s.．%％].*)", re.DOTALL)


_LABELLED: Final = re.compile(r"\s*([A-ZＡ-Ｚ])\s*[.．、:：)）]\s*(?=\S)")

MEDIUM: Final = 3
"""Difficulty of an item whose file says nothing."""


class UnknownKind(ValueError):
    """The type column holds something that is no type of ours."""


def plain(text: str) -> str:
    """A cell for comparing: half width, no spaces, small letters."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def kind_of(text: str) -> Kind | None:
    """The kind a type cell names; None when the key decides (选择题). Raises UnknownKind."""
    name = plain(text).strip("【】[]()")
    if name in CHOICE:
        return None
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(text) from None


def key_letters(text: str) -> str | None:
    """The letters of a key, each once and in order: "Ａ、c" → "AC"; None when it is not made of letters."""
    held = _KEY_NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not held or not all("A" <= letter <= "Z" for letter in held):
        return None
    return "".join(sorted(set(held)))


def key_numbers(text: str) -> list[int] | None:
    """The places a key names by number: "1，3" → 1, 3; None when it is not made of numbers 1 to 9."""
    held = _KEY_NOISE.sub(" ", unicodedata.normalize("NFKC", text)).split()
    if not held or any(len(one) > 1 or one not in "123456789" for one in held):
        return None
    return sorted({int(one) for one in held})


def label_of(text: str) -> str | None:
    """The letter an option's text begins with: "B" for "B.甲"; None where there is none."""
    match = _LABELLED.match(text)
    return None if match is None else unicodedata.normalize("NFKC", match[1])


def after_label(text: str) -> str:
    """The option's text without its letter."""
    return _LABELLED.sub("", text, count=1)


def truth(text: str) -> bool | None:
    """What a word says of a true/false item; None when it says nothing."""
    word = plain(text).strip("。.()[]【】;")
    if word in TRUE:
        return True
    return False if word in FALSE else None


def difficulty_of(text: str) -> int | None:
    """1 to 5 from a number or a word; None when it is neither."""
    word = plain(text).removesuffix("级")
    if word in {"1", "2", "3", "4", "5"}:
        return int(word)
    return LEVELS.get(word)


def is_score(text: str) -> bool:
    """Whether a cell is a mark above 0 up to 100 with at most two decimals."""
    word = plain(text)
    return _SCORE.fullmatch(word) is not None and 0 < float(word.removesuffix("分")) <= _MAX_SCORE


def outline_of(text: str) -> str | None:
    """The outline code in a cell ("1.12.1.1"), or None when it is none."""
    code = plain(text)
    return code if is_outline(code) else None


def looks_like_code(text: str) -> bool:
    """Whether a topic cell is meant as an outline code rather than as words."""
    return _CODE.match(plain(text)) is not None


def without_number(stem: str, previous: int | None) -> tuple[str, int | None]:
    """The stem without the number it begins with, and the number; `previous` is that of the row before.

    "12.高处作业" loses its number. Where a digit follows ("3.5米", "7.2米以上") or the separator is missing
    ("126脚手架"), it is taken for a number only when it continues the row before.
    """
    match = _NUMBERED.match(stem)
    if match is None:
        match = _BARE_NUMBER.match(stem)
        sure = False
    else:
        sure = not match["rest"][0].isdigit()
    if match is None:
        return stem, None
    number = int(match["number"])
    if sure or (previous is not None and number == previous + 1):
        return match["rest"], number
    return stem, None
