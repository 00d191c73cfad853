"""Who is on a roster: rows of a sheet become entries, and every row that cannot is named with its reason."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from enrollment.errors import NotAMobileNumber, NotAnIdentityNumber, RosterUnreadable
from enrollment.identity import (
    TO_HALF_WIDTH,
    UNSEEN,
    Identity,
    normal_name,
    parse_identity,
    parse_mobile,
)

HEADING_ROWS: Final = 10
"""The heading is looked for in this many first rows: above it stand titles, units and notes."""

NAME_LENGTH_MAX: Final = 60
"""Characters of a name: the longest transliterated names in use are below 40."""

NUMBERS_EXACT_BELOW: Final = 1e15
"""From here on a sheet's numbers lose their last digits, so an identity number kept as a number is gone."""

HEADINGS: Final[Mapping[str, frozenset[str]]] = {
    "name": frozenset({"姓名", "考生姓名", "学员姓名", "人员姓名", "真实姓名", "名字", "name", "fullname"}),
    "identity": frozenset(
        {"身份证", "身份证号", "身份证号码", "身份证件号", "身份证件号码", "证件号", "证件号码"}
        | {"公民身份号码", "公民身份证号码", "居民身份证号码", "idnumber", "idno", "identitynumber"}
    ),
    "mobile": frozenset(
        {"手机", "手机号", "手机号码", "移动电话", "联系手机", "联系电话", "联系方式", "电话", "电话号码"}
        | {"phone", "phonenumber", "mobile"}
    ),
}
"""Headings by the column they mean, without blanks, marks and bracketed notes, in small letters."""


class Entry(msgspec.Struct, frozen=True):
    """One person of a roster."""

    row: int
    """The row number a person sees in the sheet."""
    name: str
    identity: Identity
    mobile: str
    """Eleven digits, or empty where the roster needs none."""


class Problem(msgspec.Struct, frozen=True):
    """What is wrong (`E_…`) or worth a look (`W_…`) in one row; the texts repeat no personal data."""

    row: int
    column: str
    """The heading as the sheet writes it."""
    code: str
    zh: str
    en: str


