"""The page of detector cards, docs/proctoring.md: written from measurements only."""

from collections.abc import Sequence
from typing import Final

from proctoring.cards import Card, Row, per_cent, told, told_error

HEAD: Final = """\
# Proctoring: what looks at pictures, and how well

Written by `kaowu proctor-eval DIR`; not by hand. Every figure is a share in per cent of `n` pictures with its
95 % interval (Wilson; the equal error rate by resampling). Signs accuse nobody: a person decides (ADR 10).

What the figures do not say: they are from photographs that were fitted to 640 × 480 and made worse by
rule, not from phones in exams. Sets are small, and faces of the press are not faces of building sites:
darker skin in bad light, helmets, dust masks and printed photos were not measured. Thresholds were
chosen on the development set; on other people's pictures expect them a little worse. Whoever cannot or
does not want to be looked at has a way without a camera.
"""

LIMITS_TOLD: Final = """\
## Thresholds

The rows above are recall (a face is there, a lens is covered, a second person is there) and false alarms
(empty scenes, animals, faces that are not covered) at exactly these thresholds. Turned heads are not in
them: the set has no angles.
"""

REFUSED: Final = """\
## What was tried and is not used

Cascades of simple features (every fifth picture of one person showed two), moiré by Fourier analysis (no
real replay found), looking for telephones (none of four in a hand found), looking down (too weak).
Brightness or contrast alone as a test of a covered lens: every dim room was one.
"""


def page_of(cards: Sequence[Card]) -> str:
    """The whole page; without cards there is nothing to say."""
    parts = [HEAD, *map(_card, cards), LIMITS_TOLD, *map(_limits, cards), REFUSED]
    return "\n".join(parts)


def _card(card: Card) -> str:
    lines = [
        f"## {card.pipeline}",
        "",
        f"Set `{card.set_name}`, {card.pictures} pictures, {card.date}. {'; '.join(card.versions)}.",
        "",
        "| what is right | condition | right / n | % (95 %) | has to reach | |",
        "|---|---|---|---|---|---|",
        *(_row(row) for row in card.rows),
    ]
    if card.error is not None:
        of = f"{card.error.same} + {card.error.different}"
        reached = _reached(reached=card.error.reached)
        lines.append(
            f"| equal error rate of comparing (lower is better) | clean | {of} | {told_error(card.error)} "
            f"| ≤ {per_cent(card.error.bar)} | {reached} |"
        )
    return "\n".join([*lines, ""])


def _row(row: Row) -> str:
    bar = "" if row.bar is None else f"≥ {per_cent(row.bar)}"
    reached = "" if row.bar is None else _reached(reached=row.reached)
    return f"| {row.what} | {row.condition} | {row.right} / {row.n} | {told(row)} | {bar} | {reached} |"


def _limits(card: Card) -> str:
    rows = "\n".join(f"| `{name}` | {value:g} |" for name, value in card.limits)
    return f"{card.pipeline}:\n\n| threshold | value |\n|---|---|\n{rows}\n"


def _reached(*, reached: bool) -> str:
    return "reached" if reached else "**missed**"
