"""`make capacity`: write docs/capacity.md for the tiers S, P and L, from the last bench and load test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from exam_api.capacity import (
    ANSWERING_S,
    ANSWERS,
    ARRIVE_BUSIEST,
    BEAT_S,
    BUSY_MOST,
    HAND_IN_S,
    HAND_IN_SHARE,
    LOG_KEPT_MINUTES,
    MACHINE_CORES,
    REDIS_BUSY_MOST,
    SNAPSHOT_BYTES,
    SNAPSHOT_EVERY_S,
    TIERS,
    Bench,
    Capacity,
    Sizes,
    plan_capacity,
)
from exam_api.cli.plan_capacity import lines
from tools.refuse import refuse

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "capacity.md"
BENCH: Final = ROOT / "build" / "bench.json"
SIZES: Final = ROOT / "build" / "load" / "S-asyncio" / "sizes.json"

BEGIN: Final = "```json\n"
END: Final = "\n```\n"


class Figures(msgspec.Struct, frozen=True):
    """What the page was made from; it holds them itself."""

    bench: Bench
    sizes: Sizes


def main() -> None:
    """Write it."""
    for path, command in ((BENCH, "make bench"), (SIZES, "make load TIER=S")):
        if not path.exists():
            refuse(f"请先运行 `{command}`。", f"Run `{command}` first: there is no {path}.")
    figures = Figures(
        msgspec.json.decode(BENCH.read_bytes(), type=Bench),
        msgspec.json.decode(SIZES.read_bytes(), type=Sizes),
    )
    PAGE.write_text(page(figures), encoding="utf-8")


def page(figures: Figures) -> str:
    """The whole page."""
    plans = {tier: plan_capacity(number, figures.bench, figures.sizes) for tier, number in TIERS.items()}
    parts = [_HEAD, _plans(plans), "\n## Busy times\n\n", _phases(plans), _model(plans)]
    held = msgspec.json.format(msgspec.json.encode(figures), indent=1).decode()
    return "".join([*parts, "## What it was made from\n\n", _FROM, BEGIN, held, END])


def figures_of(text: str) -> Figures:
    """What a page was made from."""
    return msgspec.json.decode(text.split(BEGIN)[1].split(END, maxsplit=1)[0], type=Figures)


_HEAD: Final = """# Capacity

Machines for an exam in which everybody comes in the same minute. `make capacity` writes this page from the
last `make bench` (CPU of a call) and the last `make load TIER=S` (bytes of a candidate); for any other number
there is `kaowu plan-capacity --candidates N`. It is a calculation from figures of one machine, not a promise:
rehearse on the machines of the day (docs/rehearse.md).

"""

_FROM: Final = """CPU in µs of one call by process, and bytes of one candidate. `null`: not measured apart, or
void in that run.

"""


def _plans(plans: dict[str, Capacity]) -> str:
    rows = [lines(plan) for plan in plans.values()]
    table = [(row[0][0], *(figures for _, figures in row)) for row in zip(*rows, strict=True)]
    return _table(("", *plans), table)


def _phases(plans: dict[str, Capacity]) -> str:
    rows: list[tuple[str, ...]] = []
    for name, words in (("arriving", "arriving"), ("answering", "answering"), ("handing_in", "handing in")):
        phases = [plan.phases[name] for plan in plans.values()]
        rows += [
            (f"{words}: `{endpoint}`, calls/s", *(f"{phase.rates[endpoint]:,.0f}" for phase in phases))
            for endpoint in phases[0].rates
        ]
        rows.append((f"{words}: cores in use", *(f"{sum(phase.cores.values()):.2f}" for phase in phases)))
    return _table(("", *plans), rows)


def _model(plans: dict[str, Capacity]) -> str:
    costed = all(plan.snapshots_costed for plan in plans.values())
    pictures = (
        "" if costed else "; the bench has no figure of their CPU yet, so it is in none of these numbers"
    )
    return f"""
- Arriving: {ARRIVE_BUSIEST:.2%} of all log in and start in each of the busiest ten seconds.
- Answering: {ANSWERS:g} changes in {ANSWERING_S / 60:g} minutes, each said by a sync of its own, and a beat
  every {BEAT_S:g} s.
- Handing in: {HAND_IN_SHARE:.0%} within {HAND_IN_S:g} s, while the others go on answering.
- Pictures: one in {SNAPSHOT_EVERY_S:g} s, {SNAPSHOT_BYTES // 1000} KB{pictures}.
- A core is planned to be busy for {BUSY_MOST:.0%}, the one of a Redis master for {REDIS_BUSY_MOST:.0%};
  machines have {MACHINE_CORES} cores, and one machine may be lost.
- Costs are those of full batches, as in the bench; processes with little to do
  pay more for each call (docs/performance.md).
- Not in it: TLS (the proxy's), pages and scripts (files of the proxy), consoles, arming before the opening.
- Redis keeps the log for `KAOWU_LOG_KEPT_MINUTES`, {LOG_KEPT_MINUTES} when nothing is set: bytes of an
  entry × changes in that time, as if sessions followed one another. What else it holds does not grow with
  the answers.
- The database's growth is stretched from the load test's answers to those of a whole exam: rather too much
  than too little, as a part of it does not grow with them.
- Connections: one for calls and one for the event stream of each candidate; both end at the proxy.

"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    written = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in written)


if __name__ == "__main__":
    main()
