"""Bytes of a snapshot become pixels: never before its header was read, never more than are looked at."""

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from proctoring.errors import NotASnapshot
from proctoring.snapshot import Fault, Snapshot, read_snapshot

Pixels = npt.NDArray[Any]
"""Rows of blue, green, red bytes, or of grey ones."""

SEARCHED: Final = 320
"""Longer side of what faces are looked for in."""

COMPARED: Final = 640
"""Longer side of what faces are compared in."""

GREY: Final = (160, 120)
"""Width and height of the grey picture that light, texture and movement are measured in."""

_REDUCED: Final = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)

# A picture is worked on by one thread; what OpenCV says about its own engines is for its builders.
cv2.setNumThreads(1)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


def open_pixels(data: bytes, *, longest: int) -> Pixels:
    """Decode at the least size whose longer side still has `longest` pixels, then bring it down to that.

    Raises NotASnapshot: whatever `read_snapshot` refuses, and what the decoder cannot read.
    """
    return decoded(read_snapshot(data), longest=longest)


def decoded(taken: Snapshot, *, longest: int) -> Pixels:
    """The same of a snapshot whose header was read. Raises NotASnapshot."""
    side = max(taken.width, taken.height)
    how = next((flag for by, flag in _REDUCED if side // by >= longest), cv2.IMREAD_COLOR)
    try:
        pixels = cv2.imdecode(np.frombuffer(taken.jpeg, np.uint8), how | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        raise NotASnapshot(Fault.BROKEN) from None
    if pixels is None:  # pyright: ignore[reportUnnecessaryComparison] - it is None for bytes that are no picture
        raise NotASnapshot(Fault.BROKEN)
    return brought_down(pixels, longest)


def brought_down(pixels: Pixels, longest: int) -> Pixels:
    """No larger than that on its longer side."""
    height, width = pixels.shape[:2]
    if max(height, width) <= longest:
        return pixels
    share = longest / max(height, width)
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def grey_of(pixels: Pixels) -> Pixels:
    """The small grey picture that light, texture and movement are measured in."""
    return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), GREY, interpolation=cv2.INTER_AREA)
