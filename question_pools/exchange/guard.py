"""Cells that a spreadsheet must not run and an import must not tidy: they begin with an apostrophe."""

from typing import Final

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that spreadsheet programs may take for a formula."""

_GUARD: Final = "'"


def guarded(text: str, *, tidied: bool) -> str:
    """The text as a cell may hold it; `tidied` when an import would change it otherwise."""
    return _GUARD + text if tidied or text.startswith((*_RISKY, _GUARD)) else text


def unguarded(cell: str, *, always: bool) -> str | None:
    """The text that a guarded cell stands for, to be taken literally; None when the cell is not guarded.

    Files of other programs may begin with a quotation mark: there (`always` False) only a guard before a
    character that needs one is undone.
    """
    if not cell.startswith(_GUARD) or not (always or cell[1:].startswith(_RISKY)):
        return None
    return cell[1:]
