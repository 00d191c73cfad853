"""What a picture says beside those before it: signs, each with figure and limit; they accuse nobody."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec

from proctoring.faces import Face, Turn, widest

FLAT_MOST: Final = 0.9
"""Share of the picture that shows nothing, from which on the lens counts as covered when no face is seen."""

DARK_BELOW: Final = 25.0
"""Mean brightness below which a picture without a face is called dark."""

BLURRED_BELOW: Final = 30.0
"""Variance of the Laplacian below which a face is too blurred to be compared with anybody."""

SAME_BITS_MOST: Final = 3
"""Of 64: two pictures that differ in more are two pictures; two different ones differ in 17 and more."""

MOVED_LEAST: Final = 1.0
"""Mean difference to the picture before: a live head never stays below it for long."""

STILL_PICTURES: Final = 3
"""Differences below `MOVED_LEAST` one after the other that make a sign."""

TURNED_FROM_OWN: Final = 0.25
"""How far beyond the own median a head is turned, as a share of the eyes' distance: some 35 degrees."""

OWN_MEDIAN_OF: Final = 3
"""Faces seen before a median says how this person holds their head."""

COMPARED_LEAST: Final = 3
COMPARED_MOST: Final = 5
"""Good pictures that the median likeness to the enrolled photo is taken of: never one picture."""

LIVE_LEAST: Final = 0.5
"""Chance below which a face looks like one on a screen."""

REPLAYED_LEAST: Final = 3
"""Of the last `COMPARED_MOST` pictures that were asked about."""

REMEMBERED: Final = 20
"""Pictures of an attempt that are held against the next one."""


class Kind(StrEnum):
    """Kinds of signs. Stored: never renamed."""

    NO_FACE = "no-face"
    SECOND_FACE = "second-face"
    COVERED = "covered"
    """Nothing is seen: lens covered, or a bare wall."""
    DARK = "dark"
    """No face, in a picture that is too dark to say more."""
    SAME_BYTES = "same-bytes"
    """The very bytes of an earlier picture, its own or another attempt's: no camera does that."""
    REPEATED = "repeated"
    """Two different pictures of a while ago, again one after the other: a loop."""
    STILL = "still"
    """Nothing has moved over several pictures: a photo before the camera, or a frozen one."""
    TURNED_AWAY = "turned-away"
    OTHER_PERSON = "other-person"
    REPLAYED = "replayed"
    """Advice only."""


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured in one picture. The adapters in `proctoring.detect` make it."""

    at_ms: int
    digest: bytes
    """SHA-256 of the bytes."""
    searched: bool = True
    """False: no detector is at hand; then nothing is said about faces."""
    faces: tuple[Face, ...] = ()
    turn: Turn = Turn.NONE
    best: float = 0.0
    """Score of the best face, counted or not."""
    light: float
    flat: float
    sharp: float
    hash: int
    change: float | None = None
    """Mean difference to the picture before; None: there was none."""
    likeness: float | None = None
    """Cosine to the enrolled photo; None: not compared, or not a good picture."""
    live: float | None = None
    """Chance of a person before the camera; None: not asked."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was noticed."""

    kind: Kind
    figure: float
    limit: float
    """What `figure` was held against."""


