"""The plan for N candidates follows from costs and shapes; the page in docs says what it was made from."""

import math
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from exam_api import capacity
from exam_api.capacity import Bench, Cost, NoFigures, Sizes, plan_capacity
from exam_api.cli.entry import application
from exam_api.settings import Settings
from loadtest import habits
from loadtest.shapes import TIERS
from tools.capacity import PAGE, figures_of, page

SIZES = Sizes(ops=97.5, redis=10_000, database=40_000, start_reply=12_000, sync_reply=300, submit_reply=1_000)
COST = Cost(server_us=1_000.0, redis_us=50.0, db_us=100.0, worker_us=500.0)
BENCH = Bench(dict.fromkeys(("login_candidate", "start_live", "sync", "submit"), COST))


def test_cores_are_calls_times_their_cost_with_room_to_spare():
    plan = plan_capacity(20_000, BENCH, SIZES)
    answering = 20_000 * (97.5 / 2_700 + 0.1)
    assert plan.phases["answering"].cores["server"] == pytest.approx(answering * 0.001)
    busiest = max(phase.cores["server"] for phase in plan.phases.values())
    assert plan.api_cores == math.ceil(busiest / 0.6)
    assert plan.api_machines == math.ceil(plan.api_cores / 8) + 1


def test_bytes_grow_with_the_candidates():
    plan = plan_capacity(20_000, BENCH, SIZES)
    assert (plan.redis_mb, plan.database_mb) == (200.0, 800.0)
    shorter = msgspec.structs.replace(SIZES, ops=9.75)
    assert plan_capacity(20_000, BENCH, shorter).redis_mb == pytest.approx(2_000.0)
    assert plan.pictures_gb == pytest.approx(24.0)  # 30 pictures of 40 KB each
    assert plan.up_mbit == pytest.approx(20_000 / 120 * 40_000 * 8 / 1e6)


def test_the_log_is_kept_for_its_minutes_and_the_rest_does_not_grow_with_answers():
    sizes = msgspec.structs.replace(SIZES, log_entry=200.0, redis_log=2_000.0)
    plan = plan_capacity(20_000, BENCH, sizes)
    per_candidate = 200 * 97.5 / 2_700 * 60 * 90
    assert plan.log_mb == pytest.approx(20_000 * per_candidate / 1e6)
    assert plan.redis_mb == pytest.approx(20_000 * (10_000 - 2_000 + per_candidate) / 1e6)
    shorter = plan_capacity(20_000, BENCH, sizes, log_kept_minutes=9)
    assert plan.redis_mb - shorter.redis_mb == pytest.approx(plan.log_mb * 0.9)


def test_the_log_is_kept_as_long_as_the_service_keeps_it_by_itself():
    assert Settings(data_dir=Path("x"), secret="s" * 64).log_kept_minutes == capacity.LOG_KEPT_MINUTES


def test_a_paper_prepared_before_the_opening_counts_where_it_was_measured():
    cheap = Cost(server_us=10.0)
    plan = plan_capacity(1_000, Bench({**BENCH.endpoints, "start_prepared": cheap}), SIZES)
    assert "start_prepared" in plan.phases["arriving"].rates
    assert not plan.snapshots_costed


def test_a_void_row_of_the_benchmark_is_no_figure():
    with pytest.raises(NoFigures) as refused:
        plan_capacity(1_000, Bench({**BENCH.endpoints, "sync": Cost()}), SIZES)
    assert refused.value.endpoint == "sync"


def test_the_busiest_ten_seconds_are_those_of_the_load_test():
    share = sum(habits.arrival_s((n + 0.5) / 10_000, 60.0) < 10 for n in range(10_000)) / 10_000 / 10
    assert share == pytest.approx(capacity.ARRIVE_BUSIEST, abs=0.0001)


def test_tiers_and_shares_are_those_of_the_load_test():
    assert {name: TIERS[name].candidates for name in ("S", "P")} == {
        name: capacity.TIERS[name] for name in ("S", "P")
    }
    assert {(TIERS[name].hand_in_share, TIERS[name].hand_in_s) for name in ("S", "P")} == {
        (capacity.HAND_IN_SHARE, capacity.HAND_IN_S)
    }


def test_the_command_gives_the_plan_or_says_what_to_run_first(tmp_path):
    bench, sizes = tmp_path / "bench.json", tmp_path / "sizes.json"
    words = ["plan-capacity", "--candidates", "5000", "--bench", str(bench), "--load", str(sizes)]
    app = application(words)
    lacking = CliRunner().invoke(app, words)
    assert lacking.exit_code == 1
    assert "make bench" in lacking.stderr
    bench.write_bytes(msgspec.json.encode(BENCH))
    sizes.write_bytes(msgspec.json.encode(SIZES))
    told = CliRunner().invoke(app, [*words, "--json"])
    assert msgspec.json.decode(told.stdout)["candidates"] == 5_000
    assert "5,000" in CliRunner().invoke(app, words).stdout


def test_the_page_in_docs_is_what_its_figures_give():
    held = PAGE.read_text(encoding="utf-8")
    assert page(figures_of(held)) == held
