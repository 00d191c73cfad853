"""Items as they are kept: kinds, options, keys, sets, pools and their frozen versions."""

import hashlib
import hmac
from enum import StrEnum
from typing import Final, NewType

import msgspec

ItemId = NewType("ItemId", str)

MAX_OPTIONS: Final = 26
"""Options of one item: a key is written in the letters A to Z."""

JUDGE_TEXTS: Final = ("正确", "错误")
"""The two options of every true/false item, always in this order."""

OUTLINE_LEVELS: Final = 4
"""Levels of an outline code such as 1.12.1.1."""

OUTLINE_MAX: Final = 99
"""Highest number on one level of an outline code."""

HARDEST: Final = 5
"""Difficulty runs from 1 (easy) to 5 (hard)."""

SET_PREFIX: Final = "set:"
"""The material of an item set has a life too, under this and the set's id."""

VERSION_HEX: Final = 32
"""Characters of an item version: the first 16 bytes of a SHA-256, in hex."""


class Kind(StrEnum):
    """Stored values: never renamed, never translated."""

    SINGLE = "single"
    MULTI = "multi"
    JUDGE = "judge"


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer offered. A pinned option refers to others (以上都对) and keeps its place."""

    text: str
    pinned: bool = False
    picture: str | None = None
    """SHA-256 (hex) of a content-addressed picture."""


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question with its key. New fields only ever come with defaults: a version hashes what is set."""

    id: ItemId
    kind: Kind
    stem: str
    options: tuple[Option, ...]
    """In canonical order; a judge item has 正确 then 错误."""
    key: int
    """Bit mask over the canonical options, bit i for `options[i]`."""
    rationale: str = ""
    difficulty: int = 3
    outline: str = ""
    pictures: tuple[str, ...] = ()
    set_id: str | None = None
    source: str = ""
    salt: str = ""
    """Secret letters that enter the version: see `salted`."""


class ItemSet(msgspec.Struct, frozen=True):
    """Shared material and the items asked about it, in the order they are always shown."""

    id: str
    stem: str
    pictures: tuple[str, ...]
    items: tuple[ItemId, ...]


class Picture(msgspec.Struct, frozen=True):
    """A picture, addressed by the SHA-256 of its bytes."""

    sha256: str
    mime: str
    data: bytes


class Pool(msgspec.Struct, frozen=True):
    """A pool as its authors edit it."""

    code: str
    title: str
    items: tuple[Item, ...]
    sets: tuple[ItemSet, ...] = ()


class PoolVersion(msgspec.Struct, frozen=True):
    """A pool as it was published: never changed, told from others by its digest."""

    pool_code: str
    number: int
    digest: str
    """SHA-256 (hex) over the canonical content: items and sets, in order."""
    items: tuple[Item, ...]
    sets: tuple[ItemSet, ...]


def canonical(value: object) -> bytes:
    """JSON that is the same for the same value: sorted names, defaults left out, UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def sha256_hex(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def version_of(item: Item) -> str:
    """The immutable id of this wording, key included: 32 lowercase hex characters."""
    return sha256_hex(canonical(item))[:VERSION_HEX]


def salted(pool: Pool, secret: bytes) -> Pool:
    """The pool with a salt in every item that has none; the same secret gives the same salts.

    Candidates see versions. Without a salt somebody who sees the wording could hash it with each
    possible key until the version fits, and would know the answer.
    """
    items = tuple(
        item if item.salt else msgspec.structs.replace(item, salt=_salt(secret, item.id))
        for item in pool.items
    )
    return msgspec.structs.replace(pool, items=items)


def _salt(secret: bytes, item_id: str) -> str:
    return hmac.digest(secret, b"item salt\x00" + item_id.encode(), "sha256").hex()[:VERSION_HEX]


def content_digest(items: tuple[Item, ...], sets: tuple[ItemSet, ...]) -> str:
    """SHA-256 (hex) over items and sets; the pool's code, title and number are no part of it."""
    return hashlib.sha256(canonical([items, sets])).hexdigest()


def judge_options() -> tuple[Option, ...]:
    """The options every true/false item has."""
    return tuple(Option(text) for text in JUDGE_TEXTS)


def letters(key: int) -> str:
    """A key mask as people write it: 0b101 → "AC"."""
    return "".join(chr(ord("A") + i) for i in range(key.bit_length()) if key >> i & 1)


def mask(key_letters: str) -> int:
    """The mask of capital letters; a letter given twice counts once."""
    held = 0
    for letter in key_letters:
        held |= 1 << (ord(letter) - ord("A"))
    return held


def is_outline(code: str) -> bool:
    """Whether `code` is an outline code: up to 4 levels of 1 to 99, such as 1.12.1.1."""
    levels = code.split(".")
    return len(levels) <= OUTLINE_LEVELS and all(
        level.isascii() and level.isdigit() and level[0] != "0" and int(level) <= OUTLINE_MAX
        for level in levels
    )


def is_under(outline: str, prefix: str) -> bool:
    """Whether a code lies at or below a prefix: 1.2.3 is under 1.2 and under "", 1.20 is not under 1.2."""
    return not prefix or outline == prefix or outline.startswith(prefix + ".")
