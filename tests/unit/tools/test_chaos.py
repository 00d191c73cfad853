"""The parts of `make chaos` that judge: they would notice what they are there to notice."""

import asyncio
import json
import random
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from exam_api.attempt import sealing
from exam_api.attempt.model import OpKind
from exam_api.http.wire_attempt import Paper, PaperSection, SyncOut
from tests.independent_marking import (
    RecordedOp,
    answers_after,
    canonical,
    digest_of,
    head_after,
    score_centi,
)
from tools.bench.load import Reply
from tools.chaos.line import Held, Line, Mode
from tools.chaos.network import CALM, Network, Tally
from tools.chaos.phone import Phone
from tools.chaos.power import Sizes, cut, newest_file
from tools.chaos.proof import Proof, Recorded, ops_are_there
from tools.chaos.sealed import bundle_of, opened
from tools.chaos.taken import Taken

ATTEMPT = UUID(int=7)
VERSION = "ab" * 16
GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "chain.json").read_text(encoding="utf-8"))


def _line(ops: int = 3) -> Line:
    line = Line(ATTEMPT, 1, Held(0, None))
    for number in range(ops):
        line.append(OpKind.ANSWER, number, VERSION, 1, 1_000 + number)
    return line


def _told(line: Line, seq: int, took: str = "ok", fence: int = 1) -> SyncOut:
    return SyncOut(
        took=took,
        state="running",
        fence=fence,
        seq=seq,
        head=line.head_at(seq),
        kept_seq=seq,
        mac="",
        server_ms=0,
        remaining_ms=1,
        deadline_ms=1,
    )


def _recorded(line: Line) -> list[RecordedOp]:
    return [
        RecordedOp(1, op.seq, op.kind, op.slot, bytes.fromhex(op.version), op.mask, op.client_ms)
        for op in line.ops
    ]


def _taken(line: Line, acked: int) -> Taken:
    return Taken(ATTEMPT, lines={1: line.ops}, acked={1: acked})


# --- the second marking ---------------------------------------------------------------------------------


@pytest.mark.parametrize("chain", GOLDEN["chains"], ids=lambda chain: chain["name"])
def test_the_independent_chain_is_the_golden_one(chain) -> None:
    ops = [
        RecordedOp(
            chain["fence"],
            op["seq"],
            op["kind"],
            op["slot"],
            bytes.fromhex(op["version"]),
            op["mask"],
            op["clientMs"],
        )
        for op in chain["ops"]
    ]
    assert [canonical(op).hex() for op in ops] == [op["packed"] for op in chain["ops"]]
    if chain["base"] == 0 and ops:
        assert head_after(UUID(chain["attempt"]), chain["fence"], ops) == chain["heads"][-1]


@pytest.mark.parametrize(
    ("policy", "picked", "centi"),
    [
        ("all_or_nothing", "AB", 0),
        ("partial_per_option:50", "AB", 100),
        ("minus_per_miss:50", "AB", 150),
        ("proportional", "A", 67),
        ("half_if_subset", "A", 100),
        ("proportional", "ABC", 200),
        ("proportional", "ABD", 0),
        ("proportional", "", 0),
    ],
)
def test_the_independent_marking_follows_the_table_of_the_rules(policy: str, picked: str, centi: int) -> None:
    options = [{"bit": bit, "text": text} for bit, text in enumerate("ABCD")]
    item = {"slot": 0, "section": 0, "kind": "multi", "stem": "?", "options": options}
    paper = {"sections": [{"pointsCenti": 200, "policy": policy}], "items": [item]}
    mask = sum(1 << "ABCD".index(letter) for letter in picked)
    assert score_centi(paper, [mask], {("multi", "?"): frozenset("ABC")}) == centi


def test_the_last_answer_of_a_slot_counts_and_clears() -> None:
    ops = [RecordedOp(fence, seq, 1, 0, bytes(16), mask, 0) for fence, seq, mask in ((2, 1, 0), (1, 9, 4))]
    assert answers_after(ops, 2) == [0, 0]
    assert digest_of(ATTEMPT, [1, 0]) != digest_of(ATTEMPT, [0, 1])


# --- the outbox's rules ---------------------------------------------------------------------------------


def test_a_server_set_back_is_sent_everything_after_what_it_holds() -> None:
    line = _line()
    line.answered(_told(line, 3))
    assert line.waiting() == []
    assert line.answered(_told(line, 1, took="behind")) is True
    assert [op.seq for op in line.next_range().ops] == [2, 3]


