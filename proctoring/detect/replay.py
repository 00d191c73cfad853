"""Advice whether a face is a person in front of the camera or a picture on a screen."""

from typing import Final

import cv2
import numpy as np

from proctoring.detect.frame import Pixels
from proctoring.faces import Face
from proctoring.models import Model

SIDE: Final = 80
AROUND: Final = 2.7
"""How much of what is around the face is looked at, as a multiple of its box."""

_LIVE: Final = 1
"""Which of the net's three classes is a person."""


class ReplayAdviser:
    """MiniFASNet. Not for two threads at once."""

    def __init__(self, model: Model, data: bytes) -> None:
        self.name, self.version = model.name, f"{model.version} sha256:{model.sha256[:12]}"
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))

    def live(self, pixels: Pixels, face: Face) -> float:
        """Chance that it is a person, 0 to 1. The picture is the one the face was found in, of any size."""
        blob = cv2.dnn.blobFromImage(around(pixels, face), 1.0, (SIDE, SIDE))  # as it is: not divided by 255
        self._net.setInput(blob)
        said = np.asarray(self._net.forward()).reshape(-1)
        chances = np.exp(said - said.max())
        return float(chances[_LIVE] / chances.sum())


def around(pixels: Pixels, face: Face) -> Pixels:
    """The face with its surroundings; moved, then shrunk, where the picture ends."""
    height, width = pixels.shape[:2]
    longest = max(height, width)
    box = (max(1.0, face.width * longest), max(1.0, face.height * longest))
    by = min(AROUND, (width - 1) / box[0], (height - 1) / box[1])
    wide, high = box[0] * by, box[1] * by
    left = min(max(0.0, (face.x + face.width / 2) * longest - wide / 2), width - 1 - wide)
    top = min(max(0.0, (face.y + face.height / 2) * longest - high / 2), height - 1 - high)
    return pixels[int(top) : int(top + high) + 1, int(left) : int(left + wide) + 1]
