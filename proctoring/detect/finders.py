"""Detectors of faces behind one interface: `yuface`, which comes as a package, and YuNet, which is a file."""

import ctypes
import importlib
import importlib.metadata
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from proctoring.detect.frame import Pixels
from proctoring.faces import Face, Limits, Point
from proctoring.models import YUFACE, YUFACE_LIMITS, YUNET_LIMITS, Model

SCORE_ASKED: Final = 0.3
"""Fainter faces are not even told."""

_OVERLAP_MOST: Final = 0.3
_FACES_MOST: Final = 50


class Finder(Protocol):
    """Finds faces in a picture of blue, green, red. Not for two threads at once."""

    name: str
    version: str
    limits: Limits

    def find(self, pixels: Pixels) -> Sequence[Face]:
        """All faces it sees, sure or not."""
        ...


class YuNet(Finder):
    """`cv2.FaceDetectorYN` on a model that was installed."""

    limits = YUNET_LIMITS

    def __init__(self, model: Model, data: bytes) -> None:
        self.name, self.version = model.name, f"{model.version} sha256:{model.sha256[:12]}"
        # Types of OpenCV know only the form that takes a path; bytes that were hashed are what is to run.
        create: Callable[..., Any] = cv2.FaceDetectorYN.create
        self._detector = create(
            "onnx",
            np.frombuffer(data, np.uint8),
            np.empty(0, np.uint8),
            (320, 240),
            SCORE_ASKED,
            _OVERLAP_MOST,
            _FACES_MOST,
        )

    def find(self, pixels: Pixels) -> Sequence[Face]:
        """As the port says."""
        height, width = pixels.shape[:2]
        self._detector.setInputSize((width, height))
        _, found = self._detector.detect(pixels)
        if found is None:
            return ()
        return [_face(row[14], row[:4], row[4:14], max(height, width)) for row in found.tolist()]


class YuFace(Finder):
    """The package `yuface`: weights compiled in, whole pixels, no file."""

    name = YUFACE
    limits = YUFACE_LIMITS

    def __init__(self) -> None:
        module = importlib.import_module("yuface")
        self.version = importlib.metadata.version("yuface")
        self._detect: Callable[[Pixels], Any] = module.c_detect
        self._one_thread = _threads_of(Path(str(module.__file__)).parent.parent / "yuface.libs")

    def find(self, pixels: Pixels) -> Sequence[Face]:
        """As the port says."""
        # Its threads would spin beside every other worker's: 127 ms of CPU for what costs 9.
        self._one_thread(1)
        found = self._detect(np.ascontiguousarray(pixels))
        longest = max(pixels.shape[:2])
        rows: list[list[int]] = found.tolist()
        return [
            _face(row[0] / 100, row[1:5], row[5:15], longest) for row in rows if row[0] >= SCORE_ASKED * 100
        ]


def yuface_is_here() -> bool:
    """Whether the package can be imported on this machine."""
    return find_spec("yuface") is not None


def _threads_of(folder: Path) -> Callable[[int], object]:
    """What sets the calling thread's number of OpenMP threads; the wheel carries a runtime of its own."""
    found = next(iter(sorted(folder.glob("libgomp*"))), None)
    if found is None:
        return _nothing
    return ctypes.CDLL(str(found)).omp_set_num_threads


def _nothing(_threads: int) -> None:
    """Stand in where the runtime is not the wheel's own."""


def _face(score: float, box: Sequence[float], points: Sequence[float], longest: int) -> Face:
    x, y, width, height = (side / longest for side in box)
    one, two, nose, mouth, corner = (
        Point(points[at] / longest, points[at + 1] / longest) for at in range(0, 10, 2)
    )
    return Face(score=score, x=x, y=y, width=width, height=height, points=(one, two, nose, mouth, corner))
