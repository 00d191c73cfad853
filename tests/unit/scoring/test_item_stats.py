"""The statistics of items: worked by hand, held against references, and their laws."""

import csv
import json
import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import StatisticsNotSound
from scoring.item_stats import FEW, ExamStatistics, Flag, ItemFacts, Sat, statistics

SHARED = Path(__file__).parents[4] / "shared" / "data" / "psychometrics"
beside = pytest.mark.skipif(not SHARED.exists(), reason="the shared references are not beside this checkout")

A, B, C = 1, 2, 4
ABC = tuple(ItemFacts(version, key=A, options=3, worth_centi=100) for version in "xyz")
LADDER = (
    Sat(tuple("xyz"), (A, A, A), (100, 100, 100), (1000, 1000, 1000)),
    Sat(tuple("xyz"), (A, A, B), (100, 100, 0), (3000, None, 4000)),
    Sat(tuple("xyz"), (A, 0, C), (100, 0, 0), (2000, None, None)),
    Sat(tuple("xyz"), (B, C, C), (0, 0, 0), (None, None, None)),
)
"""Four people of totals 3, 2, 1, 0 points: whoever has a harder item right has the easier ones right."""


def marked(rows: list[list[int]], worth_centi: int = 1) -> ExamStatistics:
    """Statistics of a table of 0 and 1, every item with two options of which the first is right."""
    versions = tuple(f"i{place:02}" for place in range(len(rows[0])))
    return statistics(
        [ItemFacts(version, key=1, options=2, worth_centi=worth_centi) for version in versions],
        [
            Sat(versions, tuple(2 - cell for cell in row), tuple(cell * worth_centi for cell in row))
            for row in rows
        ],
    )


def table(name: str) -> list[list[int]]:
    with (SHARED / name).open(newline="") as opened:
        return [[int(cell) for cell in row] for row in list(csv.reader(opened))[1:]]


def test_discrimination_equals_the_values_worked_by_hand() -> None:
    x, y, z = statistics(ABC, LADDER).items
    assert [item.p for item in (x, y, z)] == [0.75, 0.5, 0.25]
    assert x.point_biserial == pytest.approx(math.sqrt(0.6), abs=1e-12)
    assert y.point_biserial == pytest.approx(2 / math.sqrt(5), abs=1e-12)
    assert x.corrected == z.corrected == pytest.approx(math.sqrt(3 / 11), abs=1e-12)
    assert y.corrected == pytest.approx(math.sqrt(0.5), abs=1e-12)
    assert [item.d27 for item in (x, y, z)] == [1.0, 1.0, 1.0]


def test_reliability_equals_the_values_worked_by_hand() -> None:
    got = statistics(ABC, LADDER)
    assert got.reliability is not None
    assert got.reliability.alpha == pytest.approx(0.75, abs=1e-12)
    assert got.reliability.kr20 == pytest.approx(0.75, abs=1e-12)
    assert got.reliability.sem_centi == pytest.approx(100 * math.sqrt(5 / 12), abs=1e-9)
    assert [item.alpha_without for item in got.items] == pytest.approx([8 / 11, 0.5, 8 / 11], abs=1e-12)
    assert got.complete
    assert got.candidates == 4


def test_the_distractor_table_equals_the_values_worked_by_hand() -> None:
    x, y, _ = statistics(ABC, LADDER).items
    right, wrong, untouched = x.options
    assert (right.right, right.count, right.share, right.mean_total_centi, right.idle) == (
        True,
        3,
        0.75,
        200,
        False,
    )
    assert (wrong.right, wrong.count, wrong.share, wrong.mean_total_centi, wrong.idle) == (
        False,
        1,
        0.25,
        0,
        False,
    )
    assert wrong.point_biserial == pytest.approx(-math.sqrt(0.6), abs=1e-12)
    assert (untouched.count, untouched.mean_total_centi, untouched.point_biserial, untouched.idle) == (
        0,
        None,
        None,
        True,
    )
    assert (x.blank, y.blank) == (0, 1)


def test_the_median_time_is_over_the_times_that_are_known() -> None:
    assert [item.median_ms for item in statistics(ABC, LADDER).items] == [2000, 1000, 2500]
    without = tuple(Sat(one.versions, one.picked, one.marks) for one in LADDER)
    assert [item.median_ms for item in statistics(ABC, without).items] == [None, None, None]


def test_kr20_asks_for_the_exact_answer_where_alpha_takes_the_points() -> None:
    halves = [Sat(("x", "y"), (A, A), marks) for marks in ((100, 100), (50, 100), (50, 0), (0, 0))]
    got = statistics(ABC, halves).reliability
    assert got is not None
    # Totals 2, 1.5, .5, 0 have variance .625, the items .125 and .25.
    # Rights 2, 1, 0, 0 have variance .6875, the items .1875 and .25.
    assert got.alpha == pytest.approx(2 * (1 - 0.375 / 0.625), abs=1e-12)
    assert got.kr20 == pytest.approx(2 * (1 - 0.4375 / 0.6875), abs=1e-12)


