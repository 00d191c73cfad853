"""What a picture's surface tells without any model: flatness, light, sharpness, likeness to another one."""

from typing import Final

import cv2
import msgspec
import numpy as np

from proctoring.detect.frame import Pixels

BLOCK: Final = 10
"""Side of the blocks whose flatness is measured, in the grey picture."""

FLAT_BELOW: Final = 4.0
"""A block with less deviation from its mean than this is flat."""

_HASH: Final = (9, 8)


class Texture(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one picture."""

    light: float
    """Mean brightness, 0 to 255."""
    flat: float
    """Share of blocks that show nothing."""
    sharp: float
    """Variance of the Laplacian."""
    hash: int
    """64 bits: does brightness rise from one point to the next?"""


def texture_of(grey: Pixels) -> Texture:
    """Measure a small grey picture."""
    height, width = grey.shape
    blocks = (width // BLOCK, height // BLOCK)
    exact = grey.astype(np.float32)
    # Shrinking by area is the mean of each block: a third of the time that a deviation by reshaping takes.
    mean = cv2.resize(exact, blocks, interpolation=cv2.INTER_AREA)
    variance = cv2.resize(exact * exact, blocks, interpolation=cv2.INTER_AREA) - mean * mean
    _, edges = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F))
    return Texture(
        light=float(mean.mean()),
        flat=float((variance < FLAT_BELOW * FLAT_BELOW).mean()),
        sharp=float(edges[0, 0]) ** 2,
        hash=_rises(grey),
    )


def change_between(grey: Pixels, other: Pixels) -> float:
    """Mean difference of two small grey pictures, 0 to 255."""
    return float(cv2.absdiff(grey, other).mean())


def _rises(grey: Pixels) -> int:
    small = cv2.resize(grey, _HASH, interpolation=cv2.INTER_AREA).astype(np.int16)
    return int.from_bytes(np.packbits(small[:, 1:] > small[:, :-1]).tobytes(), "big")
