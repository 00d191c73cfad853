"""Outline trees: what may be kept, what falls to each node."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_pools.errors import BadOutline
from question_pools.outline import Node, branches, shares, sound_outline, spread

TREE = (
    Node("1", "安全", 3),
    Node("1.1", "用电", 1),
    Node("1.2", "登高", 2),
    Node("1.10", "消防", 0),
    Node("2", "技术", 1),
)


def test_a_share_is_the_weight_among_siblings_of_what_the_parent_has() -> None:
    assert shares(TREE) == {
        "1": Fraction(3, 4),
        "1.1": Fraction(1, 4),
        "1.2": Fraction(1, 2),
        "1.10": Fraction(0),
        "2": Fraction(1, 4),
    }


def test_a_tree_is_kept_in_the_order_of_its_numbers() -> None:
    kept = sound_outline(reversed(TREE))
    assert [node.code for node in kept] == ["1", "1.1", "1.2", "1.10", "2"]


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (Node("1.1.1.1.1", "五级"), "not a code"),
        (Node("01", "零"), "not a code"),
        (Node("3.1", "没有上级"), "3 above it is missing"),
        (Node("2", "重复"), "used 2 times"),
        (Node("3", " "), "1 to 80 characters"),
        (Node("3", "重", 1001), "weight 1001"),
    ],
)
def test_a_tree_that_contradicts_itself_is_refused(node: Node, said: str) -> None:
    with pytest.raises(BadOutline, match=said):
        sound_outline([*TREE, node])


def test_items_count_at_their_node_and_above_it() -> None:
    found = {one.node.code: one for one in branches(TREE, {"1.1": 4, "1.1.7": 2, "1": 1, "9": 3, "": 5})}
    assert (found["1"].items, found["1"].own, found["1.1"].items) == (7, 1, 6)
    assert (found["9"].listed, found["9"].items, found["1.1.7"].level) == (False, 3, 3)
    assert "" not in found


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(0, 300))
def test_the_leaves_get_together_what_is_shared_out(weights: list[int], count: int) -> None:
    nodes = [Node(str(n + 1), "章", weight) for n, weight in enumerate(weights)]
    given_out = spread(nodes, count)
    assert sum(given_out.values()) == (count if any(weights) else 0)
    whole = sum(weights) or 1
    assert all(abs(given_out[node.code] - Fraction(node.weight * count, whole)) < 1 for node in nodes)


def test_three_equal_leaves_share_ten_by_their_order() -> None:
    assert spread([Node(str(n), "章") for n in (1, 2, 3)], 10) == {"1": 4, "2": 3, "3": 3}
