"""What operators are told of metrics is what there is."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

import exam_api.app
import exam_api.worker  # noqa: F401 - everything that the worker counts

DOCS = Path(__file__).parents[2] / "docs" / "operations.md"


def shown() -> set[str]:
    """Names as a scrape brings them."""
    families = [family for family in REGISTRY.collect() if family.name.startswith("kaowu_")]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def told() -> set[str]:
    """Names in the table of metrics, without labels."""
    section = DOCS.read_text(encoding="utf-8").partition("\n## Metrics\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`(kaowu_[a-z_]+)", " ".join(rows)))


def test_every_metric_is_told_of_and_every_one_that_is_told_of_exists() -> None:
    assert told() == shown()


def test_every_metric_is_asserted_by_a_test() -> None:
    root = DOCS.parents[1] / "tests"
    tests = "".join(path.read_text(encoding="utf-8") for path in root.rglob("test_*.py"))
    asserted = set(re.findall(r"kaowu_[a-z_]+", tests))
    lacking = {name for name in shown() if not any(one.startswith(name) for one in asserted)}
    assert lacking == set()
