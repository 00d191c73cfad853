"""The largest number of candidates that keeps every limit: guessed from how many got in, then closed in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from loadtest.limits import Limits
from loadtest.report import Phase, Run
from loadtest.shapes import Shape

STEP: Final = 1_000
"""How exact the number is."""

RUNS_MOST: Final = 6

BUDGET_S: Final = 1_200.0
"""No run is begun that would probably end after this time."""

STEADY_S: Final = 20.0
TAIL_S: Final = 30.0
"""How long a run of a search answers, and hands in after the burst: what breaks first is the first minute."""

BESIDE_S: Final = 60.0
"""What a run takes besides its schedule: servers, looking everything up."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One number, and what came of it."""

    candidates: int
    held: bool
    served: bool
    """Everybody got through, however late."""
    broken: Sequence[str]
    last_start_s: float
    p99_ms: Mapping[str, float]
    cpu_ms_each: Mapping[str, float]
    phases: Sequence[Phase]


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
        """Every run, the profile of the largest, and at the end what can be quoted."""
        told = [
            f"{one.candidates:7,} {_word(one)} last start {one.last_start_s:5.1f} s  {'; '.join(one.broken)}"
            for one in sorted(self.runs, key=lambda one: one.candidates)
        ]
        largest, broken = self.largest, self.smallest_broken
        if largest is not None:
            told.append(f"profile of {largest.candidates:,}:")
            told += [_profile(phase) for phase in largest.phases]
            told.append("  p99 ms: " + ", ".join(f"{name} {ms:.0f}" for name, ms in largest.p99_ms.items()))
        held = f"{largest.candidates:,}" if largest else "0"
        beyond = f"；{broken.candidates:,} 人时未达标 broken: {'; '.join(broken.broken)}" if broken else ""
        each = sum(ms for name, ms in largest.cpu_ms_each.items() if "driver" not in name) if largest else 0.0
        told.append(f"最多 largest number that holds: {held}, CPU ms a candidate {each:.1f}{beyond}")
        return told


def quick(shape: Shape) -> Shape:
    """The shape with less of what does not decide: the first minute and the burst stay as they are."""
    return msgspec.structs.replace(shape, steady_s=STEADY_S, tail_s=min(shape.tail_s, TAIL_S))


def search(
    tried: Callable[[int], Run],
    *,
    most: int,
    limits: Limits,
    now_s: Callable[[], float],
    budget_s: float = BUDGET_S,
) -> Found:
    """Try the whole number first; then what the first run let in in time, then between the two, to `STEP`.

    A run that could not end within the budget is not begun: what was found until then is told.
    """
    began_s = now_s()
    runs = [_tried(tried(most))]
    took_s = now_s() - began_s
    held, broken = (most, most + STEP) if runs[0].held else (0, most)
    while broken - held > STEP and len(runs) < RUNS_MOST:
        number = _next(runs[-1], held, broken, limits)
        expected_s = BESIDE_S + (took_s - BESIDE_S) * (0.5 + 0.5 * number / most)
        if number in {held, broken} or now_s() - began_s + expected_s > budget_s:
            break
        runs.append(_tried(tried(number)))
        held, broken = (number, broken) if runs[-1].held else (held, number)
    return Found(runs)


def _next(last: Tried, held: int, broken: int, limits: Limits) -> int:
    """As many as the last run would have let in in time, where it was too slow for that; else the middle."""
    middle = (held + broken) // 2
    if not last.held and held == 0 and last.last_start_s > limits.started_within_s:
        middle = int(last.candidates * limits.started_within_s / last.last_start_s)
    return min(broken - STEP, max(held + STEP, middle // STEP * STEP)) if broken > STEP else held


def _word(one: Tried) -> str:
    if one.held:
        return "kept        "
    return "BROKEN, late" if one.served else "BROKEN      "


def _profile(phase: Phase) -> str:
    used = ", ".join(f"{name} {cores:.2f}" for name, cores in phase.cores.items())
    return f"  {phase.en:20} {phase.from_s:4.0f}-{phase.upto_s:<4.0f} s  cores: {used}"


def _tried(run: Run) -> Tried:
    return Tried(
        candidates=run.shape.candidates,
        held=run.held,
        served=run.served,
        broken=[f"{one.en} {one.measured}" for one in run.verdicts if not one.held],
        last_start_s=run.last_start_s,
        p99_ms={name: one.p99_ms for name, one in run.summaries.items()},
        cpu_ms_each=dict(run.cpu_ms_each),
        phases=run.phases,
    )
