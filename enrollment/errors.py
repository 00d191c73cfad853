"""What enrollment refuses; each refusal carries a reason with a stable code and its texts."""

from enum import StrEnum


class IdentityFault(StrEnum):
    """Why a text is no identity number. Stored values: never renamed, never translated."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"
    DIVISION = "division"
    DATE = "date"
    FUTURE = "future"
    CHECK = "check"

    @property
    def zh(self) -> str:
        """What the person who filled the list is told."""
        return _IDENTITY_TEXTS[self][0]

    @property
    def en(self) -> str:
        """What the person who filled the list is told."""
        return _IDENTITY_TEXTS[self][1]


_IDENTITY_TEXTS = {
    IdentityFault.EMPTY: ("身份证号为空", "the identity number is empty"),
    IdentityFault.LENGTH: ("身份证号应为 18 位", "an identity number has 18 characters"),
    IdentityFault.CHARACTERS: (
        "身份证号前 17 位应为数字，末位应为数字或 X",
        "an identity number is 17 digits and a digit or X",
    ),
    IdentityFault.DIVISION: (
        "身份证号前两位不是省级地区代码",
        "the identity number does not begin with a province code",
    ),
    IdentityFault.DATE: (
        "身份证号中的出生日期不存在",
        "the birth date in the identity number does not exist",
    ),
    IdentityFault.FUTURE: (
        "身份证号中的出生日期晚于今天",
        "the birth date in the identity number lies in the future",
    ),
    IdentityFault.CHECK: (
        "身份证号校验码不符，请核对是否输错",
        "the check character of the identity number does not match",
    ),
}


class NotAnIdentityNumber(Exception):
    """A text is no citizen identity number of GB 11643; the text itself is never repeated."""

    def __init__(self, reason: IdentityFault) -> None:
        super().__init__(reason.en)
        self.reason = reason


class NotAMobileNumber(Exception):
    """A text is no mainland mobile number; the text itself is never repeated."""

    def __init__(self) -> None:
        super().__init__("a mobile number has 11 digits and begins with 13 to 19")


class UsccFault(StrEnum):
    """Why a text is no unified social credit code. Stored values: never renamed, never translated."""

    LENGTH = "length"
    CHARACTERS = "characters"
    ORGANISATION_CHECK = "organisation_check"
    CHECK = "check"


class NotACreditCode(Exception):
    """A text is no unified social credit code of GB 32100."""

    def __init__(self, reason: UsccFault) -> None:
        super().__init__(f"not a unified social credit code: {reason}")
        self.reason = reason


class NotATicketNumber(Exception):
    """A ticket number was asked for, or given, that has not the shape YY + PPP + SSSS."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class RosterUnreadable(Exception):
    """A roster has no heading row with the columns it needs within its first rows."""

    def __init__(self, missing: tuple[str, ...], *, searched_rows: int) -> None:
        super().__init__(f"no heading row with {', '.join(missing)} in the first {searched_rows} rows")
        self.missing = missing
        self.searched_rows = searched_rows
