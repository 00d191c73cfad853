"""Reading the wording of items: cleaning text, options that refer to others, ids made from content."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from question_pools.items import ItemId, Kind, Option, canonical

_UNSEEN: Final = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
)
"""Control and zero-width characters, and those that turn the direction of writing."""

_BLANKS: Final = re.compile(r"[^\S\n]+")

_REFERS: Final = (
    re.compile(r"^(?:以上|上述|上列|前述|上面)"),
    re.compile(
        r"^.{0,6}(?:都|均|皆|全|全部)(?:不?(?:对|是|正确|可以|可|符合|包括)|错|错误|不?能|要|需要|有)[。.！]?$"
    ),
    re.compile(r"\b(?:all|none|both|neither|any) of (?:the |these|those)", re.IGNORECASE),
    re.compile(r"\ball the above\b", re.IGNORECASE),
)
"""How an option speaks of the others: 以上都对, 都不是, all of the above."""

_AND: Final = r"\s*(?:和|与|及|以及|或|、|,|\+|&|and|or)\s*"
_SAYS: Final = r"\s*(?:[都均皆全]|两|三|四|选?项|正确|错误|对$)"
_NAMES: Final = re.compile(
    rf"^(?:(?:选项|同)\s*(?P<told>[A-H](?:{_AND}[A-H]|[A-H])*)"
    rf"|(?P<listed>[A-H](?:{_AND}[A-H])+)(?:$|{_SAYS})"
    rf"|(?P<glued>[A-H]{{2,}}){_SAYS})"
)
"""How an option names others by their letters: 同A, A和B, AC都对. "HF" alone is a word."""


def cleaned(text: str) -> str:
    """Text without unseen characters, stray blanks and outer white space; line breaks stay."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", ""))
    return "\n".join(line.strip() for line in _BLANKS.sub(" ", text).split("\n")).strip()


def refers_to_others(text: str) -> bool:
    """Whether an option only makes sense at its place among the others."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return any(pattern.search(plain) for pattern in _REFERS)


def named_letters(text: str) -> frozenset[str]:
    """The letters of the options that an option names: "A和B" → A, B."""
    match = _NAMES.match(unicodedata.normalize("NFKC", text).strip())
    return frozenset() if match is None else frozenset(match[match.lastgroup or 0]) & frozenset("ABCDEFGH")


def pinned_letters(texts: Mapping[str, str]) -> frozenset[str]:
    """The options, by letter, that must keep their place.

    Those that refer to others, and those that are named by letter: where D says "A和B", A and B stay too.
    An option that names all the others holds in every order of them, so it alone stays.
    """
    pinned: set[str] = set()
    for letter, text in texts.items():
        others = set(texts) - {letter}
        named = set(named_letters(text))
        if refers_to_others(text):
            pinned.add(letter)
        if named and named <= others:
            pinned |= {letter} if named == others else {letter, *named}
    return frozenset(pinned)


def gist(text: str) -> str:
    """What is left of a text when width, case, spaces and punctuation are taken away: for finding doubles."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(char for char in plain if char.isalnum())
    return kept or "".join(plain.split())


def derived_id(kind: Kind, stem: str, options: Iterable[Option], pictures: Iterable[str] = ()) -> ItemId:
    """The id of an item whose file gives none, from its wording without the key.

    Correcting a key therefore changes the item, and re-reading the same file changes nothing.
    """
    worded = [_worded(stem), [[_worded(one.text), one.picture] for one in options], list(pictures)]
    return ItemId("c" + hashlib.sha256(canonical([kind, *worded])).hexdigest()[:16])


def _worded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
