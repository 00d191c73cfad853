"""A whole pool as JSON, item sets and pictures included; written and read without loss.

    {"format": "kaowu-pool-1", "code": "abc-c", "title": "安管人员 C 类",
     "items": [
       {"kind": "single", "stem": "…", "options": ["…", "…", "以上都对"], "key": "B",
        "rationale": "…", "difficulty": 2, "outline": "1.2"},
       {"kind": "judge", "stem": "…", "key": "错误"},
       {"kind": "multi", "stem": "…", "options": ["…", "…", "…"], "key": "AC", "set": "s1"}],
     "sets": [{"id": "s1", "stem": "shared material …"}],
     "pictures": [{"sha256": "…", "mime": "image/png", "data": "base64 …"}]}

`id` may be left out: it is made from the wording. Options are strings (pinned when they refer to others) or
{"text", "pinned", "picture"}. A judge item names no options. The items of a set are asked in file order.
"""

import codecs
import hashlib
import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from question_pools.errors import BadPool
from question_pools.exchange.wording import derived_id, pinned_letters
from question_pools.items import (
    JUDGE_TEXTS,
    MAX_OPTIONS,
    Item,
    ItemId,
    ItemSet,
    Kind,
    Option,
    Picture,
    Pool,
    judge_options,
    letters,
    mask,
)
from question_pools.soundness import pool_faults

FORMAT: Final = "kaowu-pool-1"

_KEY: Final = re.compile(r"[A-Z]{1,26}")

_Text = Annotated[str, msgspec.Meta(max_length=20_000)]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class OptionEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An option that a plain string cannot say."""

    text: _Text = ""
    pinned: bool = False
    picture: _Hash | None = None


class ItemEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """An item as the file writes it."""

    id: _Name = ""
    kind: Kind
    stem: _Text
    options: list[_Text | OptionEntry] = []
    key: _Name
    rationale: _Text = ""
    difficulty: int = 3
    outline: _Name = ""
    pictures: list[_Hash] = []
    set: _Name | None = None
    source: _Text = ""
    salt: _Name = ""


class SetEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An item set; `items` is only written where it differs from the file's order."""

    id: _Name
    stem: _Text
    pictures: list[_Hash] = []
    items: list[_Name] = []


class PictureEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A picture; `data` is base64."""

    sha256: _Hash
    mime: _Name
    data: bytes


class PoolFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    format: Literal["kaowu-pool-1"] = FORMAT
    code: _Name
    title: _Name
    items: list[ItemEntry]
    sets: list[SetEntry] = []
    pictures: list[PictureEntry] = []


def read_json(data: bytes) -> tuple[Pool, tuple[Picture, ...]]:
    """The pool and its pictures; BadPool lists everything that is wrong."""
    try:
        file = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=PoolFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise BadPool([f"not a pool file: {wrong}"]) from wrong
    faults: list[str] = []
    items = tuple(_item(entry, number, faults) for number, entry in enumerate(file.items, 1))
    sets = tuple(_set(entry, items) for entry in file.sets)
    pictures = tuple(Picture(entry.sha256, entry.mime, entry.data) for entry in file.pictures)
    faults += pool_faults(items, sets) + _picture_faults(items, sets, pictures)
    if faults:
        raise BadPool(faults)
    return Pool(file.code, file.title, items, sets), pictures


def write_json(pool: Pool, pictures: tuple[Picture, ...] = ()) -> bytes:
    """The file of a pool; `read_json` gives the same pool and pictures back."""
    file = PoolFile(
        code=pool.code,
        title=pool.title,
        items=[_entry(item) for item in pool.items],
        sets=[_set_entry(one, pool.items) for one in pool.sets],
        pictures=[PictureEntry(one.sha256, one.mime, one.data) for one in pictures],
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=1)


def _item(entry: ItemEntry, number: int, faults: list[str]) -> Item:
    options = judge_options() if entry.kind is Kind.JUDGE else _options(entry.options)
    if entry.kind is Kind.JUDGE and entry.options:
        faults.append(f"item number {number}: a judge item names no options")
    key = 0
    if entry.kind is Kind.JUDGE and entry.key in JUDGE_TEXTS:
        key = 1 << JUDGE_TEXTS.index(entry.key)
    elif _KEY.fullmatch(entry.key):
        key = mask(entry.key)
    else:
        faults.append(f"item number {number}: the key {entry.key!r} is not made of the letters A to Z")
    return Item(
        id=ItemId(entry.id or derived_id(entry.kind, entry.stem, options, entry.pictures)),
        kind=entry.kind,
        stem=entry.stem,
        options=options,
        key=key,
        rationale=entry.rationale,
        difficulty=entry.difficulty,
        outline=entry.outline,
        pictures=tuple(entry.pictures),
        set_id=entry.set,
        source=entry.source,
        salt=entry.salt,
    )


def _options(entries: Sequence[str | OptionEntry]) -> tuple[Option, ...]:
    pinned = _pinned([one if isinstance(one, str) else one.text for one in entries])
    return tuple(
        Option(one, at in pinned) if isinstance(one, str) else Option(one.text, one.pinned, one.picture)
        for at, one in enumerate(entries)
    )


def _pinned(texts: Sequence[str]) -> set[int]:
    """Places of the options that a plain string pins."""
    letters_of = {chr(ord("A") + at): text for at, text in enumerate(texts[:MAX_OPTIONS])}
    return {ord(letter) - ord("A") for letter in pinned_letters(letters_of)}


def _set(entry: SetEntry, items: tuple[Item, ...]) -> ItemSet:
    own = entry.items or [item.id for item in items if item.set_id == entry.id]
    return ItemSet(entry.id, entry.stem, tuple(entry.pictures), tuple(ItemId(one) for one in own))


def _picture_faults(
    items: tuple[Item, ...], sets: tuple[ItemSet, ...], pictures: tuple[Picture, ...]
) -> list[str]:
    held = {one.sha256 for one in pictures}
    faults = [
        f"picture {one.sha256}: the bytes have another SHA-256"
        for one in pictures
        if hashlib.sha256(one.data).hexdigest() != one.sha256
    ]
    named = {picture: f"set {one.id}" for one in sets for picture in one.pictures}
    named |= {picture: f"item {item.id}" for item in items for picture in pictures_of(item)}
    return faults + [
        f"{where}: picture {picture} is not in the file"
        for picture, where in named.items()
        if picture not in held
    ]


def pictures_of(item: Item) -> tuple[str, ...]:
    """Every picture an item shows: its own, then its options'."""
    return item.pictures + tuple(one.picture for one in item.options if one.picture is not None)


def _entry(item: Item) -> ItemEntry:
    judge = item.kind is Kind.JUDGE
    return ItemEntry(
        id=item.id,
        kind=item.kind,
        stem=item.stem,
        options=[] if judge else _option_entries(item.options),
        key=JUDGE_TEXTS[item.key.bit_length() - 1] if judge else letters(item.key),
        rationale=item.rationale,
        difficulty=item.difficulty,
        outline=item.outline,
        pictures=list(item.pictures),
        set=item.set_id,
        source=item.source,
        salt=item.salt,
    )


def _option_entries(options: Sequence[Option]) -> list[str | OptionEntry]:
    pinned = _pinned([one.text for one in options])
    return [
        one.text
        if one.picture is None and one.pinned == (at in pinned)
        else OptionEntry(one.text, one.pinned, one.picture)
        for at, one in enumerate(options)
    ]


def _set_entry(one: ItemSet, items: tuple[Item, ...]) -> SetEntry:
    in_file = tuple(item.id for item in items if item.set_id == one.id)
    listed = [] if in_file == one.items else list(one.items)
    return SetEntry(one.id, one.stem, list(one.pictures), list(listed))
