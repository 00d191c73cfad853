"""Refusals, their rows in HTTP's table, and the page that tells clients about them are the same list."""

import importlib
import inspect
import re

from exam_api.http.problems import OUR_FAULT, ROWS, Row
from tests.house.sources import ROOT

MODULES = (
    "question_pools.errors",
    "scoring.errors",
    "enrollment.errors",
    "proctoring.errors",
    "exam_api.attempt.errors",
    "exam_api.accounts.errors",
    "exam_api.usecases.errors",
    "exam_api.http.errors",
    "exam_api.errors",
)

NEVER_TOLD: dict[str, str] = {
    "NotAMobileNumber": "told inside a roster's report, row by row",
    "NotATicketNumber": "told as login-refused: the reply must not say which part was wrong",
    "PlanNotSound": "profiles are data of the house; a test reads them all",
}
"""Refusals that no client meets, with the reason."""


def leaves() -> dict[str, type[Exception]]:
    """Every refusal that has no kinds of its own."""
    return {
        kind_name: kind
        for name in MODULES
        for kind_name, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == name and not kind.__subclasses__()
    }


def rows() -> list[Row]:
    return [*ROWS.values(), OUR_FAULT]


def test_every_refusal_has_a_row_or_a_reason():
    lacking = [name for name, kind in leaves().items() if not set(kind.__mro__) & ROWS.keys()]
    assert sorted(set(lacking) - NEVER_TOLD.keys()) == []
    assert sorted(NEVER_TOLD.keys() - set(lacking)) == [], "these have a row now: take them off the list"


def test_the_slugs_are_documented_and_nothing_else():
    text = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z0-9-]+)` \|", text, flags=re.MULTILINE)
    assert sorted(told) == sorted(row.slug for row in rows())


def test_no_two_refusals_share_a_slug():
    slugs = [row.slug for row in rows()]
    assert sorted(slugs) == sorted(set(slugs))


def test_every_problem_has_a_title_in_both_languages():
    assert [row.slug for row in rows() if not row.title or not re.search("[一-鿿]", row.zh)] == []
