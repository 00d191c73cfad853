"""The largest number of candidates that keeps every limit, by halving what is not known yet."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from loadtest.report import Run

STEP: Final = 1_000
"""How exact the number is."""

RUNS_MOST: Final = 6


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One number, and what came of it."""

    candidates: int
    held: bool
    broken: Sequence[str]
    p99_ms: dict[str, float]
    cpu_ms_each: dict[str, float]


class Found(msgspec.Struct, frozen=True):
    """What the search gave."""

    runs: Sequence[Tried]

    @property
    def largest(self) -> Tried | None:
        """Of those that held."""
        return max((one for one in self.runs if one.held), key=lambda one: one.candidates, default=None)

    @property
    def smallest_broken(self) -> Tried | None:
        """Of those that did not."""
        return min((one for one in self.runs if not one.held), key=lambda one: one.candidates, default=None)

    def lines(self) -> Sequence[str]:
        """Every run, and at the end what can be quoted."""
        told = [
            f"{one.candidates:7,} {'kept  ' if one.held else 'BROKEN'} {'; '.join(one.broken)}"
            for one in sorted(self.runs, key=lambda one: one.candidates)
        ]
        largest, broken = self.largest, self.smallest_broken
        held = f"{largest.candidates:,}" if largest else "0"
        beyond = f"；{broken.candidates:,} 人时未达标 broken: {'; '.join(broken.broken)}" if broken else ""
        each = sum(ms for name, ms in largest.cpu_ms_each.items() if "driver" not in name) if largest else 0.0
        told.append(f"最多 largest number that holds: {held}, CPU ms a candidate {each:.1f}{beyond}")
        return told


def search(tried: Callable[[int], Run], *, most: int) -> Found:
    """Try the whole number first; then between what held and what did not, to `STEP`."""
    runs = [_tried(tried(most))]
    held, broken = (most, most + STEP) if runs[0].held else (0, most)
    while broken - held > STEP and len(runs) < RUNS_MOST:
        middle = max(STEP, (held + broken) // 2 // STEP * STEP)
        if middle in {held, broken}:
            break
        runs.append(_tried(tried(middle)))
        held, broken = (middle, broken) if runs[-1].held else (held, middle)
    return Found(runs)


def _tried(run: Run) -> Tried:
    return Tried(
        candidates=run.shape.candidates,
        held=run.held,
        broken=[f"{one.en} {one.measured}" for one in run.verdicts if not one.held],
        p99_ms={name: one.p99_ms for name, one in run.summaries.items()},
        cpu_ms_each=dict(run.cpu_ms_each),
    )
