"""What judges a load test would notice what it is there to notice."""

from uuid import UUID

import msgspec
import pytest

from exam_api.record import HeldAttempt
from loadtest.book import Book, Kept, Sample, read_homes, read_samples
from loadtest.curves import Point, latencies, quantile, rates, summed_up
from loadtest.limits import Facts, judge, read_limits
from loadtest.ops import ANSWER, Outbox, packed
from loadtest.report import Run, write_report
from loadtest.shapes import TIERS
from loadtest.steps import Ask, Reply
from loadtest.waiting import start_bytes_most, waiting_of
from tools.load.counted import count

ATTEMPT = UUID(int=7)


def _sample(at_s: float, took_ms: float, *, status: int = 200, late_ms: float = 0.0) -> Sample:
    return Sample("sync", status, at_s, took_ms, late_ms, 100)


def _box(ops: int = 3) -> Outbox:
    box = Outbox(ATTEMPT, 1)
    for number in range(ops):
        box.add(ANSWER, number, bytes(16), 1, 1_000 + number)
    return box


def _kept(box: Outbox, **more: object) -> Kept:
    end = len(box.ops)
    kept = Kept(attempt_id=ATTEMPT, came=True, logged_in=True, started_s=1.0, fence=1)
    kept.seq, kept.head = end, box.head_at(end) or ""
    for name, value in more.items():
        setattr(kept, name, value)
    return kept


def _held(ops: bytes, *, started_ms: int = 5) -> dict[UUID, HeldAttempt]:
    held = HeldAttempt(
        attempt_id=ATTEMPT,
        fence=1,
        storage_key="k",
        started_ms=started_ms,
        deadline_ms=9,
        ops=ops,
        closed_ms=0,
        close_kind=None,
        result=None,
    )
    return {ATTEMPT: held}


def _bytes(box: Outbox) -> list[bytes]:
    return [packed(op, 1) for op in box.ops]


def test_what_is_on_record_as_told_is_not_lost():
    box = _box()
    counted = count([_kept(box)], _held(b"".join(_bytes(box))), {}, seed=1)
    assert (counted.ops_told, counted.lost) == (3, 0)


def test_ops_beyond_the_acknowledged_ones_are_nobodys_loss():
    box = _box()
    kept = _kept(box, seq=2, head=box.head_at(2))
    assert count([kept], _held(b"".join(_bytes(box))), {}, seed=1).lost == 0


def test_an_acknowledged_op_that_is_not_on_record_is_lost():
    box = _box()
    counted = count([_kept(box)], _held(b"".join(_bytes(box)[:2])), {}, seed=1)
    assert (counted.ops_lost, counted.other_heads) == (1, 1)


def test_an_op_that_was_altered_shows_in_the_chain():
    box, other = _box(), _bytes(_box())
    other[1] = other[1].replace(bytes(16), bytes(15) + b"\1")
    counted = count([_kept(box)], _held(b"".join(other)), {}, seed=1)
    assert (counted.ops_lost, counted.other_heads) == (0, 1)


def test_an_op_on_record_twice_is_counted():
    box = _box()
    counted = count([_kept(box)], _held(b"".join([*_bytes(box), _bytes(box)[0]])), {}, seed=1)
    assert counted.doubled == 1


def test_a_start_a_result_and_a_receipt_can_be_lost():
    box = _box()
    kept = _kept(box, receipt="KW1.not.signed")
    counted = count([kept], _held(b"".join(_bytes(box)), started_ms=0), {}, seed=1)
    assert (counted.starts_lost, counted.results_lost, counted.receipts_false) == (1, 1, 1)
    assert count([_kept(box)], {}, {}, seed=1).lost == 3 + 1


