"""Compares the faces of pairs: how well one person is told from another, by one picture and by five."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import cv2
import numpy as np

from proctoring.cards import Error, Row
from proctoring.detect.eye import Asked, Eye, is_comparable
from proctoring.detect.frame import Pixels
from proctoring.evaluate.conditions import HEIGHT, OF_ANY, WIDTH, drawn_for
from proctoring.evaluate.counting import picture_of
from proctoring.evaluate.manifest import Pair
from proctoring.signs import COMPARED_LEAST, COMPARED_MOST

HEAD: Final = 400
"""Pixels that a picture of a head is brought to within a snapshot."""

CONDITIONS: Final = ("clean", "q40", "tilt 20°", "blur σ3", "light ×0.35")
"""Five pictures of one photo; each pair's first picture is compared clean with the second's five."""

DRAWS: Final = 20_000
RESAMPLES: Final = 200
FALSE_ACCEPTS: Final = 0.01
EER_MOST: Final = 0.015

Vector = tuple[float, ...]


def compare_over(
    pairs: Sequence[Pair], eye: Eye, least: float, told: Callable[[], None]
) -> tuple[Sequence[Row], Error | None]:
    """Rows and the equal error rate over all pairs that a face is found in; none where nothing compares."""
    enrolled: dict[Path, Vector] = {}
    scores: dict[str, dict[bool, list[float]]] = {name: {True: [], False: []} for name in CONDITIONS}
    five: dict[bool, list[float]] = {True: [], False: []}
    missed = 0
    for pair in pairs:
        told()
        first = _enrolled(pair.one, eye, enrolled)
        seen = _likenesses(pair.other, eye, first)
        if "clean" not in seen:
            missed += 1
            continue
        for name, (score, _) in seen.items():
            scores[name][pair.same].append(score)
        good = [score for score, comparable in seen.values() if comparable]
        if len(good) >= COMPARED_LEAST:
            five[pair.same].append(median(good))
    same, different = scores["clean"][True], scores["clean"][False]
    if not same or not different:
        return (), None
    rows = [
        Row(what="pair: a face in both", condition="clean", right=len(pairs) - missed, n=len(pairs)),
        *_accepted(scores),
        *_decided(same, different, least),
        *_one_photo(five, least),
    ]
    return rows, _equal_error(np.array(same), np.array(different))


def head_in_snapshot(path: Path) -> Pixels:
    """A picture of a head in the middle of a snapshot."""
    picture = cv2.resize(picture_of(path), (HEAD, HEAD), interpolation=cv2.INTER_CUBIC)
    down, across = (HEIGHT - HEAD) // 2, (WIDTH - HEAD) // 2
    return cv2.copyMakeBorder(picture, down, down, across, across, cv2.BORDER_REPLICATE)


def _enrolled(path: Path, eye: Eye, held: dict[Path, Vector]) -> Vector | None:
    if path not in held:
        jpeg = OF_ANY["clean"](head_in_snapshot(path), drawn_for(path.name, "clean"))
        vector = eye.enrol(jpeg)
        if vector is None:
            return None
        held[path] = vector
    return held[path]


def _likenesses(path: Path, eye: Eye, first: Vector | None) -> Mapping[str, tuple[float, bool]]:
    """By condition, with whether an exam would have compared it; those without any face are left out."""
    found: dict[str, tuple[float, bool]] = {}
    if first is None:
        return found
    picture = head_in_snapshot(path)
    for condition in CONDITIONS:
        jpeg = OF_ANY[condition](picture, drawn_for(path.name, condition))
        sight = eye.look(jpeg, at_ms=0, asked=Asked(enrolled=first, any_face=True), before=None).sight
        if sight.likeness is not None:
            found[condition] = (sight.likeness, is_comparable(sight))
    return found


def _accepted(scores: Mapping[str, Mapping[bool, Sequence[float]]]) -> Sequence[Row]:
    """How many of one person's pairs are accepted where one in a hundred of two persons' is."""
    rows: list[Row] = []
    for condition, by_same in scores.items():
        different = sorted(by_same[False], reverse=True)
        same = by_same[True]
        if not different or not same:
            continue
        limit = different[int(len(different) * FALSE_ACCEPTS)]
        right = sum(score > limit for score in same)
        bar = 0.98 if condition == "clean" else None
        rows.append(
            Row(
                what="same person accepted at 1 % false",
                condition=condition,
                right=right,
                n=len(same),
                bar=bar,
            )
        )
    return rows


def _decided(same: Sequence[float], different: Sequence[float], least: float) -> Sequence[Row]:
    """Medians of five scores drawn from different pairs: pictures that have nothing to do with each other."""
    draw = random.Random(5)  # noqa: S311 - a simulation that is the same every time

    def below(scores: Sequence[float]) -> int:
        return sum(median(draw.choices(scores, k=COMPARED_MOST)) < least for _ in range(DRAWS))

    return [
        Row(
            what="median of five, drawn apart: same person not flagged",
            condition="clean",
            right=DRAWS - below(same),
            n=DRAWS,
            bar=0.995,
        ),
        Row(
            what="median of five, drawn apart: other person flagged",
            condition="clean",
            right=below(different),
            n=DRAWS,
            bar=0.99,
        ),
    ]


def _one_photo(five: Mapping[bool, Sequence[float]], least: float) -> Sequence[Row]:
    """Medians over five pictures of one photo: as alike as pictures get, so the hardest case."""
    return [
        Row(
            what="median of one photo's five: same person not flagged",
            condition="mixed",
            right=sum(score >= least for score in five[True]),
            n=len(five[True]),
        ),
        Row(
            what="median of one photo's five: other person flagged",
            condition="mixed",
            right=sum(score < least for score in five[False]),
            n=len(five[False]),
        ),
    ]


def equal_error(same: Pixels, different: Pixels) -> float:
    """The rate at which as many of one person's pairs are refused as of two persons' accepted."""
    limits = np.unique(np.concatenate([same, different]))
    refused = np.searchsorted(np.sort(same), limits, side="left") / len(same)
    accepted = 1 - np.searchsorted(np.sort(different), limits, side="left") / len(different)
    nearest = int(np.argmin(np.abs(refused - accepted)))
    return float((refused[nearest] + accepted[nearest]) / 2)


def _equal_error(same: Pixels, different: Pixels) -> Error:
    draw = np.random.default_rng(5)
    again = [
        equal_error(draw.choice(same, len(same)), draw.choice(different, len(different)))
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(again, [2.5, 97.5])
    return Error(
        rate=equal_error(same, different),
        low=float(low),
        high=float(high),
        same=len(same),
        different=len(different),
        bar=EER_MOST,
    )
