"""Curves as SVG: lines over time with axes, a legend, and no colour that has to carry the meaning alone."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

Line = Sequence[tuple[float, float]]

WIDTH: Final = 880
HEIGHT: Final = 290

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 62, 44
_COLOURS: Final = ("#0b57d0", "#b3261e", "#146c2e", "#7a4fbf", "#8a5000", "#00696e", "#5f5f5f", "#a8006d")
_DASHES: Final = ("", "7 4", "2 3", "10 3 2 3")
_TICKS: Final = 4
_STEPS: Final = (1, 2, 2.5, 5, 10)


class Span(NamedTuple):
    """The time that a picture shows, in seconds."""

    left: float
    right: float


def drawn(
    lines: Mapping[str, Line],
    *,
    title: str,
    unit: str,
    marks: Mapping[str, float],
    between: tuple[float, float] | None = None,
) -> str:
    """One picture; `marks` are upright lines at some seconds, each with its word."""
    span = Span(*(between or (0.0, max([at for line in lines.values() for at, _ in line] + [1.0]))))
    lines = {
        name: [(at, value) for at, value in line if span.left <= at <= span.right]
        for name, line in lines.items()
    }
    marks = {word: at for word, at in marks.items() if span.left <= at <= span.right}
    top = _round_up(max([value for line in lines.values() for _, value in line] + [1e-9]))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        )
    ]
    parts += _axes(span, top, unit)
    for number, (word, at_s) in enumerate(marks.items()):
        x = _x(at_s, span)
        parts.append(
            f'<path d="M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM}" stroke="#999" stroke-dasharray="3 3"/>'
            f'<text x="{x + 3:.1f}" y="{_TOP + 11 + 12 * (number % 2)}" fill="#555" font-size="10">'
            f"{escape(word)}</text>"
        )
    parts.append(f'<text x="{_LEFT}" y="16" font-weight="700" fill="#222">{escape(title)}</text>')
    at, row = float(_LEFT), 34
    for number, (name, line) in enumerate(lines.items()):
        pen = f'stroke="{_COLOURS[number % 8]}" stroke-dasharray="{_DASHES[number // 2 % 4]}"'
        points = " ".join(f"{_x(x, span):.1f},{_y(y, top):.1f}" for x, y in line)
        parts.append(f'<polyline fill="none" stroke-width="1.6" {pen} points="{points}"/>')
        parts.append(
            f'<path d="M{at:.0f} {row - 4}h22" stroke-width="2.4" {pen}/>'
            f'<text x="{at + 27:.0f}" y="{row}" fill="#222">{escape(name)}</text>'
        )
        at += 44 + 7.5 * len(name)
        if at > WIDTH - 150 and row == 34:  # noqa: PLR2004 - the legend's second row
            at, row = float(_LEFT), 50
    return "".join([*parts, "</svg>"])


def _axes(span: Span, top: float, unit: str) -> list[str]:
    parts: list[str] = []
    for number in range(_TICKS + 1):
        value = top * number / _TICKS
        y = _y(value, top)
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" stroke="#e3e3e3"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{value:g}</text>'
        )
    step = _round_up((span.right - span.left) / 8)
    at = span.left - span.left % step
    at += step if at < span.left else 0.0
    while at <= span.right:
        x = _x(at, span)
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle" fill="#444">{at:g}</text>'
        )
        at += step
    parts.append(
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 8}" text-anchor="end" fill="#444">秒 s</text>'
        f'<text x="{_LEFT}" y="{HEIGHT - 8}" fill="#444">{escape(unit)}</text>'
    )
    return parts


def _x(value: float, span: Span) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * (value - span.left) / (span.right - span.left)


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next((power * step for step in _STEPS if power * step >= value), power * 10)
