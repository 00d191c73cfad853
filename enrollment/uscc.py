"""The unified social credit code of an employer or institution (GB 32100-2015)."""

import re
from typing import Final

import msgspec

from enrollment.errors import NotACreditCode, UsccFault
from enrollment.identity import TO_HALF_WIDTH, UNSEEN

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a code: no I, O, S, V, Z, which are read as digits or each other."""

WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
"""Weights of the first 17 characters: powers of 3 modulo 31."""

ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the eight characters of the organisation code inside (GB 11714-1997)."""

ORGANISATION_CHECKS: Final = "0X987654321"
"""Check character of the organisation code by the weighted sum modulo 11."""

LENGTH: Final = 18
"""Characters of a code."""


class CreditCode(msgspec.Struct, frozen=True):
    """A sound code and what it says."""

    code: str
    department: str
    """The registering department and the kind of entity, two characters."""
    division: str
    """Six digits of the registering authority's place."""
    organisation: str
    """The nine characters of the organisation code."""


def parse_uscc(text: str) -> CreditCode:
    """Read a code as people type it: full-width, small letters, blanks around.

    Raises NotACreditCode with the first reason that applies. Source: GB 32100-2015, GB 11714-1997.
    """
    code = text.translate(TO_HALF_WIDTH).strip(UNSEEN).upper()
    if len(code) != LENGTH:
        raise NotACreditCode(UsccFault.LENGTH)
    if re.fullmatch(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}", code) is None:
        raise NotACreditCode(UsccFault.CHARACTERS)
    organisation = code[8:17]
    if _organisation_check(organisation[:8]) != organisation[8]:
        raise NotACreditCode(UsccFault.ORGANISATION_CHECK)
    if check_character(code[:17]) != code[17]:
        raise NotACreditCode(UsccFault.CHECK)
    return CreditCode(code=code, department=code[:2], division=code[2:8], organisation=organisation)


def check_character(body: str) -> str:
    """Give the check character of the first 17."""
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def _organisation_check(body: str) -> str:
    # here letters count as in base 36, unlike in the code around it
    total = sum(int(letter, 36) * weight for letter, weight in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return ORGANISATION_CHECKS[total % 11]
