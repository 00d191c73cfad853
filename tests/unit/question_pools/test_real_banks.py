"""Real banks kept beside the checkout: what is taken in, and that each rejected row deserves it."""

from pathlib import Path

import pytest

from question_pools.blueprint import Cell
from question_pools.draw import DrawIndex
from question_pools.errors import NoHeader
from question_pools.exchange.bank import Import, diff, merged, read_bank
from question_pools.items import Kind, Pool
from question_pools.soundness import freeze
from tests.unit.question_pools.builders import blueprint, section

BANKS = Path(__file__).parents[4] / "shared" / "data" / "banks"

pytestmark = pytest.mark.skipif(
    not BANKS.is_dir(), reason="the real banks are third-party data kept beside the checkout, not in it"
)

FIGURES = {
    "crac2025_full.csv": ("L6", 1375, 1375, {"single": 1123, "multi": 252, "judge": 0}),
    "crac2025_class_a.csv": ("L6", 683, 683, {"single": 547, "multi": 136, "judge": 0}),
    "gtpx_一般企业安全管理员.xlsx": ("L4", 299, 299, {"single": 110, "multi": 60, "judge": 129}),
    "gtpx_省级低压电工题库.xlsx": ("L4", 628, 626, {"single": 321, "multi": 0, "judge": 305}),
    "gtpx_省级高处作业.xlsx": ("L4", 742, 741, {"single": 279, "multi": 168, "judge": 294}),
    "kr_construction_safety.json": ("L8", 600, 500, {"single": 500, "multi": 0, "judge": 0}),
    "gtpx_起重机械管理员.xlsx": ("L4", 347, 347, {"single": 120, "multi": 73, "judge": 154}),
}
REJECTED = {
    # Two options are marked B and the key is B; the key is C and no option is marked C.
    "gtpx_省级低压电工题库.xlsx": [(9, "E", "E_KEY_NOT_IN_OPTIONS"), (49, "E", "E_KEY_NOT_IN_OPTIONS")],
    # The key is BD; the text of D has run into C without any mark.
    "gtpx_省级高处作业.xlsx": [(404, "E", "E_KEY_NOT_IN_OPTIONS")],
    # The ids of the first hundred items of a subject are all used once more by the second hundred.
    "kr_construction_safety.json": [(row, "id", "E_DUP_ID") for row in range(101, 201)],
}


def taken(name: str) -> Import:
    return read_bank((BANKS / name).read_bytes(), name)


@pytest.mark.parametrize("name", FIGURES)
def test_a_real_bank_gives_these_figures_and_rejects_these_rows(name):
    held = taken(name)
    report = held.report
    assert (report.layout, report.rows, report.accepted, report.by_kind) == FIGURES[name]
    rejecting = [(p.row, p.column, p.code.value) for p in report.problems if p.code.rejects]
    assert rejecting == REJECTED.get(name, [])
    frozen = freeze(Pool("p", name, held.items), 1)
    again = diff(merged(Pool("p", name, ()), held), taken(name))
    assert (again.added, again.changed, len(again.unchanged)) == ((), (), len(frozen.items))


def test_the_real_template_is_known_by_its_header_and_its_explanation_is_left_out():
    template = BANKS.parent / "formats" / "bj_question_import_template.xls"
    report = read_bank(template.read_bytes(), template.name).report
    assert (report.layout, report.rows, report.problems) == ("L2", 0, ())


def test_the_real_template_for_scores_holds_no_items():
    template = BANKS.parent / "formats" / "bj_score_import_template.xls"
    with pytest.raises(NoHeader):
        read_bank(template.read_bytes(), template.name)


def test_two_pictures_of_a_workbook_reach_their_items():
    held = taken("gtpx_省级高处作业.xlsx")
    assert len(held.pictures) == 2
    assert sum(bool(one.pictures) for one in held.items) == 2


def test_the_right_option_that_comes_first_in_a_bank_is_spread_by_the_draw():
    held = taken("crac2025_full.csv")
    index = DrawIndex(
        freeze(Pool("crac", "CRAC", held.items), 1),
        blueprint(section(80, Cell(count=10, outline="1")), section(20, kind=Kind.MULTI, points_centi=200)),
    )
    slots = [slot for seed in range(20) for slot in index.draw(bytes([seed])).slots if slot.section == 0]
    shown_first = sum(slot.order[0] == 0 for slot in slots)
    assert 300 < shown_first < 500  # of 1,600, a quarter expected