class Roster(msgspec.Struct, frozen=True):
    """Everything a sheet said; whether a roster with errors is taken in part is the caller's business."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    rows: int
    """Rows below the heading that are not blank."""

    @property
    def clean(self) -> bool:
        """Whether every row became an entry."""
        return not any(problem.code.startswith("E_") for problem in self.problems)


class Heading(msgspec.Struct, frozen=True):
    """Where the columns are."""

    at: int
    columns: Mapping[str, int]
    written: Mapping[str, str]


def parse_roster(
    rows: Sequence[Sequence[object]], *, today: date, first_row: int = 1, mobile_needed: bool = True
) -> Roster:
    """Read the rows of a sheet; `first_row` is the number a person sees beside `rows[0]`.

    Raises RosterUnreadable: no heading row with the columns it takes.
    """
    heading = find_heading(rows, mobile_needed=mobile_needed)
    reading = _Reading(heading, today=today, mobile_needed=mobile_needed)
    for at in range(heading.at + 1, len(rows)):
        reading.take(first_row + at, rows[at])
    return reading.finish()


class _Reading:
    """One pass over the rows below the heading."""

    def __init__(self, heading: Heading, *, today: date, mobile_needed: bool) -> None:
        self._heading = heading
        self._today = today
        self._mobile_needed = mobile_needed
        self._rows = 0
        self._entries: list[Entry] = []
        self._problems: list[Problem] = []

    def take(self, row: int, cells: Sequence[object]) -> None:
        if all(not cell_text(cell) for cell in cells):
            return
        self._rows += 1
        name = self._name(row, self._cell(cells, "name"))
        identity = self._identity(row, self._cell(cells, "identity"))
        mobile = self._mobile(row, self._cell(cells, "mobile"))
        if name is not None and identity is not None and mobile is not None:
            self._entries.append(Entry(row=row, name=name, identity=identity, mobile=mobile))

    def finish(self) -> Roster:
        entries = self._without_contradictions()
        self._note_shared_mobiles(entries)
        self._problems.sort(key=lambda problem: problem.row)
        return Roster(entries=entries, problems=tuple(self._problems), rows=self._rows)

    def _cell(self, cells: Sequence[object], column: str) -> object:
        at = self._heading.columns.get(column)
        return cells[at] if at is not None and at < len(cells) else None

    def _name(self, row: int, cell: object) -> str | None:
        name = normal_name(cell_text(cell))
        if not name:
            self._add(row, "name", "E_NAME_EMPTY", "姓名为空", "the name is empty")
            return None
        if len(name) > NAME_LENGTH_MAX or not any(letter.isalpha() for letter in name):
            self._add(row, "name", "E_NAME", "姓名不像人名", "the name does not look like one")
            return None
        return name

    def _identity(self, row: int, cell: object) -> Identity | None:
        if _digits_lost(cell):
            zh = "身份证号被表格存成了数字，末几位已丢失；请把该列设为文本后重新填写"
            en = "the sheet kept the identity number as a number, its last digits are lost: make it text"
            self._add(row, "identity", "E_IDENTITY_AS_NUMBER", zh, en)
            return None
        try:
            return parse_identity(cell_text(cell), today=self._today)
        except NotAnIdentityNumber as refused:
            self._add(row, "identity", "E_IDENTITY", refused.reason.zh, refused.reason.en)
            return None

    def _mobile(self, row: int, cell: object) -> str | None:
        text = cell_text(cell)
        if not text and not self._mobile_needed:
            return ""
        try:
            return parse_mobile(text)
        except NotAMobileNumber:
            if text:
                zh, en = "手机号应为 1 开头的 11 位数字", "a mobile number has 11 digits and begins with 1"
                self._add(row, "mobile", "E_MOBILE", zh, en)
            else:
                self._add(row, "mobile", "E_MOBILE_EMPTY", "手机号为空", "the mobile number is empty")
            return None

    def _without_contradictions(self) -> tuple[Entry, ...]:
        """One entry per identity number; none where its rows contradict each other."""
        held: dict[str, list[Entry]] = {}
        for entry in self._entries:
            held.setdefault(entry.identity.number, []).append(entry)
        kept: list[Entry] = []
        for first, *others in held.values():
            if self._agree(first, others):
                kept.append(first)
        return tuple(kept)

    def _agree(self, first: Entry, others: Sequence[Entry]) -> bool:
        agreed = True
        for other in others:
            if other.name != first.name:
                zh = f"与第 {first.row} 行身份证号相同而姓名不同"
                en = f"the same identity number as row {first.row} under another name"
                code, column = "E_TWO_NAMES", "name"
            elif other.mobile != first.mobile:
                zh = f"与第 {first.row} 行是同一人而手机号不同"
                en = f"the same person as in row {first.row} with another mobile number"
                code, column = "E_TWO_MOBILES", "mobile"
            else:
                zh = f"与第 {first.row} 行重复，只计一次"
                en = f"repeats row {first.row}; counted once"
                code, column = "W_DUP_ROW", "identity"
            agreed = agreed and code == "W_DUP_ROW"
            self._add(other.row, column, code, zh, en)
            if code != "W_DUP_ROW":
                again = f"与第 {other.row} 行互相矛盾"
                self._add(first.row, column, code, again, f"contradicts row {other.row}")
        return agreed

    def _note_shared_mobiles(self, entries: Sequence[Entry]) -> None:
        first_rows: dict[str, int] = {}
        for entry in entries:
            if not entry.mobile:
                continue
            first = first_rows.setdefault(entry.mobile, entry.row)
            if first != entry.row:
                zh = f"与第 {first} 行不同人而手机号相同，验证码会发到同一部手机"
                en = f"another person than row {first} with the same mobile number: codes go to one phone"
                self._add(entry.row, "mobile", "W_MOBILE_SHARED", zh, en)

    def _add(self, row: int, column: str, code: str, zh: str, en: str) -> None:
        written = self._heading.written.get(column, column)
        self._problems.append(Problem(row=row, column=written, code=code, zh=zh, en=en))


def find_heading(rows: Sequence[Sequence[object]], *, mobile_needed: bool) -> Heading:
    """Find the row that names name, identity number and mobile.

    Raises RosterUnreadable.
    """
    needed = ("name", "identity", "mobile") if mobile_needed else ("name", "identity")
    best: tuple[str, ...] = needed
    for at, cells in enumerate(rows[:HEADING_ROWS]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            meant = meaning(cell_text(cell))
            if meant is not None:
                columns.setdefault(meant, place)
        missing = tuple(column for column in needed if column not in columns)
        if not missing:
            written = {column: cell_text(cells[place]) for column, place in columns.items()}
            return Heading(at=at, columns=columns, written=written)
        best = min(best, missing, key=len)
    raise RosterUnreadable(best, searched_rows=HEADING_ROWS)


def meaning(text: str, headings: Mapping[str, frozenset[str]] = HEADINGS) -> str | None:
    """The column that a heading names."""
    without_notes = re.sub(r"[(（\[【].*?[)）\]】]", "", text.translate(TO_HALF_WIDTH).lower())
    bare = re.sub(r"[\s*:_\-.]", "", without_notes)
    return next((column for column, words in headings.items() if bare in words), None)


def cell_text(cell: object) -> str:
    """What a cell says, trimmed; whole numbers without the sheet's point."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():  # sheets keep whole numbers as floats
        return str(int(cell))
    return str(cell).strip(UNSEEN)


def _digits_lost(cell: object) -> bool:
    if isinstance(cell, (int, float)):
        return cell >= NUMBERS_EXACT_BELOW
    return re.fullmatch(r"[0-9](?:\.[0-9]+)?[eE]\+?1[0-9]", cell_text(cell)) is not None
