"""What the drivers brought home as one piece of JSON; `python -m loadtest.summed FOLDER --lost N --lag S`.

For programs that do not know the load test and only start it.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtest.book import Sample, read_homes, read_samples
from loadtest.curves import Summary, summed_up
from loadtest.limits import Facts, Verdict, judge, read_limits
from loadtest.waiting import start_bytes_most

NAMES: Final[Mapping[str, str]] = {
    "all on record after the last call, s": "lag",
    "the driver's own lateness, p99 ms": "driver_late",
    "calls without a success": "errors",
    "acknowledged and not on record as told": "lost",
}
"""Limits that say which part broke them, by their English words."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A limit's verdict under a name."""

    name: str
    zh: str
    en: str
    limit: str
    measured: str
    held: bool


class Summed(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run."""

    came: int
    started: int
    handed_in: int
    ops: int
    """Acknowledged."""
    wrong: int
    """Replies that cannot be right."""
    down_mbit: float
    """Of the busiest second, bodies only."""
    summaries: Mapping[str, Summary]
    limits: Sequence[Named]
    refusals: Sequence[str]


def summed(folder: Path, *, tier: str, within_s: float, lost: int, lag_s: float) -> Summed:
    """Read the books of the folder. Raises KeyError: there is no such tier."""
    homes, samples = read_homes(folder), read_samples(folder)
    kept = [one for home in homes for one in home.kept]
    summaries = {name: summed_up(name, found) for name, found in samples.items()}
    wrong = sum(one.wrong for one in kept)
    facts = Facts(
        came=sum(one.came for one in kept),
        started=sum(one.started_s >= 0 for one in kept),
        handed_in=sum(bool(one.receipt) for one in kept),
        last_start_s=max((one.started_s for one in kept), default=0.0),
        lost=lost + wrong,
        lag_end_s=lag_s,
        summaries=summaries,
        start_bytes_most=start_bytes_most(kept),
    )
    limits = msgspec.structs.replace(read_limits(tier), started_within_s=within_s)
    return Summed(
        came=facts.came,
        started=facts.started,
        handed_in=facts.handed_in,
        ops=sum(one.seq for one in kept),
        wrong=wrong,
        down_mbit=_down_mbit(samples),
        summaries=summaries,
        limits=[_named(one) for one in judge(facts, limits)],
        refusals=[one for home in homes for one in home.refusals][:20],
    )


def _down_mbit(samples: Mapping[str, Sequence[Sample]]) -> float:
    bins: dict[int, int] = {}
    for found in samples.values():
        for one in found:
            bins[int(one.at_s)] = bins.get(int(one.at_s), 0) + one.received
    return round(max(bins.values(), default=0) * 8 / 1e6, 2)


def _named(one: Verdict) -> Named:
    name = NAMES.get(one.en, one.en)
    return Named(name=name, zh=one.zh, en=one.en, limit=one.limit, measured=one.measured, held=one.held)


def main() -> None:
    """Print it."""
    asked = argparse.ArgumentParser(prog="loadtest.summed", description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--tier", default="S")
    asked.add_argument("--within", type=float, default=65.0)
    asked.add_argument("--lost", type=int, default=0)
    asked.add_argument("--lag", type=float, default=0.0)
    given = asked.parse_args()
    found = summed(given.folder, tier=given.tier, within_s=given.within, lost=given.lost, lag_s=given.lag)
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")


if __name__ == "__main__":
    main()
