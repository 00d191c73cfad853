"""Canonical bytes, heads and digests: golden vectors that the phone must reproduce, and their laws."""

import json
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempt.chain import (
    HEAD_BYTES,
    OP_BYTES,
    answers_digest,
    check,
    first_head,
    heads,
    masks,
    pack,
    pack_all,
    replay,
    unpack,
)
from exam_api.attempt.errors import BadOp
from exam_api.attempt.model import Op, OpKind

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "chain.json").read_text(encoding="utf-8"))
ATTEMPT = UUID("0f0e0d0c-0b0a-0908-0706-050403020100")


def ops(*, most: int = 6) -> st.SearchStrategy[list[Op]]:
    """Ops base 0 with seqs 1, 2, 3, …"""
    one = st.tuples(st.integers(0, 9), st.binary(min_size=16, max_size=16), st.integers(0, (1 << 26) - 1))
    return st.lists(one, max_size=most).map(
        lambda made: [
            Op(seq, OpKind.ANSWER, s, v, m, 1_700_000_000_000) for seq, (s, v, m) in enumerate(made, 1)
        ]
    )


@pytest.mark.parametrize("vector", GOLDEN["chains"], ids=lambda vector: vector["name"])
def test_the_golden_chains_are_reproduced(vector) -> None:
    attempt = UUID(vector["attempt"])
    made = [
        Op(op["seq"], op["kind"], op["slot"], bytes.fromhex(op["version"]), op["mask"], op["clientMs"])
        for op in vector["ops"]
    ]
    packed = [pack(op, vector["fence"]) for op in made]
    assert [one.hex() for one in packed] == [op["packed"] for op in vector["ops"]]
    told = heads(
        attempt,
        fence=vector["fence"],
        base=vector["base"],
        base_head=bytes.fromhex(vector["heads"][0]),
        ops=b"".join(packed),
    )
    assert [told[at : at + 32].hex() for at in range(0, len(told), 32)] == vector["heads"]


@pytest.mark.parametrize("vector", GOLDEN["answers"], ids=lambda vector: vector["name"])
def test_the_golden_answers_digests_are_reproduced(vector) -> None:
    answers = bytes.fromhex(vector["answers"])
    assert answers_digest(UUID(vector["attempt"]), answers, vector["slots"]).hex() == vector["digest"]


def test_an_op_has_39_bytes() -> None:
    assert OP_BYTES == 39


@given(ops(), st.integers(1, (1 << 32) - 1))
def test_what_was_packed_comes_back(made, fence) -> None:
    assert [(one.fence, one.op) for one in unpack(pack_all(made, fence))] == [(fence, op) for op in made]


def test_half_an_op_is_not_read() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        unpack(bytes(OP_BYTES + 1))


@given(ops(most=8), st.integers(0, 8))
def test_a_chain_cut_anywhere_and_joined_gives_the_same_heads(made, cut) -> None:
    cut = min(cut, len(made))
    packed = pack_all(made, 3)
    whole = heads(ATTEMPT, fence=3, base=0, base_head=b"", ops=packed)
    first = heads(ATTEMPT, fence=3, base=0, base_head=b"", ops=packed[: cut * OP_BYTES])
    rest = heads(ATTEMPT, fence=3, base=cut, base_head=first[-HEAD_BYTES:], ops=packed[cut * OP_BYTES :])
    assert first + rest[HEAD_BYTES:] == whole


@given(ops(most=5).filter(bool), st.data())
def test_one_changed_bit_changes_every_later_head(made, data) -> None:
    packed = bytearray(pack_all(made, 1))
    before = heads(ATTEMPT, fence=1, base=0, base_head=b"", ops=bytes(packed))
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= 1 << data.draw(st.integers(0, 7))
    after = heads(ATTEMPT, fence=1, base=0, base_head=b"", ops=bytes(packed))
    first = at // OP_BYTES + 1
    same = [before[n * 32 : n * 32 + 32] == after[n * 32 : n * 32 + 32] for n in range(len(made) + 1)]
    assert same == [n < first for n in range(len(made) + 1)]


def test_another_attempt_or_fence_begins_another_chain() -> None:
    begun = {first_head(ATTEMPT, 1), first_head(ATTEMPT, 2), first_head(UUID(int=7), 1)}
    assert len(begun) == 3


def test_the_first_head_is_what_the_module_says() -> None:
    assert first_head(ATTEMPT, 2) == sha256(b"kaowu-chain-1" + ATTEMPT.bytes + b"\0\0\0\2").digest()


def test_a_base_above_zero_needs_its_head() -> None:
    with pytest.raises(BadOp):
        heads(ATTEMPT, fence=1, base=3, base_head=b"", ops=b"")


def test_at_base_zero_a_claimed_head_is_not_believed() -> None:
    assert heads(ATTEMPT, fence=1, base=0, base_head=b"x" * 32, ops=b"") == first_head(ATTEMPT, 1)


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (pack(Op(4, 1, 0, bytes(16), 1, 0), 1), "stands where 3 is due"),
        (pack(Op(3, 1, 0, bytes(16), 1, 0), 2), "made under fence 2"),
        (pack(Op(3, 9, 0, bytes(16), 1, 0), 1), "kind 9 is unknown"),
    ],
)
def test_ops_that_no_honest_page_makes_are_named(packed, reason) -> None:
    with pytest.raises(BadOp, match=reason):
        check(packed, fence=1, base=2)


@given(ops())
def test_ops_in_order_pass(made) -> None:
    check(pack_all(made, 5), fence=5, base=0)


@given(ops())
def test_the_last_mask_of_a_slot_is_the_answer(made) -> None:
    expected = [0] * 10
    for op in made:
        expected[op.slot] = op.mask
    assert list(masks(replay(pack_all(made, 1), slots=10), 10)) == expected


def test_hand_ins_and_slots_beyond_the_paper_leave_the_answers() -> None:
    packed = pack_all([Op(1, OpKind.HAND_IN, 0, bytes(16), 7, 0), Op(2, 1, 3, bytes(16), 7, 0)], 1)
    assert replay(packed, answers=b"\0\0\0\5", slots=3) == b"\0\0\0\5" + bytes(8)


@given(st.binary(max_size=12))
def test_missing_slots_and_cleared_slots_have_one_digest(answers) -> None:
    padded = answers.ljust(20, b"\0")
    assert answers_digest(ATTEMPT, answers, 5) == answers_digest(ATTEMPT, padded, 5)


def test_a_paper_of_another_length_has_another_digest() -> None:
    assert answers_digest(ATTEMPT, b"", 5) != answers_digest(ATTEMPT, b"", 6)
