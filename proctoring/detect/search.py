"""Looking for faces in one picture: as it stands, lying on its side, leaning; the first that shows any."""

from typing import Final

import cv2
import msgspec

from proctoring.detect.finders import Finder
from proctoring.detect.frame import Pixels
from proctoring.faces import Face, Turn, counted

LEANING_BY: Final = 30
"""Degrees of the last try."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and how the picture was turned for it."""

    faces: tuple[Face, ...] = ()
    """Those that count, the surest first, placed in the turned picture."""
    turn: Turn = Turn.NONE
    best: float = 0.0
    """Score of the best face that was seen at all, counted or not."""


def find_faces(finder: Finder, pixels: Pixels) -> Found:
    """Faces of a picture that is light enough.

    A face that is only seen after turning counts from a higher score on: a cup lying down has eyes, too.
    """
    seen = finder.find(pixels)
    upright = counted(seen, finder.limits)
    best = max((face.score for face in seen), default=0.0)
    if upright:
        return Found(faces=upright, best=best)
    for turns, least in (
        ((Turn.CLOCKWISE, Turn.COUNTERCLOCKWISE), finder.limits.sideways),
        ((Turn.LEANING_LEFT, Turn.LEANING_RIGHT), finder.limits.leaning),
    ):
        tries = [(counted(finder.find(turned(pixels, turn)), finder.limits), turn) for turn in turns]
        faces, turn = max(tries, key=lambda tried: tried[0][0].score if tried[0] else 0.0)
        if faces and faces[0].score >= least:
            return Found(faces=faces, turn=turn, best=faces[0].score)
    return Found(best=best)


def turned(pixels: Pixels, turn: Turn) -> Pixels:
    """The picture as a person who holds their head so would hold it."""
    if turn is Turn.CLOCKWISE:
        return cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE)
    if turn is Turn.COUNTERCLOCKWISE:
        return cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
    if turn is Turn.NONE:
        return pixels
    height, width = pixels.shape[:2]
    by = LEANING_BY if turn is Turn.LEANING_LEFT else -LEANING_BY
    around = cv2.getRotationMatrix2D((width / 2, height / 2), by, 1)
    return cv2.warpAffine(pixels, around, (width, height), borderMode=cv2.BORDER_REPLICATE)
