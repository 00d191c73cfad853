"""Reading one row of a sheet: its cells become an item, or named problems."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from question_pools.exchange import normalise
from question_pools.exchange.answering import Decision, Offer, decide
from question_pools.exchange.guard import unguarded
from question_pools.exchange.header import Header, Layout
from question_pools.exchange.instem import split_stem
from question_pools.exchange.options import cut_options
from question_pools.exchange.pictures import first_named, named_pictures
from question_pools.exchange.report import Code
from question_pools.exchange.vocabulary import Role
from question_pools.exchange.wording import cleaned, derived_id, pinned_letters
from question_pools.items import Item, ItemId, Kind, Option, Picture

MAX_STEM: Final = 4_000
"""Characters of a stem; the limit of a provincial import template."""

MAX_OPTION: Final = 1_000
MAX_OPTION_CELL: Final = 8_000
"""Characters of a cell that holds all options."""

MAX_RATIONALE: Final = 8_000
MAX_ID: Final = 64
MAX_SOURCE: Final = 500
NONE_PINNED: Final = "无"
"""How the column of pinned options says that there are none, whatever their wording."""

MAX_MARKS: Final = 100
"""Pictures of one block of text."""

_FIRST_MARK: Final = 0x10F000
"""Private characters stand for pictures within a text; no font has signs there."""

MAX_SHOWN: Final = 40
"""Characters of a cell that a message repeats."""

_SPEAKS_OF_PICTURE: Final = re.compile(
    r"(?:如|见|附|下|上|左|右|该|据|按)(?:面|列|边|方)?(?:的)?图(?![像纸书形标案文谱解表层例])|(?:^|[，。；：、,;:(（])图[中示](?![符例])"
)
"""Stems that cannot be answered without a picture: 如图, 下图, 附图, 图中."""

_YES: Final = frozenset({"是", "有", "yes", "y", "true", "1", "√"})


class RowText(msgspec.Struct):
    """The cells of a row, cleaned, with the pictures that lie in them."""

    header: Header
    cells: list[str]
    shown: dict[int, list[str]]
    """Pictures (SHA-256) by column."""
    lost_picture: bool
    """Whether the row has a picture that cannot be read."""
    said: dict[Role, str] = {}
    """What a role says where its cell says more than that: the parts of a stem that holds options."""
    literal: set[int] = set()
    """Columns whose cells are taken as they are: they were guarded."""
    placed: dict[str, str] = {}
    """Pictures (SHA-256) by the mark that stands for them in `said`."""

    def column(self, role: Role) -> int | None:
        """The column that plays a role."""
        return self.header.roles.get(role)

    def at(self, column: int | None) -> str:
        """The text in a column; empty beyond the row's end."""
        return "" if column is None or column >= len(self.cells) else self.cells[column]

    def text(self, role: Role) -> str:
        """The text of a role."""
        return self.said[role] if role in self.said else self.at(self.column(role))


class Found(msgspec.Struct, frozen=True):
    """A problem by its column; the sheet and the row are the caller's."""

    code: Code
    column: int | None
    facts: tuple[object, ...] = ()


def row_text(
    header: Header,
    cells: Sequence[str],
    anchored: Mapping[int, Sequence[Picture | None]],
    named: Mapping[str, Picture],
) -> RowText:
    """The row with the pictures anchored to it and those that its cells name by DISPIMG."""
    row = RowText(header, [], {}, lost_picture=False)
    split = header.roles[Role.STEM] if header.layout.in_stem else None
    for at, cell in enumerate(cells):
        literal = unguarded(cell, always=Role.PINNED in header.roles)
        if literal is not None:
            row.cells.append(literal)
            row.literal.add(at)
            continue
        text, names = named_pictures(cell)
        row.cells.append(cleaned(text))
        if at == split:
            _split(row, cell, names, named)
        else:
            _show(row, at, [named.get(name) for name in names])
    for column, held in anchored.items():
        _show(row, column, held)
    return row


def _show(row: RowText, column: int, pictures: Iterable[Picture | None]) -> None:
    for one in pictures:
        if one is None:
            row.lost_picture = True
        else:
            row.shown.setdefault(column, []).append(one.sha256)


def _split(row: RowText, cell: str, names: Sequence[str], named: Mapping[str, Picture]) -> None:
    """Tell stem and options of one cell apart, with the pictures that stand between the words."""
    for number, name in enumerate(names[:MAX_MARKS]):
        picture, mark = named.get(name), chr(_FIRST_MARK + number)
        cell = first_named(cell, mark if picture else "")
        if picture is None:
            row.lost_picture = True
        else:
            row.placed[mark] = picture.sha256
    stem, row.said[Role.OPTIONS] = split_stem(cleaned(cell))
    column = row.header.roles[Role.STEM]
    row.shown.setdefault(column, []).extend(row.placed[char] for char in stem if char in row.placed)
    row.said[Role.STEM] = "".join(char for char in stem if char not in row.placed).strip()