def test_nobody_exactly_right_leaves_kr20_undefined() -> None:
    got = statistics(ABC, [Sat(("x", "y"), (A, A), marks) for marks in ((50, 50), (50, 0), (0, 0))])
    assert got.reliability is not None
    assert got.reliability.kr20 is None


def test_equal_totals_stay_in_the_order_of_the_record_at_both_ends() -> None:
    got = marked([[1, 0], [0, 1], [1, 0], [0, 1]])
    assert [item.d27 for item in got.items] == [1.0, -1.0]


def test_of_eleven_people_two_make_a_tail() -> None:
    got = marked([[1, 1]] * 2 + [[0, 1]] * 7 + [[0, 0]] * 2)
    assert [item.d27 for item in got.items] == [1.0, 1.0]


def test_three_people_have_no_tails() -> None:
    assert [item.d27 for item in marked([[1], [0], [1]]).items] == [None]


def test_what_all_have_alike_correlates_with_nothing() -> None:
    got = marked([[1, 1, 1], [1, 1, 1]])
    assert got.reliability is None
    assert [(item.point_biserial, item.corrected, item.alpha_without) for item in got.items] == [
        (None, None, None)
    ] * 3


@pytest.mark.parametrize(
    ("items", "sat"),
    [
        (ABC, []),
        (ABC, [LADDER[0]]),
        (ABC, [Sat(("x",), (A,), (100,)), Sat(("x",), (B,), (0,))]),
        (ABC, [LADDER[0], LADDER[1], Sat(("x", "y"), (A, B), (100, 0))]),
        (ABC, [Sat(("x", "y"), (A, A), (100, 0)), Sat(("x", "z"), (A, A), (100, 100))]),
    ],
    ids=["nobody", "one person", "one item", "papers of two lengths", "an item that one person saw"],
)
def test_reliability_is_not_claimed_where_it_is_not_defined(items, sat) -> None:
    assert statistics(items, sat).reliability is None


@given(
    rows=st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=30),
    others=st.lists(st.booleans(), max_size=10),
)
def test_an_item_is_judged_by_those_alone_who_saw_it(rows, others) -> None:
    def sat(versions, row):
        return Sat(tuple(versions), (A,) * len(row), tuple(100 * cell for cell in row))

    seen = [sat("xyz", row) for row in rows]
    beside_them = [sat("w", [cell]) for cell in others]
    facts = [*ABC, ItemFacts("w", A, 3, 100)]
    alone = {item.version: item for item in statistics(facts, seen).items}
    for item in statistics(facts, [*beside_them, *seen]).items:
        if item.version != "w":
            before = alone[item.version]
            assert (item.seen, item.p, item.point_biserial) == (before.seen, before.p, before.point_biserial)
            assert (item.corrected, item.d27, item.options) == (before.corrected, before.d27, before.options)


@given(st.permutations(range(3)))
def test_the_order_of_the_slots_changes_nothing(order) -> None:
    turned = [
        Sat(
            tuple(one.versions[place] for place in order),
            tuple(one.picked[place] for place in order),
            tuple(one.marks[place] for place in order),
            tuple(one.took_ms[place] for place in order),
        )
        for one in LADDER
    ]
    assert statistics(ABC, turned) == statistics(ABC, LADDER)


def test_a_drawn_exam_says_that_it_is_not_complete_and_leaves_alpha_without_an_item_open() -> None:
    drawn = [Sat(("x", "y"), (A, A), (100, 0)), Sat(("y", "z"), (A, A), (100, 100))] * 3
    got = statistics(ABC, drawn)
    assert not got.complete
    assert got.reliability is not None
    assert {item.version: item.seen for item in got.items} == {"x": 3, "y": 6, "z": 3}
    assert {item.alpha_without for item in got.items} == {None}


def test_alpha_of_drawn_papers_weighs_an_item_by_those_who_saw_it() -> None:
    drawn = [
        Sat(("x", "y"), (A, A), (100, 100)),
        Sat(("x", "y"), (B, B), (0, 0)),
        Sat(("y", "z"), (A, B), (100, 0)),
        Sat(("y", "z"), (A, A), (100, 100)),
    ]
    got = statistics(ABC, drawn).reliability
    assert got is not None
    # Totals 2, 0, 1, 2 have variance 11/12; the items 1/2, 1/4 and 1/2, seen by 2, 4 and 2 of 4 people.
    assert got.alpha == pytest.approx(2 * (1 - (3 / 4) / (11 / 12)), abs=1e-12)


