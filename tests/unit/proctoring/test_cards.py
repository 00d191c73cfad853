"""Figures of a measurement: intervals, bars at their edge, and the page that is written from them."""

import re
from pathlib import Path

import pytest

from proctoring import faces, signs
from proctoring.card_page import page_of
from proctoring.cards import Card, Error, Row, told, wilson

PAGE = Path(__file__).parents[3] / "docs" / "proctoring.md"
ROWS = [
    Row(what="single face: exactly one", condition="clean", right=98, n=100, bar=0.98),
    Row(what="empty scene: none", condition="clean", right=97, n=100, bar=0.99),
    Row(what="animal: none", condition="clean", right=5, n=10),
]
ERROR = Error(rate=0.015, low=0.008, high=0.021, same=300, different=300, bar=0.015)
CARD = Card(
    pipeline="packages only (yuface)",
    versions=["yuface 2023.5.1"],
    set_name="faces",
    pictures=210,
    date="2026-11-23",
    rows=ROWS,
    error=ERROR,
    limits=[("limits.present", 0.6)],
)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (138, 140, 0.9494, 0.9961), (50, 100, 0.4038, 0.5962)],
)
def test_intervals_are_wilson_s(right, n, low, high):
    assert wilson(right, n) == pytest.approx((low, high), abs=1e-4)


def test_of_no_pictures_nothing_is_known():
    assert wilson(0, 0) == (0.0, 1.0)
    assert not Row(what="x", condition="y", right=0, n=0, bar=0.1).reached


def test_a_bar_is_reached_exactly():
    assert [row.reached for row in ROWS] == [True, False, True]
    assert ERROR.reached


def test_the_page_holds_every_figure_with_its_number_and_interval():
    page = page_of([CARD])
    assert f"| single face: exactly one | clean | 98 / 100 | {told(ROWS[0])} | ≥ 98.0 | reached |" in page
    assert "| empty scene: none | clean | 97 / 100 | 97.0 (91.5-99.0) | ≥ 99.0 | **missed** |" in page
    assert "1.5 (0.8-2.1) | ≤ 1.5 | reached |" in page
    assert "| `limits.present` | 0.6 |" in page
    assert "2026-11-23" in page
    assert "`faces`, 210 pictures" in page


def test_the_same_measurement_writes_the_same_page():
    assert page_of([CARD, CARD]).count("packages only (yuface)") == 4
    assert page_of([CARD]) == page_of([CARD])


def test_the_page_in_docs_was_measured_at_the_thresholds_in_use():
    told = re.findall(
        r"^\| `(faces|signs)\.([A-Z_]+)` \| (\S+) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert told
    modules = {"faces": faces, "signs": signs}
    assert [name for where, name, value in told if f"{getattr(modules[where], name):g}" != value] == []
