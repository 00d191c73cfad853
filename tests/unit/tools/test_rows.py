"""The benchmark's rows: when one is void, what a void one tells, what one exam costs."""

from typing import Any

import msgspec
import pytest

from tools.bench.rows import Row, Spent, exam_cpu_ms, percentile, shown, why_void


def row(**changed: Any):
    fields = {
        "answered": 1000,
        "stored": 1000,
        "seconds": 0.5,
        "latencies_ms": [float(n) for n in range(1, 1001)],
        "spent": Spent(server=50_000.0, redis=10_000.0, database=5_000.0, worker=35_000.0),
    }
    return Row(**fields | changed)


@pytest.mark.parametrize("stored", [1000, 1001, 1010])
def test_a_row_counts_when_all_that_was_answered_is_stored(stored):
    assert why_void(row(stored=stored)) is None


@pytest.mark.parametrize("stored", [0, 999, 1011, 2000])
def test_a_row_is_void_when_more_or_less_is_stored_than_was_answered(stored):
    assert why_void(row(stored=stored)) == f"stored {stored} of 1000 answered"


def test_a_row_is_void_when_a_call_was_refused():
    assert why_void(row(refused=1)) is not None


def test_a_row_is_void_when_a_receipt_does_not_verify():
    assert why_void(row(false_receipts=1)) is not None


def test_a_row_without_answers_is_void():
    assert why_void(row(answered=0, stored=0)) is not None


def test_a_void_row_tells_its_ratio_and_the_reason_and_no_figure():
    told = msgspec.to_builtins(shown(row(stored=900), noop_us=40.0))

    assert told.pop("stored_ratio") == 0.9
    assert told.pop("answered") == 1000
    assert told.pop("void") == "stored 900 of 1000 answered"
    assert set(told.values()) == {None}


def test_a_good_row_tells_each_process_for_one_call():
    told = shown(row(), noop_us=40.0)

    assert (told.server_us, told.redis_us, told.db_us, told.worker_us) == (50.0, 10.0, 5.0, 35.0)
    assert (told.rps, told.share_of_noop, told.stored_ratio) == (2000.0, 0.8, 1.0)
    assert (told.p50_ms, told.p99_ms) == (501.0, 991.0)


def test_without_a_database_server_its_part_is_not_known():
    told = shown(row(spent=Spent(server=50_000.0)), noop_us=40.0)

    assert told.db_us is None


def test_slices_add_up():
    total = row()
    total.add(row(seconds=1.5))

    assert (total.answered, total.stored, total.seconds) == (2000, 2000, 2.0)
    assert (total.spent.server, total.spent.database) == (100_000.0, 10_000.0)


def test_an_exam_is_a_log_in_a_start_fifty_syncs_and_a_hand_in():
    each = shown(row(), noop_us=40.0)
    names = ("login_candidate", "start_live", "sync", "submit")

    assert exam_cpu_ms(dict.fromkeys(names, each)) == pytest.approx(53 * 0.1)


def test_an_exam_with_a_void_part_has_no_cost():
    each, void = shown(row(), noop_us=40.0), shown(row(stored=0), noop_us=40.0)

    assert exam_cpu_ms({"login_candidate": each, "start_live": each, "sync": void, "submit": each}) is None


@pytest.mark.parametrize(("values", "expected"), [([], 0.0), ([7.0], 7.0), ([3.0, 1.0, 2.0], 2.0)])
def test_the_median_is_the_middle_of_what_there_is(values, expected):
    assert percentile(values, 0.5) == expected
