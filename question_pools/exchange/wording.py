"""Reading the wording of items: cleaning text, options that refer to others, ids made from content."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
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
    re.compile(
        r"^(?:选项|同)?\s*[A-H](?:\s*(?:和|与|及|以及|或|、|,|，|\+|&|and|or)?\s*[A-H])+\s*"
        r"(?:$|[都均皆全]|两|三|四|选?项|正确|错误|对$)"
    ),
    re.compile(r"\b(?:all|none|both|neither|any) of (?:the |these|those)", re.IGNORECASE),
    re.compile(r"\ball the above\b", re.IGNORECASE),
)
"""How an option speaks of the others: 以上都对, 都不是, A和B, all of the above."""


def cleaned(text: str) -> str:
    """Text without unseen characters, stray blanks and outer white space; line breaks stay."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", ""))
    return "\n".join(line.strip() for line in _BLANKS.sub(" ", text).split("\n")).strip()


def refers_to_others(text: str) -> bool:
    """Whether an option only makes sense at its place among the others."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return any(pattern.search(plain) for pattern in _REFERS)


def option(text: str, picture: str | None = None) -> Option:
    """An option, pinned when its text refers to others."""
    return Option(text, refers_to_others(text), picture)


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
