"""People with their employers: a roster with more columns, read the same way, every wrong row named."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from enrollment.employment import parse_role
from enrollment.errors import NotACreditCode, UsccFault
from enrollment.roster import Entry, Problem, Roster, cell_text, find_heading, meaning, parse_roster
from enrollment.uscc import parse_uscc

WORK_HEADINGS: Final[Mapping[str, frozenset[str]]] = {
    "employer": frozenset(
        {"单位", "单位名称", "工作单位", "企业名称", "公司名称", "用人单位", "employer", "company"}
    ),
    "uscc": frozenset(
        {"统一社会信用代码", "社会信用代码", "信用代码", "企业代码", "单位代码", "uscc", "creditcode"}
    ),
    "role": frozenset({"岗位", "职务", "岗位类别", "人员类别", "申报类别", "role", "position"}),
    "since": frozenset(
        {"入职日期", "入职时间", "聘用日期", "聘用起始日期", "开始日期", "since", "startdate"}
    ),
}
"""Headings of the columns that a roster does not have."""

EMPLOYER_LENGTH_MAX: Final = 120
"""Characters of an employer's name; the longest registered ones are below 60."""

_USCC_TEXTS: Final = {
    UsccFault.LENGTH: ("统一社会信用代码应为 18 位", "a credit code has 18 characters"),
    UsccFault.CHARACTERS: (
        "统一社会信用代码含有不允许的字符",
        "the credit code has characters it may not have",
    ),
    UsccFault.ORGANISATION_CHECK: (
        "统一社会信用代码中的组织机构代码校验不符",
        "the organisation code inside the credit code does not check",
    ),
    UsccFault.CHECK: (
        "统一社会信用代码校验码不符，请核对",
        "the check character of the credit code does not match",
    ),
}


class Work(msgspec.Struct, frozen=True):
    """Where a row says that its person works."""

    uscc: str
    employer: str
    role: str
    since: str
    """ISO date, or empty."""


class PeopleList(msgspec.Struct, frozen=True):
    """Everything a sheet said."""

    entries: tuple[tuple[Entry, Work | None], ...]
    problems: tuple[Problem, ...]
    rows: int

    @property
    def clean(self) -> bool:
        """Whether every row became an entry."""
        return not any(problem.code.startswith("E_") for problem in self.problems)


def parse_people(rows: Sequence[Sequence[object]], *, today: date, first_row: int = 1) -> PeopleList:
    """Read the rows of a sheet of people, with or without employers; a mobile number may be missing.

    Raises RosterUnreadable: no heading row with name and identity number.
    """
    roster = parse_roster(rows, today=today, first_row=first_row, mobile_needed=False)
    heading = find_heading(rows, mobile_needed=False)
    columns: dict[str, int] = {}
    for place, cell in enumerate(rows[heading.at]):
        meant = meaning(cell_text(cell), WORK_HEADINGS)
        if meant is not None:
            columns.setdefault(meant, place)
    reading = _Reading(columns, [cell_text(cell) for cell in rows[heading.at]], today)
    entries = tuple((one, reading.work(one.row, rows[one.row - first_row])) for one in roster.entries)
    return _list(roster, entries, reading.problems)


class _Reading:
    """The columns of employment, row by row."""

    def __init__(self, columns: Mapping[str, int], written: Sequence[str], today: date) -> None:
        self._columns = columns
        self._written = written
        self._today = today
        self._names: dict[str, str] = {}
        self.problems: list[Problem] = []

    def work(self, row: int, cells: Sequence[object]) -> Work | None:
        """What the row says of employment; None: nothing, or something wrong."""
        code, employer = cell_text(self._cell(cells, "uscc")), cell_text(self._cell(cells, "employer"))
        if not code:
            if employer:
                zh, en = "填了单位名称而没有统一社会信用代码", "an employer's name without its credit code"
                self._add(row, "employer", "E_USCC_EMPTY", zh, en)
            return None
        try:
            uscc = parse_uscc(code).code
        except NotACreditCode as refused:
            self._add(row, "uscc", "E_USCC", *_USCC_TEXTS[refused.reason])
            return None
        if len(employer) > EMPLOYER_LENGTH_MAX:
            self._add(row, "employer", "E_EMPLOYER", "单位名称过长", "the employer's name is too long")
            return None
        if employer and self._names.setdefault(uscc, employer) != employer:
            zh, en = (
                "同一信用代码在表中有不同的单位名称",
                "the same credit code under another name in this sheet",
            )
            self._add(row, "employer", "W_EMPLOYER_NAME", zh, en)
        role = parse_role(cell_text(self._cell(cells, "role")))
        if role is None:
            self._add(row, "role", "E_ROLE", "没有这种岗位类别", "no such kind of position")
            return None
        since = self._since(row, self._cell(cells, "since"))
        return None if since is None else Work(uscc, employer, role, since)

    def _since(self, row: int, cell: object) -> str | None:
        if isinstance(cell, datetime):
            found = cell.date()
        elif isinstance(cell, date):
            found = cell
        else:
            text = cell_text(cell)
            if not text:
                return ""
            found = _date(text)
        if found is None or found > self._today:
            zh, en = "入职日期应为不晚于今天的日期，如 2024-03-01", "a date not after today, as 2024-03-01"
            self._add(row, "since", "E_SINCE", zh, en)
            return None
        return found.isoformat()

    def _cell(self, cells: Sequence[object], column: str) -> object:
        at = self._columns.get(column)
        return cells[at] if at is not None and at < len(cells) else None

    def _add(self, row: int, column: str, code: str, zh: str, en: str) -> None:
        at = self._columns.get(column)
        written = self._written[at] if at is not None else column
        self.problems.append(Problem(row=row, column=written, code=code, zh=zh, en=en))


def others_facts(row: int, column: str) -> Problem:
    """The row is refused because of what others told; what it is only the person learns."""
    zh, en = "另有情形，请本人查询", "something else is known; the person can look it up themselves"
    return Problem(row=row, column=column, code="E_OTHER_FACTS", zh=zh, en=en)


def _list(
    roster: Roster, entries: tuple[tuple[Entry, Work | None], ...], problems: Sequence[Problem]
) -> PeopleList:
    every = sorted([*roster.problems, *problems], key=lambda problem: problem.row)
    return PeopleList(entries=entries, problems=tuple(every), rows=roster.rows)


def _date(text: str) -> date | None:
    parts = (
        text.replace("年", "-")
        .replace("月", "-")
        .replace("日", "")
        .replace("/", "-")
        .replace(".", "-")
        .split("-")
    )
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None