def test_a_head_that_is_not_ours_is_a_fork() -> None:
    line, other = _line(), _line()
    other.append(OpKind.ANSWER, 9, VERSION, 2, 5)
    line.append(OpKind.ANSWER, 9, VERSION, 4, 5)
    line.answered(_told(other, 4))
    assert line.mode is Mode.FORK


def test_a_line_that_was_taken_over_is_said_once_more_beside() -> None:
    line = _line()
    line.answered(_told(line, 2))
    higher = _told(line, 0, took="side", fence=2)
    assert line.answered(higher) is True
    assert (line.mode, [op.seq for op in line.next_range().ops]) == (Mode.SIDE, [1, 2, 3])


# --- the sealed paper -----------------------------------------------------------------------------------


def _shown_paper() -> Paper:
    section = PaperSection(title="判断题", kind="judge", count=0, points_centi=100, policy="all_or_nothing")
    return Paper(digest="ab" * 32, sections=[section], items=[])


def _reply(paper: Paper, nonce: bytes) -> tuple[Reply, bytes]:
    """As the service gives it, and its key."""
    secret = sealing.session_secret(bytes(32), UUID(int=8))
    packed = sealing.pack([msgspec.json.encode(paper)], ())
    made = sealing.seal(packed, secret=secret, attempt_id=ATTEMPT, paper_digest=bytes(32), nonce=nonce)
    head = f"HTTP/1.1 200 OK\r\nX-Sealed-Digest: {made.digest.hex()}".encode()
    return Reply(200, head, made.sealed), sealing.key_of(made.digest, secret=secret, attempt_id=ATTEMPT)


def test_a_sealed_paper_opens_with_the_key_of_its_start_alone() -> None:
    paper = _shown_paper()
    (reply, key), (_, other) = _reply(paper, bytes(12)), _reply(paper, bytes(range(12)))
    bundle = bundle_of(reply)
    assert bundle is not None
    assert opened(bundle, str(ATTEMPT), key.hex()) == paper
    assert [opened(bundle, str(ATTEMPT), bad) for bad in (other.hex(), "")] == [None, None]
    assert opened(bundle, str(UUID(int=9)), key.hex()) is None


def test_a_reply_without_a_name_is_no_sealed_paper() -> None:
    assert bundle_of(Reply(200, b"HTTP/1.1 200 OK", b"{}")) is None


# --- the phone's pace -----------------------------------------------------------------------------------


class _Slow(Phone):
    """Each turn takes a moment in which the person taps."""

    turns = 0

    async def _turn(self) -> float:
        self.turns += 1
        self.kick(0.0)
        if self.turns > 1:
            self.done.set()
        return 60.0


async def test_a_tap_during_a_call_is_not_forgotten() -> None:
    dice = random.Random(1)
    phone = _Slow(Taken(ATTEMPT), "", Network([1], CALM, dice, Tally()), dice)
    phone.entered.set()
    await asyncio.wait_for(phone.live(), 30)  # without the tap it is a minute
    assert phone.turns == 2


# --- the cut --------------------------------------------------------------------------------------------


def test_a_cut_takes_what_the_last_seconds_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "appendonlydir"
    folder.mkdir()
    (folder / "appendonly.aof.9.incr.aof").write_bytes(b"old")
    path = folder / "appendonly.aof.10.incr.aof"
    path.write_bytes(b"x" * 100)
    sizes = Sizes(tmp_path)
    sizes.seen.extend([(10.0, path, 40), (11.0, path, 70), (12.0, path, 100)])
    assert newest_file(tmp_path) == path
    assert cut(sizes, seconds=0.5, killed_at=12.0) == 30
    assert path.stat().st_size == 70


# --- the proof ------------------------------------------------------------------------------------------


def test_an_honest_record_is_believed() -> None:
    line, recorded, proof = _line(), Recorded(), Proof()
    recorded.held[ATTEMPT] = _recorded(line)
    ops_are_there(_taken(line, 3), recorded, proof)
    assert (proof.lines(), proof.acknowledged) == ([], 3)


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("acknowledged op lost", lambda held: held[:-1]),
        ("acknowledged op lost", lambda held: [held[0]._replace(mask=2), *held[1:]]),
        ("gap in what is held", lambda held: [held[0], held[2]]),
        ("held twice", lambda held: [*held, held[0]]),
        ("held, but never made", lambda held: [*held, held[2]._replace(seq=4)]),
    ],
)
def test_a_spoiled_record_is_noticed(fault: str, spoil) -> None:
    line, recorded, proof = _line(), Recorded(), Proof()
    recorded.held[ATTEMPT] = spoil(_recorded(line))
    ops_are_there(_taken(line, 3), recorded, proof)
    assert fault in proof.faults
