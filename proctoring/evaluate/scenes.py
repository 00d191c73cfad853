"""Pictures put together for a measurement: covered lenses, a second person, photos that stand still."""

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import numpy as np

from proctoring.detect.frame import Pixels
from proctoring.evaluate.conditions import HEIGHT, WIDTH, Random, drawn_for, jpeg_of, moved, noise_of
from proctoring.faces import Face

COVERS: Final[Mapping[str, tuple[tuple[int, int], tuple[float, float, float]]]] = {
    "lens covered": ((1, 12), (1.0, 1.0, 1.0)),
    "finger": ((60, 140), (0.35, 0.45, 1.0)),
    "bare wall": ((110, 220), (0.92, 0.97, 1.0)),
}
"""Least and greatest brightness, and the colour as shares of blue, green, red."""

AROUND: Final = 2.2
"""A second head is cut out with so many times its face's width."""

PICTURES_OF_ONE: Final = 5
"""Pictures that are made of one photo to see whether something moves."""


def cover(what: str, number: int) -> bytes:
    """A picture that shows nothing: a slope of brightness and a sensor's noise."""
    random = drawn_for(what, str(number))
    (least, most), colour = COVERS[what]
    one, other = random.uniform(least, most, 2)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    along = random.uniform(0, 1)
    slope = along * across / WIDTH + (1 - along) * down / HEIGHT
    bright = one + (other - one) * 0.5 * slope
    shown = bright[..., None] * np.array(colour)
    noise = noise_of(random.uniform(1.5, 4), shown, random)
    return jpeg_of(np.clip(shown + noise, 0, 255).astype(np.uint8))


def head_of(picture: Pixels, face: Face, *, face_px: int) -> Pixels:
    """A head cut out of a snapshot and brought to a face of so many pixels."""
    side = round(face.width * WIDTH * AROUND)
    left = round((face.x + face.width / 2) * WIDTH - side / 2)
    top = round((face.y + face.height / 2) * WIDTH - side / 2)
    out = cv2.copyMakeBorder(picture, side, side, side, side, cv2.BORDER_REPLICATE)
    cut = out[top + side : top + 2 * side, left + side : left + 2 * side]
    size = round(face_px * AROUND)
    return cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)


def with_second(picture: Pixels, face: Face, head: Pixels) -> Pixels | None:
    """The head in the upper corner that is farther from the face; None: it would lie on the face."""
    size = head.shape[0]
    on_the_left = face.x + face.width / 2 > 0.5  # noqa: PLR2004 - the middle
    left = 8 if on_the_left else WIDTH - size - 8
    begins, ends = face.x * WIDTH, (face.x + face.width) * WIDTH
    if begins < left + size and ends > left and face.y * WIDTH < size + 8:
        return None
    both = picture.copy()
    both[8 : 8 + size, left : left + size] = head
    return both


def standing_still(picture: Pixels, random: Random) -> Sequence[bytes]:
    """A photo before the camera: only the sensor's noise and the light change."""
    return [jpeg_of(_noisy(picture, 1 + random.normal(0, 0.002), random)) for _ in range(PICTURES_OF_ONE)]


def held_by_a_neck(picture: Pixels, random: Random) -> Sequence[bytes]:
    """A head that sits as still as people do for half a minute: two to six pixels from picture to picture."""
    made: list[bytes] = []
    for _ in range(PICTURES_OF_ONE):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(2, 6)
        made.append(jpeg_of(_noisy(moved(picture, far * np.cos(angle), far * np.sin(angle)), 1.0, random)))
    return made


def _noisy(picture: Pixels, light: float, random: Random) -> Pixels:
    lit = picture * np.float32(light) + noise_of(2, picture, random)
    return np.clip(lit, 0, 255).astype(np.uint8)
