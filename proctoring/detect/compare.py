"""Two faces as vectors: the closer the vectors' direction, the more likely one person."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from proctoring.detect.frame import Pixels
from proctoring.faces import Face
from proctoring.models import MOBILEFACENET, SFACE, Model

SIDE: Final = 112
"""Of the square that a face is laid into."""

_PLACES: Final = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
"""Where eyes, nose and corners of the mouth lie in it: the template that these models were trained on."""

_TAKEN_AS: Final = {MOBILEFACENET.name: (1 / 128, 127.5), SFACE.name: (1.0, 0.0)}
"""Scale and mean of what each model takes."""


class Comparer:
    """A net that gives a face's vector. Not for two threads at once."""

    def __init__(self, model: Model, data: bytes) -> None:
        self.name, self.version = model.name, f"{model.version} sha256:{model.sha256[:12]}"
        self._scale, self._mean = _TAKEN_AS[model.name]
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))

    def vector(self, pixels: Pixels, face: Face) -> tuple[float, ...]:
        """Of length one. The picture is the one the face was found in, of any size."""
        laid = lay(pixels, face)
        return _unit(self._of(laid))

    def _of(self, laid: Pixels) -> Pixels:
        blob = cv2.dnn.blobFromImage(
            laid, self._scale, (SIDE, SIDE), (self._mean, self._mean, self._mean), swapRB=True
        )
        self._net.setInput(blob)
        return np.asarray(self._net.forward()).reshape(-1)


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of two vectors of length one: -1 to 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def lay(pixels: Pixels, face: Face) -> Pixels:
    """The face turned, scaled and moved so that its five points come to lie where they belong."""
    longest = max(pixels.shape[:2])
    # As complex numbers the best similarity is one division.
    points = np.array([complex(point.x, point.y) * longest for point in face.points])
    places = _PLACES[:, 0] + 1j * _PLACES[:, 1]
    middle, target = points.mean(), places.mean()
    spread = float((np.abs(points - middle) ** 2).sum())
    by = ((points - middle).conj() * (places - target)).sum() / max(spread, 1e-9)
    moved = target - by * middle
    how = np.array([[by.real, -by.imag, moved.real], [by.imag, by.real, moved.imag]])
    return cv2.warpAffine(pixels, how, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)


def _unit(vector: Pixels) -> tuple[float, ...]:
    return tuple((vector / max(float(np.linalg.norm(vector)), 1e-9)).tolist())