class Against(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures of an installation are held against."""

    present: float = 0.6
    """Score of the detector in use below which nobody is there."""
    further: float = 0.75
    same_person: float = 0.25
    """Cosine of the comparing model in use."""


def signs_of(
    now: Sight, before: Sequence[Sight], against: Against, *, elsewhere: bool = False
) -> tuple[Sign, ...]:
    """Signs of a picture.

    before: earlier pictures of the attempt, oldest first, `REMEMBERED` at most.
    elsewhere: another attempt sent the same bytes.
    """
    found = [*_of_bytes(now, before, elsewhere=elsewhere), *_of_faces(now, before, against)]
    kinds = {sign.kind for sign in found}
    # A covered lens stands still by itself, and the same bytes need no second word.
    if not kinds & {Kind.SAME_BYTES, Kind.COVERED, Kind.DARK}:
        found += _of_movement(now, before)
    return (*found, *_of_person(now, before, against))


def bits_apart(one: int, other: int) -> int:
    """In how many bits two perceptual hashes differ."""
    return (one ^ other).bit_count()


def own_turn(before: Sequence[Sight]) -> float | None:
    """How this person usually holds their head; None: too few pictures to say."""
    turns = [face.turned for sight in before if (face := widest(sight.faces)) is not None]
    return median(turns) if len(turns) >= OWN_MEDIAN_OF else None


def median_likeness(sights: Sequence[Sight]) -> float | None:
    """Over the latest good pictures; None: too few."""
    latest = [sight.likeness for sight in sights if sight.likeness is not None][-COMPARED_MOST:]
    return median(latest) if len(latest) >= COMPARED_LEAST else None


def _of_bytes(now: Sight, before: Sequence[Sight], *, elsewhere: bool) -> list[Sign]:
    again = sum(sight.digest == now.digest for sight in before) + elsewhere
    return [Sign(kind=Kind.SAME_BYTES, figure=again, limit=1)] if again else []


def _of_faces(now: Sight, before: Sequence[Sight], against: Against) -> list[Sign]:
    if now.faces:
        return [*_second(now, against), *_turned(now, before)]
    if now.flat > FLAT_MOST:
        return [Sign(kind=Kind.COVERED, figure=now.flat, limit=FLAT_MOST)]
    if not now.searched:
        return []
    if now.light < DARK_BELOW:
        return [Sign(kind=Kind.DARK, figure=now.light, limit=DARK_BELOW)]
    return [Sign(kind=Kind.NO_FACE, figure=now.best, limit=against.present)]


def _second(now: Sight, against: Against) -> list[Sign]:
    return [Sign(kind=Kind.SECOND_FACE, figure=face.score, limit=against.further) for face in now.faces[1:2]]


def _turned(now: Sight, before: Sequence[Sight]) -> list[Sign]:
    own, face = own_turn(before), widest(now.faces)
    off = 0.0 if own is None or face is None else abs(face.turned - own)
    return [Sign(kind=Kind.TURNED_AWAY, figure=off, limit=TURNED_FROM_OWN)] if off > TURNED_FROM_OWN else []


def _of_movement(now: Sight, before: Sequence[Sight]) -> list[Sign]:
    found: list[Sign] = []
    latest = [sight.change for sight in (*before, now)[-STILL_PICTURES:]]
    changes = [change for change in latest if change is not None]
    if len(changes) == STILL_PICTURES and max(changes) < MOVED_LEAST:
        found.append(Sign(kind=Kind.STILL, figure=max(changes), limit=MOVED_LEAST))
    nearest = _came_back(now, before)
    if nearest is not None:
        found.append(Sign(kind=Kind.REPEATED, figure=nearest, limit=SAME_BITS_MOST))
    return found


def _came_back(now: Sight, before: Sequence[Sight]) -> int | None:
    """Bits by which this picture and the one before it repeat two earlier ones in the same order.

    One posture comes back with everybody; two that differ, one after the other, come back in a loop.
    """
    if not before or bits_apart(now.hash, before[-1].hash) <= SAME_BITS_MOST:
        return None
    apart = [
        max(bits_apart(before[-1].hash, one.hash), bits_apart(now.hash, two.hash))
        for one, two in pairwise(before[:-1])
    ]
    nearest = min(apart, default=SAME_BITS_MOST + 1)
    return nearest if nearest <= SAME_BITS_MOST else None


def _of_person(now: Sight, before: Sequence[Sight], against: Against) -> list[Sign]:
    found: list[Sign] = []
    seen = (*before, now)
    if now.likeness is not None:
        usual = median_likeness(seen)
        if usual is not None and usual < against.same_person:
            found.append(Sign(kind=Kind.OTHER_PERSON, figure=usual, limit=against.same_person))
    if now.live is not None:
        latest = [sight.live for sight in seen if sight.live is not None][-COMPARED_MOST:]
        below = [live for live in latest if live < LIVE_LEAST]
        if len(below) >= REPLAYED_LEAST:
            found.append(Sign(kind=Kind.REPLAYED, figure=median(latest), limit=LIVE_LEAST))
    return found
