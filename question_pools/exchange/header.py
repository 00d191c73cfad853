"""Finding the header of a sheet: which column holds what, told by synonyms in the first rows."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from question_pools.exchange.vocabulary import ROLES, SOURCES, Role

HEADER_ROWS: Final = 10
"""Rows in which a header is looked for: titles and notes come before it."""


class Layout(StrEnum):
    """The layouts told apart; docs call them by these names."""

    ONE_CELL = "L4"
    """All options in one cell."""
    CRAC = "L6"
    """Columns J P I Q T A B C D."""
    COLUMNS = "L9"
    """One column for each option."""


_CRAC_ROLES: Final = {"I": Role.ID, "P": Role.OUTLINE, "Q": Role.STEM, "T": Role.KEY}
_CRAC_NEEDS: Final = frozenset("IQTAB")
_OPTION: Final = re.compile(r"(?:(?:选项|答案|备选答案|备选项|option|choice)([a-z]|[1-9])|([a-z])(?:选项)?)")
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
    layout = Layout.ONE_CELL if Role.OPTIONS in roles and not options else Layout.COLUMNS
    return Header(number, layout, roles, options, tuple(sources), tuple(cell.strip() for cell in cells))


def _option_index(name: str) -> int:
    return int(name) - 1 if name.isdigit() else ord(name) - ord("a")