def read_row(row: RowText, stem: str) -> tuple[Item | None, list[Found]]:
    """The item of a row and its problems; no item when one rejects it. `stem` comes without its number."""
    found: list[Found] = []
    decision = _decision(row, found)
    _check_stem(row, stem, found)
    item = Item(
        id=ItemId(row.text(Role.ID)),
        kind=decision.kind,
        stem=stem,
        options=decision.options,
        key=decision.key,
        rationale=row.text(Role.RATIONALE),
        difficulty=_difficulty(row, found),
        outline=_outline(row, found),
        pictures=_own_pictures(row),
        set_id=row.text(Role.SET) or None,
        source=_source(row),
    )
    _check_score(row, found)
    _check_lengths(row, stem, decision, found)
    _check_pictures(row, item, found)
    if any(one.code.rejects for one in found):
        return None, found
    if not item.id:
        item = msgspec.structs.replace(item, id=derived_id(item.kind, item.stem, item.options, item.pictures))
    return item, found


def _decision(row: RowText, found: list[Found]) -> Decision:
    column = row.column(Role.KIND)
    kind: Kind | None = None
    if column is not None:
        try:
            kind = normalise.kind_of(row.at(column))
        except normalise.UnknownKind:
            found.append(Found(Code.TYPE, column, (row.at(column),)))
            return Decision(Kind.SINGLE, (), 0)
    offer = _offer(row)
    decision = decide(kind, offer, _key(row, offer), typed=column is not None)
    columns = {Role.KEY: row.column(Role.KEY), Role.OPTIONS: _options_column(row)}
    for fault in decision.faults:
        if fault.code is Code.NO_OPTIONS and row.header.layout is Layout.LOOKUP:
            found.append(Found(Code.LOOKUP, row.column(Role.KEY), (row.text(Role.KEY)[:MAX_SHOWN],)))
        else:
            found.append(Found(fault.code, columns.get(fault.role), fault.facts))
    if offer.mended and decision.kind is not Kind.JUDGE and decision.key:
        read = " ".join(f"{letter}.{one.text}" for letter, one in offer.options.items())
        found.append(Found(Code.OPTION_MARK, _options_column(row), (read,)))
    return decision


def _key(row: RowText, offer: Offer) -> str:
    """The key in letters; where options are numbered "2" is the second of them."""
    key = row.text(Role.KEY)
    numbers = normalise.key_numbers(key)
    if row.header.layout is not Layout.NUMBERED or numbers is None:
        return key
    held = "".join(chr(ord("A") + number - 1) for number in numbers)
    worded = {
        letter for letter, one in offer.options.items() if normalise.plain(one.text) == normalise.plain(key)
    }
    # Options may be numbers themselves: where "2" is the text of another one nobody can tell what it means.
    return f"{key}?" if worded - {held} else held


def _options_column(row: RowText) -> int | None:
    return row.column(Role.OPTIONS) if row.column(Role.OPTIONS) is not None else row.header.options.get(0)


def _offer(row: RowText) -> Offer:
    """The options by letter, from one cell or from a column each."""
    if not row.header.options:
        key = normalise.key_letters(row.text(Role.KEY)) or ""
        cell = row.text(Role.OPTIONS)
        cut = cut_options(cell[:MAX_OPTION_CELL], key)
        texts = {letter: _with_picture(row, text) for letter, text in sorted(cut.options.items())}
        return Offer(_pinned(texts), cell, cut.mended, cut.unsure)
    held: dict[str, tuple[str, str | None]] = {}
    for index, column in sorted(row.header.options.items()):
        pictures = row.shown.get(column, [])
        text = row.at(column)
        if text or pictures:
            held[chr(ord("A") + index)] = (text, pictures[0] if pictures else None)
    labelled = all(normalise.label_of(text) == letter for letter, (text, _) in held.items())
    if labelled and row.literal.isdisjoint(row.header.options.values()):
        held = {letter: (normalise.after_label(text), picture) for letter, (text, picture) in held.items()}
    return Offer(_as_told(row.text(Role.PINNED), _pinned(held)))


def _with_picture(row: RowText, text: str) -> tuple[str, str | None]:
    """An option's text without the marks of its pictures, and the first of these."""
    pictures = [row.placed[char] for char in text if char in row.placed]
    return "".join(char for char in text if char not in row.placed), pictures[0] if pictures else None


