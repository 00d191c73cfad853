"""The outline of a pool: a tree of up to four levels with titles and weights, and what falls to each node."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

import msgspec

from question_pools.errors import BadOutline
from question_pools.items import is_outline

WEIGHT_MAX: Final = 1000
"""Highest weight; only the relation between siblings counts."""

TITLE_MAX: Final = 80
"""Characters of a title."""

NODES_MAX: Final = 2000
"""Nodes of one tree."""


class Node(msgspec.Struct, frozen=True):
    """One code of an outline. A weight of 0 says: nothing is asked of it."""

    code: str
    title: str
    weight: int = 1


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A node with what falls to it."""

    node: Node
    level: int
    """From 1."""
    items: int
    """At this node and below."""
    own: int
    """At this very code."""
    share: Fraction
    """Of the whole paper, by weights."""
    listed: bool = True
    """False: items bear this code, the tree does not list it."""


def parent_of(code: str) -> str:
    """1.2.3 → 1.2, 1 → "" ."""
    return code.rpartition(".")[0]


def by_number(code: str) -> tuple[int, ...]:
    """Sorts 1.2 before 1.10."""
    return tuple(int(level) for level in code.split("."))


def outline_faults(nodes: Sequence[Node]) -> list[str]:
    """What is wrong with a tree; empty when it can be kept."""
    faults = [f"{node.code!r} is not a code like 1.12.1.1" for node in nodes if not is_outline(node.code)]
    faults += [f"{code}: used {n} times" for code, n in Counter(node.code for node in nodes).items() if n > 1]
    codes = {node.code for node in nodes}
    for node in nodes:
        above = parent_of(node.code)
        if above and above not in codes:
            faults.append(f"{node.code}: {above} above it is missing")
        if not 0 <= node.weight <= WEIGHT_MAX:
            faults.append(f"{node.code}: weight {node.weight} is not 0 to {WEIGHT_MAX}")
        if not 1 <= len(node.title.strip()) <= TITLE_MAX:
            faults.append(f"{node.code}: the title has 1 to {TITLE_MAX} characters")
    if len(nodes) > NODES_MAX:
        faults.append(f"{len(nodes)} nodes, at most {NODES_MAX}")
    return faults


def sound_outline(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The tree in the order of its codes, or BadOutline with all that is wrong with it."""
    held = [msgspec.structs.replace(node, title=node.title.strip()) for node in nodes]
    faults = outline_faults(held)
    if faults:
        raise BadOutline(faults)
    return tuple(sorted(held, key=lambda node: by_number(node.code)))


def shares(nodes: Sequence[Node]) -> dict[str, Fraction]:
    """What part of a paper falls to each code: its weight among its siblings, of what its parent has."""
    sums: Counter[str] = Counter()
    for node in nodes:
        sums[parent_of(node.code)] += node.weight
    found: dict[str, Fraction] = {"": Fraction(1)}
    for node in sorted(nodes, key=lambda node: by_number(node.code)):
        above = parent_of(node.code)
        found[node.code] = found[above] * Fraction(node.weight, sums[above] or 1)
    del found[""]
    return found


def spread(nodes: Sequence[Node], count: int) -> dict[str, int]:
    """How many of `count` items the leaves get by their shares; largest remainders are rounded up first."""
    held = shares(nodes)
    inner = {parent_of(node.code) for node in nodes}
    leaves = [code for code in held if code not in inner]
    exact = {code: held[code] * count for code in leaves}
    given = {code: int(exact[code]) for code in leaves}
    rest = int(sum(exact.values())) - sum(given.values())
    by_remainder = sorted(leaves, key=lambda code: (given[code] - exact[code], by_number(code)))
    for code in by_remainder[:rest]:
        given[code] += 1
    return given


def branches(nodes: Sequence[Node], held: Mapping[str, int]) -> list[Branch]:
    """The tree with counts and shares; codes that only items bear come as nodes that are not listed.

    Args:
        nodes: a sound tree.
        held: items by outline code.
    """
    codes = {node.code: node for node in nodes}
    strays = [code for code in held if code and code not in codes]
    below: Counter[str] = Counter()
    for code, items in held.items():
        at = code
        while at:
            below[at] += items
            at = parent_of(at)
    parts = shares(nodes)
    listed = [
        Branch(
            node=node,
            level=len(by_number(code)),
            items=below[code],
            own=held.get(code, 0),
            share=parts[code],
        )
        for code, node in codes.items()
    ]
    unlisted = [
        Branch(
            node=Node(code, "", 0),
            level=len(by_number(code)),
            items=below[code],
            own=held[code],
            share=Fraction(0),
            listed=False,
        )
        for code in strays
    ]
    return sorted([*listed, *unlisted], key=lambda one: by_number(one.node.code))
