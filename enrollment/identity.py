"""Citizen identity numbers, names and mobile numbers: what is sound, and what of them may be shown."""

import re
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from enrollment.errors import IdentityFault, NotAMobileNumber, NotAnIdentityNumber

NUMBER_LENGTH: Final = 18
"""Characters of an identity number since GB 11643-1999; the 15 of before ended in 2013."""

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the first 17 digits (GB 11643-1999: ISO 7064 MOD 11-2)."""

CHECKS: Final = "10X98765432"
"""Check character by the weighted sum modulo 11."""

PROVINCES: Final = frozenset(
    re.findall(
        "..",
        "1112131415212223313233343536374142434445465051525354616263646571818283",
    )
)
"""First two digits in use: GB/T 2260; 81-83 are residence permits of Hong Kong, Macao and Taiwan."""

TO_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width ASCII to its plain form. Narrower than NFKC on purpose: ① or ⅹ must not become a digit."""

UNSEEN: Final = " \t\r\n\u00a0\ufeff\u200b\u200c\u200d\u2060'"
"""What is trimmed off both ends: blanks, invisible characters, the apostrophe that forces text in a sheet."""

DOTS: Final = re.compile(r"\s*[·•・‧∙⋅﹒．.\u2022\u00b7]\s*")
"""The ways people type the dot inside a transliterated name; all become the one of GB 18030, U+00B7."""

BETWEEN_HAN: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
"""Blanks that pad a two-character name to the width of three."""

MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
"""A mainland mobile number."""

COMPOUND_SURNAMES: Final = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙"
        "慕容仲孙钟离长孙宇文司徒鲜于司空闾丘令狐百里呼延东郭南门西门左丘纳兰第五拓跋轩辕完颜耶律",
    )
)
"""Surnames of two characters, shown whole in a masked name of three or more characters."""


class Sex(StrEnum):
    """The sex that the serial encodes. Stored values: never renamed, never translated."""

    FEMALE = "female"
    MALE = "male"


class Identity(msgspec.Struct, frozen=True):
    """A sound identity number and what it says."""

    number: str
    """18 characters, half-width, X in capitals."""
    division: str
    """Six digits of the place of first registration."""
    birth: date
    sex: Sex

    def __repr__(self) -> str:
        """Stay masked where a value is printed by accident."""
        return f"Identity({mask_identity(self.number)})"


def parse_identity(text: str, *, today: date) -> Identity:
    """Read an identity number as people type it: full-width, small x, blanks around.

    Raises NotAnIdentityNumber with the first reason that applies. Source: GB 11643-1999.
    """
    number = text.translate(TO_HALF_WIDTH).strip(UNSEEN).upper()
    if not number:
        raise NotAnIdentityNumber(IdentityFault.EMPTY)
    if len(number) != NUMBER_LENGTH:
        raise NotAnIdentityNumber(IdentityFault.LENGTH)
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) is None:
        raise NotAnIdentityNumber(IdentityFault.CHARACTERS)
    if number[:2] not in PROVINCES:
        raise NotAnIdentityNumber(IdentityFault.DIVISION)
    birth = _birth(number)
    if birth > today:
        raise NotAnIdentityNumber(IdentityFault.FUTURE)
    if check_character(number[:17]) != number[17]:
        raise NotAnIdentityNumber(IdentityFault.CHECK)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return Identity(number=number, division=number[:6], birth=birth, sex=sex)


def check_character(body: str) -> str:
    """Give the check character of the first 17 digits."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def parse_mobile(text: str) -> str:
    """Read a mainland mobile number: full-width digits, blanks, hyphens and +86 are put right.

    Raises NotAMobileNumber.
    """
    plain = re.sub(r"[\s\-]", "", text.translate(TO_HALF_WIDTH).strip(UNSEEN))
    number = re.sub(r"^(?:\+|00)?86(?=1[0-9]{10}$)", "", plain)
    if MOBILE.fullmatch(number) is None:
        raise NotAMobileNumber
    return number


def normal_name(text: str) -> str:
    """Bring a name into the form in which two writings of it are compared; may be empty.

    Blanks that pad Chinese characters go, inner blanks of other scripts become one, dots become U+00B7.
    """
    one_blank = " ".join(text.translate(TO_HALF_WIDTH).split())
    return BETWEEN_HAN.sub("", DOTS.sub("·", one_blank.strip(UNSEEN)))


def mask_name(name: str) -> str:
    """Keep the surname: 张三丰 → 张**, 欧阳娜娜 → 欧阳**; a name of one character shows nothing."""
    if len(name) < 2:  # noqa: PLR2004 - one character would be the whole name
        return "*" * len(name)
    shown = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1  # noqa: PLR2004 - surname lengths
    return name[:shown] + "*" * (len(name) - shown)


def mask_identity(number: str) -> str:
    """Show the first six and the last four, for staff lists: 630102********0013."""
    return _masked(number, first=6, last=4)


def mask_identity_in_public(number: str) -> str:
    """Show the first and the last character, for lists anybody may read."""
    return _masked(number, first=1, last=1)


def mask_mobile(number: str) -> str:
    """Show the first three and the last four: 138****0000."""
    return _masked(number, first=3, last=4)


def _masked(text: str, *, first: int, last: int) -> str:
    hidden = len(text) - first - last
    if hidden <= 0:  # too short to show ends without showing all
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[-last:]


def _birth(number: str) -> date:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise NotAnIdentityNumber(IdentityFault.DATE) from None
