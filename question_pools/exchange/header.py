"""Finding the header of a sheet: which column holds what, told by synonyms in the first rows."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from question_pools.exchange.vocabulary import ROLES, SOURCES, Role

HEADER_ROWS: Final = 10
"""Rows in which a header is looked for: titles and notes come before it."""


class Layout(StrEnum):
    """The layouts told apart; docs call them by these names."""

    TEMPLATE = "L1"
    """All options in one cell and an id for each item: a provincial import template."""
    IN_STEM = "L2"
    """Options inside the cell of the stem."""
    WORD = "L3"
    """Blocks 【试题类型】 【题目】 【答案】 of a Word document."""
    ONE_CELL = "L4"
    """All options in one cell."""
    LOOKUP = "L5"
    """Stem and answer only, to look answers up: no options to choose from."""
    CRAC = "L6"
    """Columns J P I Q T A B C D."""
    BEAN = "L7"
    """Fields quType quContent quA … quF quAnswer of a training program."""
    NUMBERED = "L8"
    """Columns option1 … option4 and the number of the right one."""
    COLUMNS = "L9"
    """One column for each option."""

    @property
    def in_stem(self) -> bool:
        """Whether options are looked for behind the stem."""
        return self in (Layout.IN_STEM, Layout.WORD, Layout.LOOKUP)


_CRAC_ROLES: Final = {"I": Role.ID, "P": Role.OUTLINE, "Q": Role.STEM, "T": Role.KEY}
_BEAN_STEM: Final = "quContent"
_CRAC_NEEDS: Final = frozenset("IQTAB")
_OPTION: Final = re.compile(
    r"(?:(?:选项|答案|备选答案|备选项|option|choice)([a-z]|[1-9])|(?:qu)?([a-z])(?:选项)?)"
)
_NOTES: Final = re.compile(r"[(（【\[].*?[)）】\]]|[*\s:：_\-]")


class Header(msgspec.Struct, frozen=True):
    """Where things are in a sheet; columns are indices into its rows."""

    row: int
    """Index of the header row."""
    layout: Layout
    roles: dict[Role, int]
    options: dict[int, int]
    """Option index (A = 0) → column."""
    sources: tuple[int, ...]
    titles: tuple[str, ...]
    """The header cells as written, for messages."""


def find_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """The first row, of the first ten, that names at least a stem and a key; None where there is none."""
    for number, cells in enumerate(rows[:HEADER_ROWS]):
        header = _crac(number, cells) or _named(number, cells)
        if header is not None:
            return header
    return None


def _crac(number: int, cells: Sequence[str]) -> Header | None:
    names = [cell.strip() for cell in cells]
    if not set(names) >= _CRAC_NEEDS or len(set(names)) != len(names):
        return None
    return Header(
        row=number,
        layout=Layout.CRAC,
        roles={role: names.index(name) for name, role in _CRAC_ROLES.items() if name in names},
        options={ord(name) - ord("A"): at for at, name in enumerate(names) if name in tuple("ABCDEFGH")},
        sources=tuple(at for at, name in enumerate(names) if name == "J"),
        titles=tuple(names),
    )


def _named(number: int, cells: Sequence[str]) -> Header | None:
    roles: dict[Role, int] = {}
    options: dict[int, int] = {}
    sources: list[int] = []
    for at, cell in enumerate(cells):
        name = _NOTES.sub("", unicodedata.normalize("NFKC", cell)).casefold()
        if name in ROLES:
            roles.setdefault(ROLES[name], at)
        elif name in SOURCES:
            sources.append(at)
        elif (held := _OPTION.fullmatch(name)) is not None:
            options.setdefault(_option_index(held[1] or held[2]), at)
    if Role.STEM not in roles or Role.KEY not in roles:
        return None
    titles = tuple(cell.strip() for cell in cells)
    return header_of(number, roles, options, sources, titles)


def header_of(
    row: int,
    roles: Mapping[Role, int],
    options: Mapping[int, int],
    sources: Iterable[int],
    titles: Sequence[str],
) -> Header:
    """The header over these columns; where none holds options they are looked for in the stem."""
    layout = _layout(roles, options, titles)
    held = dict(roles)
    if layout.in_stem:
        held[Role.OPTIONS] = roles[Role.STEM]
    return Header(row, layout, held, dict(options), tuple(sources), tuple(titles))


def _layout(roles: Mapping[Role, int], options: Mapping[int, int], titles: Sequence[str]) -> Layout:
    if titles[roles[Role.STEM]] == _BEAN_STEM:
        return Layout.BEAN
    if options:
        numbered = all(titles[at].rstrip("）)]】 ")[-1:].isdigit() for at in options.values())
        return Layout.NUMBERED if numbered else Layout.COLUMNS
    if Role.OPTIONS in roles:
        return Layout.TEMPLATE if Role.ID in roles else Layout.ONE_CELL
    return Layout.IN_STEM if Role.KIND in roles else Layout.LOOKUP


def _option_index(name: str) -> int:
    return int(name) - 1 if name.isdigit() else ord(name) - ord("a")
