"""Faces that a detector found in one picture: how many count, and which way the first one looks."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

WIDTH_LEAST: Final = 24 / 640
"""Narrower faces are posters, prints and patterns: they count neither as the candidate nor as another person.

A share of the picture's longer side, as all places in this module.
"""

GOOD_WIDTH_LEAST: Final = 60 / 640
"""Faces narrower than this are not compared with anybody."""

GOOD_SCORE_LEAST: Final = 0.8
"""Faces that the detector is less sure of are not compared with anybody."""

GOOD_TURN_MOST: Final = 0.2
"""Heads turned further (some 25 degrees) are not compared with anybody."""


class Turn(StrEnum):
    """How a picture was turned before faces were found in it."""

    NONE = "none"
    CLOCKWISE = "clockwise"
    COUNTERCLOCKWISE = "counterclockwise"
    LEANING_LEFT = "leaning-left"
    LEANING_RIGHT = "leaning-right"


class Point(msgspec.Struct, frozen=True, array_like=True):
    x: float
    y: float


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """One face, as shares of the picture's longer side."""

    score: float
    """How sure the detector is, 0 to 1; two detectors' scores are not the same thing."""
    x: float
    y: float
    width: float
    height: float
    points: tuple[Point, Point, Point, Point, Point]
    """Eye, eye, nose, corner of the mouth, corner of the mouth; the picture's left one first."""

    @property
    def turned(self) -> float:
        """How far the nose is off the middle line, as a share of the eyes' distance; 0 looks at the camera.

        Negative to the picture's left. 0.17 is some 20 to 25 degrees, 0.25 some 35.
        """
        eye, other, nose, mouth, corner = self.points
        across = (other.x - eye.x, other.y - eye.y)
        distance = (across[0] ** 2 + across[1] ** 2) ** 0.5
        if distance == 0:
            return 0.0
        middle_x = (eye.x + other.x + mouth.x + corner.x) / 4
        middle_y = (eye.y + other.y + mouth.y + corner.y) / 4
        off = (nose.x - middle_x) * across[0] + (nose.y - middle_y) * across[1]
        return off / distance**2

    @property
    def good(self) -> bool:
        """Whether it may be compared with a photo."""
        return (
            self.score >= GOOD_SCORE_LEAST
            and self.width >= GOOD_WIDTH_LEAST
            and abs(self.turned) <= GOOD_TURN_MOST
        )


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """From which score on a detector's faces count; each detector has its own."""

    present: float
    """The best face: below it there is nobody."""
    further: float
    """Every face after the best one."""
    sideways: float
    """Only seen in the picture turned by 90 degrees."""
    leaning: float
    """Only seen in the picture turned by 30 degrees."""


def counted(faces: Sequence[Face], limits: Limits) -> tuple[Face, ...]:
    """Those that count, the surest first; none: nobody is seen in this picture as it stands."""
    wide = sorted(
        (face for face in faces if face.width >= WIDTH_LEAST), key=lambda face: face.score, reverse=True
    )
    if not wide or wide[0].score < limits.present:
        return ()
    return (wide[0], *(face for face in wide[1:] if face.score >= limits.further))


def widest(faces: Sequence[Face]) -> Face | None:
    """The one nearest to the camera: whoever sits before it, not whoever walks by."""
    return max(faces, key=lambda face: face.width, default=None)
