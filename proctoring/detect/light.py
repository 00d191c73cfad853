"""A dark picture is brightened by its lightest hundredth before faces are looked for: none burns out."""

from typing import Final

import cv2
import numpy as np

from proctoring.detect.frame import SEARCHED, Pixels

LIGHT_ENOUGH: Final = 120
"""A picture whose lightest hundredth (of green, 0 to 255) reaches this stays as it is."""

LIFTED_TO: Final = 200
"""What the lightest hundredth is brought to."""

GAIN_MOST: Final = 14.0
"""Beyond that only noise would grow."""

NOISY_GAIN: Final = 3.0
"""From this gain on noise is smoothed as well."""

_EVERY: Final = 8
_SMOOTH_AT_SEARCHED: Final = 0.8
_SMOOTH_LARGER: Final = 1.2


def lightest(pixels: Pixels) -> float:
    """Brightness of the lightest hundredth, on every eighth row and column."""
    return float(np.percentile(pixels[::_EVERY, ::_EVERY, 1], 99))


def brightened(pixels: Pixels) -> Pixels:
    """The picture in a light that a detector was trained on; a light one comes back as it is."""
    light = lightest(pixels)
    if light >= LIGHT_ENOUGH:
        return pixels
    gain = min(GAIN_MOST, LIFTED_TO / max(light, 1.0))
    lifted = cv2.convertScaleAbs(pixels, alpha=gain)
    if gain <= NOISY_GAIN:
        return lifted
    sigma = _SMOOTH_LARGER if max(pixels.shape[:2]) > SEARCHED else _SMOOTH_AT_SEARCHED
    return cv2.GaussianBlur(lifted, (0, 0), sigma)