def test_nothing_is_concluded_from_forty_nine() -> None:
    upside_down = [[0, 1, 1], [1, 0, 0]] * FEW
    assert marked(upside_down[: FEW - 1]).items[0].flags == (Flag.FEW,)
    assert not marked(upside_down[: FEW - 1]).suspect_keys
    assert Flag.SUSPECT_KEY in marked(upside_down[:FEW]).items[0].flags


def test_the_suspect_keys_are_those_that_the_able_miss() -> None:
    got = marked([[0, 1, 1], [1, 0, 0]] * FEW)
    assert [item.version for item in got.suspect_keys] == ["i00"]


def test_too_easy_too_hard_and_idle_options_are_flagged() -> None:
    easy, hard, _ = marked([[1, 0, 1]] * 96 + [[0, 1, 0]] * 4).items
    assert easy.flags == (Flag.EASY, Flag.IDLE_OPTION)
    assert hard.flags == (Flag.HARD, Flag.WEAK, Flag.SUSPECT_KEY)


def test_an_item_of_middling_figures_has_no_flag() -> None:
    middling = marked([[1, 1, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1], [1, 0, 1]] * FEW)
    assert [item.flags for item in middling.items] == [(), (), ()]


@pytest.mark.parametrize(
    "sat",
    [
        Sat(("x",), (A, A), (100,)),
        Sat(("x",), (A,), ()),
        Sat(("x",), (A,), (100,), (1, 2)),
        Sat(("x", "x"), (A, A), (100, 100)),
        Sat(("unknown",), (A,), (100,)),
        Sat(("nothing",), (A,), (0,)),
    ],
    ids=["answers", "marks", "times", "twice", "unknown", "worth nothing"],
)
def test_a_paper_that_contradicts_itself_is_refused(sat) -> None:
    with pytest.raises(StatisticsNotSound) as refused:
        statistics([*ABC, ItemFacts("nothing", A, 3, 0)], [sat])
    assert refused.value.fact


@beside
def test_the_statistics_equal_the_inadequacy_reference() -> None:
    reference = json.loads((SHARED / "ctt_inadequacy_reference.json").read_text())
    got = marked(table("InadequacyData.csv"))
    for figure, name in [
        ("p", "p"),
        ("point_biserial", "pbis_incl"),
        ("corrected", "pbis_corrected"),
        ("d27", "D27"),
    ]:
        assert [getattr(item, figure) for item in got.items] == pytest.approx(
            reference[name], rel=0, abs=1e-6
        )
    assert got.reliability is not None
    assert got.reliability.alpha == pytest.approx(reference["alpha"][0], rel=0, abs=1e-6)
    assert got.reliability.kr20 == pytest.approx(reference["kr20_populationvar"][0], rel=0, abs=1e-6)


@beside
def test_the_statistics_equal_the_lsat_figures() -> None:
    rows = table("LSAT.csv")
    got = marked(rows, worth_centi=100)
    counts = Counter(sum(row) for row in rows)
    assert [counts[total] for total in range(6)] == [3, 20, 85, 237, 357, 298]
    close = {"rel": 0, "abs": 1e-6}
    assert [item.p for item in got.items] == pytest.approx([0.924, 0.709, 0.553, 0.763, 0.870], **close)
    assert [item.point_biserial for item in got.items] == pytest.approx(
        [0.3620104, 0.5667721, 0.6184398, 0.5344183, 0.4353664], **close
    )
    assert [item.corrected for item in got.items] == pytest.approx(
        [0.1128327, 0.1531781, 0.1727789, 0.1444281, 0.1215964], **close
    )
    assert [item.alpha_without for item in got.items] == pytest.approx(
        [0.2753562, 0.2375839, 0.2167995, 0.2459327, 0.2662944], **close
    )
    assert got.reliability is not None
    assert got.reliability.alpha == pytest.approx(0.2949972, **close)


@beside
def test_the_furthest_figure_is_told() -> None:
    reference = json.loads((SHARED / "ctt_inadequacy_reference.json").read_text())
    got = marked(table("InadequacyData.csv"))
    assert got.reliability is not None
    pairs = [
        (getattr(item, figure), expected)
        for figure, name in (
            ("p", "p"),
            ("point_biserial", "pbis_incl"),
            ("corrected", "pbis_corrected"),
            ("d27", "D27"),
        )
        for item, expected in zip(got.items, reference[name], strict=True)
    ]
    pairs.append((got.reliability.alpha, reference["alpha"][0]))
    furthest = max(abs(figure - expected) for figure, expected in pairs)
    print(f"item statistics: {len(pairs)} figures, the furthest {furthest:.1e} from the reference")  # noqa: T201 - the figure is what is asked for
    assert furthest <= 1e-6
