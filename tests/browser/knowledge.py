"""What a candidate who has learnt the demo's questions knows: the right options, found by their words."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec

POOLS = ("worker-scaffolder", "safety-c", "practice")


@cache
def _items() -> Mapping[str, Mapping[str, Any]]:
    folder = resources.files("exam_api.demo") / "pools"
    pools = [msgspec.json.decode((folder / f"{name}.json").read_bytes()) for name in POOLS]
    return {item["stem"]: item for pool in pools for item in pool["items"]}


def rationales() -> list[str]:
    """Every sentence of explanation: none of them may ever reach a candidate."""
    return [item["rationale"] for item in _items().values() if item.get("rationale")]


def right_words(stem: str) -> set[str]:
    """The words of the options that are right."""
    item = _items()[stem]
    if item["kind"] == "judge":
        return {item["key"]}
    return {item["options"]["ABCDEFGHIJKL".index(letter)] for letter in item["key"]}


def right_mask(item: Mapping[str, Any]) -> int:
    """The right answer to an item of a paper as the service shows it."""
    words = right_words(item["stem"])
    return sum(1 << option["bit"] for option in item["options"] if option["text"] in words)


def right_places(stem: str, shown: Sequence[str]) -> list[int]:
    """Where on the screen the right options are."""
    words = right_words(stem)
    return [place for place, text in enumerate(shown) if text in words]