def _pinned(held: Mapping[str, tuple[str, str | None]]) -> dict[str, Option]:
    pinned = pinned_letters({letter: text for letter, (text, _) in held.items()})
    return {letter: Option(text, letter in pinned, picture) for letter, (text, picture) in held.items()}


def _as_told(told: str, options: dict[str, Option]) -> dict[str, Option]:
    """The options pinned as the sheet says, where it says anything."""
    if not told:
        return options
    pinned = "" if told == NONE_PINNED else normalise.key_letters(told) or ""
    return {letter: msgspec.structs.replace(one, pinned=letter in pinned) for letter, one in options.items()}


def _check_stem(row: RowText, stem: str, found: list[Found]) -> None:
    column = row.column(Role.STEM)
    if not stem and not any(
        row.shown.get(row.header.roles.get(one, -1)) for one in (Role.STEM, Role.PICTURE)
    ):
        found.append(Found(Code.STEM_EMPTY, column))


def _outline(row: RowText, found: list[Found]) -> str:
    for role in (Role.OUTLINE, Role.TOPIC):
        text = row.text(role)
        if not text or (role is Role.TOPIC and not normalise.looks_like_code(text)):
            continue
        code = normalise.outline_of(text)
        if code is not None:
            return code
        found.append(Found(Code.OUTLINE, row.column(role), (text,)))
    return ""


def _check_score(row: RowText, found: list[Found]) -> None:
    text = row.text(Role.SCORE)
    if text and not normalise.is_score(text):
        found.append(Found(Code.SCORE, row.column(Role.SCORE), (text,)))


def _difficulty(row: RowText, found: list[Found]) -> int:
    text = row.text(Role.DIFFICULTY)
    level = normalise.difficulty_of(text) if text else normalise.MEDIUM
    if level is None:
        found.append(Found(Code.DIFFICULTY, row.column(Role.DIFFICULTY), (text,)))
        return normalise.MEDIUM
    return level


def _source(row: RowText) -> str:
    texts = [row.at(column) for column in row.header.sources]
    topic = row.text(Role.TOPIC)
    if not normalise.looks_like_code(topic):
        texts.append(topic)
    return " / ".join(text for text in texts if text)[:MAX_SOURCE]


def _check_lengths(row: RowText, stem: str, decision: Decision, found: list[Found]) -> None:
    limits = [
        (row.column(Role.STEM), len(stem), MAX_STEM),
        (row.column(Role.OPTIONS), len(row.text(Role.OPTIONS)), MAX_OPTION_CELL),
        (row.column(Role.RATIONALE), len(row.text(Role.RATIONALE)), MAX_RATIONALE),
        (row.column(Role.ID), len(row.text(Role.ID)), MAX_ID),
    ]
    if row.header.options:
        limits += [(column, len(row.at(column)), MAX_OPTION) for column in row.header.options.values()]
    else:
        limits += [(row.column(Role.OPTIONS), len(one.text), MAX_OPTION) for one in decision.options]
    over = {column: (size, limit) for column, size, limit in reversed(limits) if size > limit}
    for column, (size, limit) in over.items():
        title = row.header.titles[column] if column is not None else ""
        found.append(Found(Code.TOO_LONG, column, (title, size, limit)))


def _own_pictures(row: RowText) -> tuple[str, ...]:
    """Pictures of the item itself: all that lie in no option's column, each once, from left to right."""
    columns = set(row.header.options.values())
    held = [
        one for column, pictures in sorted(row.shown.items()) if column not in columns for one in pictures
    ]
    return tuple(dict.fromkeys(held))


def _check_pictures(row: RowText, item: Item, found: list[Found]) -> None:
    column = row.column(Role.STEM)
    if row.lost_picture:
        found.append(Found(Code.IMAGE_MISSING, column, ("图片无法读取", "a picture cannot be read")))
    elif item.pictures or any(one.picture for one in item.options):
        return
    elif normalise.plain(row.text(Role.HAS_PICTURE)) in _YES or row.text(Role.PICTURE):
        at = row.column(Role.HAS_PICTURE) if row.text(Role.HAS_PICTURE) else row.column(Role.PICTURE)
        found.append(Found(Code.IMAGE_MISSING, at, ("本行没有图片", "the row holds none")))
    elif speaks_of_picture(item.stem):
        found.append(Found(Code.IMAGE_MISSING, column, ("本行没有图片", "the row holds none")))


def speaks_of_picture(stem: str) -> bool:
    """Whether a stem cannot be answered without a picture."""
    return _SPEAKS_OF_PICTURE.search(stem) is not None
