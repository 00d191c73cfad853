"""What is said of papers before one is drawn, held against papers really drawn."""

from collections import Counter
from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from msgspec.structs import replace

from question_pools.blueprint import Cell
from question_pools.draw import DrawIndex
from question_pools.items import Kind, version_of
from question_pools.outlook import outlook
from tests.unit.question_pools.builders import blueprint, item, item_set, many, section, version

LEVELS = (1, 2, 3, 4, 5, 5, 2, 1, 3, 4)
SETS = [item_set(f"s{n}", 1 + n % 3, outline="1.1", difficulty=1 + n % 5) for n in range(7)]
BANK = version(
    *(item(f"a{n}", outline="1.1", difficulty=LEVELS[n % 10]) for n in range(14)),
    *(item(f"b{n}", outline="1.2", difficulty=LEVELS[n * 3 % 10]) for n in range(20)),
    *(item(f"c{n}", outline="2.1", difficulty=LEVELS[n * 7 % 10]) for n in range(20)),
    *many(9, Kind.MULTI, prefix="m", difficulty=4),
    *(child for _, children in SETS for child in children),
    sets=tuple(one for one, _ in SETS),
)
NESTED = blueprint(
    section(12, Cell(count=4, outline="1"), Cell(count=3, outline="1.1")),
    section(3, kind=Kind.MULTI),
    section(5, kind=None),
)
CROSSING = blueprint(section(16, Cell(count=8, outline="1"), Cell(count=8, difficulty=5)))
CROSSING = replace(CROSSING, sections=(section(9, Cell(count=5, outline="1"), Cell(count=4, difficulty=5)),))
DRAWS = 3_000


@pytest.mark.parametrize(
    ("made", "exact"),
    [
        (NESTED, True),
        (replace(NESTED, share_percent=90), False),
        (CROSSING, False),
        (replace(CROSSING, share_percent=90), True),
    ],
)
def test_the_outlook_is_what_thousands_of_papers_show(made, exact):
    ahead = outlook(BANK, made)
    index = DrawIndex(BANK, made)
    place = {version_of(one): at for at, one in enumerate(BANK.items)}
    papers = [[place[slot.version] for slot in index.draw(n.to_bytes(4, "big")).slots] for n in range(DRAWS)]
    levels = [fmean(BANK.items[at].difficulty for at in paper) for paper in papers]
    counts = Counter(at for paper in papers for at in paper)
    tolerance = 0.045 if exact else 0.11
    assert ahead.exact is exact
    assert ahead.mean == pytest.approx(fmean(levels), abs=0.02 if exact else 0.06)
    assert ahead.spread == pytest.approx(pstdev(levels), rel=0.06 if exact else 0.15)
    assert all(abs(counts[at] / DRAWS - ahead.shares.get(at, 0)) < tolerance for at in range(len(BANK.items)))
    met = fmean(len(set(one) & set(other)) for one, other in pairwise(papers))
    assert ahead.common == pytest.approx(met, rel=0.04 if exact else 0.1)
    assert sum(ahead.levels) == pytest.approx(len(papers[0]))
    assert ahead.highest == pytest.approx(max(ahead.shares.values()))


def test_a_paper_of_the_whole_pool_has_no_spread():
    ahead = outlook(version(*many(4, difficulty=2), item("x", difficulty=5)), blueprint(section(5)))
    assert (ahead.mean, ahead.common, ahead.highest) == (
        pytest.approx(2.6),
        pytest.approx(5),
        pytest.approx(1),
    )
    assert ahead.spread == pytest.approx(0, abs=1e-6)