def test_a_quantile_is_a_value_that_was_measured():
    ordered = [float(number) for number in range(1, 101)]
    assert [quantile(ordered, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert quantile([], 0.99) == 0.0


def test_curves_tell_silent_seconds_as_silent():
    samples = [_sample(0.1, 5), _sample(0.2, 7), _sample(2.5, 9)]
    assert rates(samples, bin_s=1.0) == [(0.5, 2.0), (1.5, 0.0), (2.5, 1.0)]
    assert latencies(samples, 0.5, bin_s=1.0) == [(0.5, 5), (2.5, 9)]


def test_books_of_several_drivers_are_read_as_one(tmp_path):
    for part in range(2):
        book = Book("asyncio")
        book.kept.append(_kept(_box()))
        book.add(Sample("sync", 200, 1.5 - part, 2.25, 0.5, 80))
        book.write(tmp_path, part)
    assert [one.at_s for one in read_samples(tmp_path)["sync"]] == [0.5, 1.5]
    assert read_samples(tmp_path)["sync"][0].took_ms == 2.25
    assert [one.kept[0].seq for one in read_homes(tmp_path)] == [3, 3]


def _facts(**other: object) -> Facts:
    names = {name: summed_up(name, [_sample(1, 50)]) for name in ("login", "start", "sync", "submit")}
    sound = Facts(came=100, started=100, handed_in=100, last_start_s=59, lost=0, lag_end_s=1, summaries=names)
    return msgspec.structs.replace(sound, **other)


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_every_tier_has_limits_that_a_sound_run_keeps(tier):
    assert all(one.held for one in judge(_facts(last_start_s=20), read_limits(tier)))


@pytest.mark.parametrize(
    ("other", "broken"),
    [
        ({"lost": 1}, "on record"),
        ({"started": 99}, "started"),
        ({"handed_in": 99}, "handed in"),
        ({"came": 0, "started": 0}, "started"),
        ({"last_start_s": 66.0}, "last paper"),
        ({"lag_end_s": 31.0}, "all on record"),
        ({"summaries": {"sync": summed_up("sync", [_sample(1, 50, status=503)])}}, "without a success"),
        ({"summaries": {"sync": summed_up("sync", [_sample(1, 251)])}}, "sync p99"),
        ({"summaries": {"sync": summed_up("sync", [_sample(1, 5, late_ms=101)])}}, "lateness"),
        ({"summaries": {}}, "sync p99"),
    ],
)
def test_a_run_that_breaks_a_limit_fails(other, broken):
    verdicts = judge(_facts(**other), read_limits("S"))
    assert any(broken in one.en for one in verdicts if not one.held)


def test_the_report_stands_alone_and_says_who_drove(tmp_path):
    point = Point(at_s=1.0, cores={"api": 0.5}, memory_mb={"api": 80.0}, lag=3)
    summary = summed_up("sync", [_sample(1, 50)])
    run = Run(
        shape=TIERS["XS"],
        driver="asyncio",
        seconds=60,
        verdicts=judge(_facts(lost=2), read_limits("XS")),
        summaries={"sync": summary},
        counted={"ops_told": 3},
        cpu_ms_each={"api": 3.2},
        memory_mb={"api": 80.0},
        pokes=0,
        refusals=["sync 503 <busy>"],
        machine={"CPU": "2"},
        points=[point, msgspec.structs.replace(point, at_s=2.0)],
    )
    text = write_report(run, {"sync": [_sample(1, 50), _sample(2, 60)]}, tmp_path).read_text(encoding="utf-8")
    assert "asyncio" in text
    assert "✗ 未达标 broken" in text
    assert "&lt;busy&gt;" in text
    assert text.count("<svg") == 9
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg", ".json", ".html"}


def _called(book: Book, status: int, body: bytes) -> None:
    ask = Ask(name="login", method="POST", path="/x")
    book.replied(ask, Reply(status, body), began_s=1.0, took_s=0.002, late_s=0.0, received=len(body))


def test_a_wait_is_counted_as_a_wait_and_a_refusal_as_an_error(tmp_path):
    book = Book("x")
    _called(book, 503, b'{"type": "/problems/must-wait", "againMs": 1000, "turn": "t"}')
    _called(book, 503, b'{"type": "/problems/live-away", "title": ""}')
    _called(book, 503, b"<html>")
    _called(book, 200, b"{}")
    book.write(tmp_path, 0)
    summary = summed_up("login", read_samples(tmp_path)["login"])
    assert (summary.count, summary.errors, summary.waits) == (3, 2, 1)
    assert len(read_homes(tmp_path)[0].refusals) == 2


def test_the_start_is_judged_small_for_those_who_had_the_sealed_paper():
    kept = [
        Kept(attempt_id=ATTEMPT, started_s=1.0, prefetched=True, start_bytes=900),
        Kept(attempt_id=ATTEMPT, started_s=1.0, prefetched=False, start_bytes=6_000),
    ]
    assert start_bytes_most(kept) == 900
    assert waiting_of(kept).without_sealed == 1


def test_how_long_people_waited_is_from_wanting_in_to_being_in():
    kept = [
        Kept(attempt_id=ATTEMPT, came_s=1.0, logged_in_s=3.0, wanted_s=40.0, started_s=40.5, waits=2),
        Kept(attempt_id=ATTEMPT, came_s=1.0, logged_in_s=31.0, wanted_s=40.0, started_s=70.0),
        Kept(attempt_id=ATTEMPT, came_s=1.0),
    ]
    found = waiting_of(kept)
    assert (found.log_in.p50_s, found.log_in.most_s) == (2.0, 30.0)
    assert (found.start.p50_s, found.start.most_s) == (0.5, 30.0)
    assert (found.told, found.people) == (2, 1)
