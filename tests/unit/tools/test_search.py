"""The search for the largest number: guesses from who got in, ends in time; one run in a folder."""

from pathlib import Path

import msgspec
import pytest

from loadtest.limits import Verdict, read_limits
from loadtest.report import Run
from loadtest.shapes import TIERS
from tools.load.search import RUNS_MOST, STEADY_S, Found, quick, search
from tools.load.sole import RunsAlready, alone_in

LIMITS = read_limits("P")


class Service:
    """Lets so many in within the minute, the rest later; each run takes a while."""

    def __init__(self, *, holds: int, takes_s: float = 100.0) -> None:
        self.holds, self.takes_s = holds, takes_s
        self.now_s = 0.0
        self.tried: list[int] = []

    def run(self, candidates: int) -> Run:
        self.tried.append(candidates)
        self.now_s += self.takes_s
        last_s = 60.0 * candidates / self.holds
        verdict = Verdict(
            zh="", en="last paper after, s", limit="≤ 60", measured=f"{last_s}", held=last_s <= 60
        )
        return Run(
            shape=msgspec.structs.replace(quick(TIERS["P"]), candidates=candidates),
            driver="x",
            seconds=1,
            verdicts=[verdict],
            summaries={},
            counted={},
            cpu_ms_each={"api": 7.0, "driver-1": 90.0},
            memory_mb={},
            pokes=0,
            refusals=[],
            machine={},
            points=[],
            last_start_s=last_s,
            served=True,
        )

    def found(self, most: int = 20_000, budget_s: float = 1_200.0) -> Found:
        return search(self.run, most=most, limits=LIMITS, now_s=lambda: self.now_s, budget_s=budget_s)


def test_who_holds_the_whole_number_is_asked_once():
    service = Service(holds=20_000)
    assert service.found().largest is not None
    assert service.tried == [20_000]


@pytest.mark.parametrize("holds", [1_000, 3_400, 8_000, 12_700, 19_500])
def test_the_number_is_exact_to_a_step_in_few_runs(holds: int):
    service = Service(holds=holds)
    largest = service.found().largest
    assert largest is not None
    assert largest.candidates == holds // 1_000 * 1_000
    assert len(service.tried) <= RUNS_MOST


def test_no_run_is_begun_that_would_end_too_late():
    service = Service(holds=8_400, takes_s=400.0)
    found = service.found(budget_s=1_200.0)
    assert service.now_s <= 1_200
    assert found.largest is not None
    assert len(service.tried) >= 2


def test_what_can_be_quoted_names_the_number_and_what_broke_beyond_it():
    lines = Service(holds=12_700).found().lines()
    assert lines[-1].startswith("最多 largest number that holds: 12,000, CPU ms a candidate 7.0")
    assert "broken: last paper after, s" in lines[-1]
    assert any("BROKEN, late" in line for line in lines)


def test_a_search_keeps_the_first_minute_and_the_burst():
    whole, part = TIERS["P"], quick(TIERS["P"])
    assert (part.arrive_s, part.opens_s, part.hand_in_s, part.hand_in_share) == (
        whole.arrive_s,
        whole.opens_s,
        whole.hand_in_s,
        whole.hand_in_share,
    )
    assert part.steady_s == STEADY_S


def test_two_runs_do_not_share_a_folder(tmp_path: Path):
    with alone_in(tmp_path / "P-asyncio"):
        with pytest.raises(RunsAlready) as told, alone_in(tmp_path / "P-asyncio"):
            pass
        assert told.value.by.isdigit()
        with alone_in(tmp_path / "S-asyncio"):
            pass
    with alone_in(tmp_path / "P-asyncio"):
        pass
