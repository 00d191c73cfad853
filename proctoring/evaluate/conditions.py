"""What happens to a picture between face and detector: drawn the same every time from the picture's name."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np

from proctoring.detect.frame import Pixels
from proctoring.faces import Face

WIDTH: Final = 640
HEIGHT: Final = 480
QUALITY: Final = 80
"""Of the JPEG that a phone's page sends on a good link."""

SMALL_SQUARE: Final = 250
"""Pictures of exactly this size show a head in the middle, and are brought nearer than others."""

_NEARER: Final = 2.56
_GREY: Final = (90, 100, 95)
_MASK: Final = (200, 190, 170)
_HAND: Final = (110, 130, 180)

Random = np.random.Generator


def drawn_for(name: str, what: str) -> Random:
    """The same random numbers for the same picture and purpose, on every machine."""
    return np.random.default_rng(
        int.from_bytes(hashlib.sha256(f"{name}\n{what}".encode()).digest()[:8], "big")
    )


def as_snapshot(picture: Pixels) -> Pixels:
    """Fitted into what a phone's camera gives, edges drawn out to the sides."""
    height, width = picture.shape[:2]
    nearer = (height, width) == (SMALL_SQUARE, SMALL_SQUARE)
    by = _NEARER if nearer else min(WIDTH / width, HEIGHT / height)
    how = cv2.INTER_AREA if by < 1 else cv2.INTER_CUBIC
    fitted = cv2.resize(picture, (max(1, round(width * by)), max(1, round(height * by))), interpolation=how)
    top, left = max(0, (fitted.shape[0] - HEIGHT) // 2), max(0, (fitted.shape[1] - WIDTH) // 2)
    fitted = fitted[top : top + HEIGHT, left : left + WIDTH]
    above, beside = (HEIGHT - fitted.shape[0]) // 2, (WIDTH - fitted.shape[1]) // 2
    return cv2.copyMakeBorder(
        fitted,
        above,
        HEIGHT - fitted.shape[0] - above,
        beside,
        WIDTH - fitted.shape[1] - beside,
        cv2.BORDER_REPLICATE,
    )


def jpeg_of(picture: Pixels, quality: int = QUALITY) -> bytes:
    """As it is sent."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def dimmed(picture: Pixels, share: float, noise: float, random: Random) -> Pixels:
    """Less light, and a sensor's noise that does not get less with it."""
    darker = picture * np.float32(share) + noise_of(noise, picture, random)
    return np.clip(darker, 0, 255).astype(np.uint8)


def noise_of(sigma: float, picture: Pixels, random: Random) -> Pixels:
    """A sensor's noise for a picture of this size."""
    return random.standard_normal(picture.shape, np.float32) * np.float32(sigma)


def moved(picture: Pixels, across: float, down: float) -> Pixels:
    """Shifted by so many pixels."""
    how = np.array([[1, 0, across], [0, 1, down]], np.float64)
    return cv2.warpAffine(
        picture, how, (WIDTH, HEIGHT), borderMode=cv2.BORDER_CONSTANT, borderValue=(*_GREY, 0)
    )


def _tilted(picture: Pixels, degrees: float) -> Pixels:
    around = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1)
    return cv2.warpAffine(picture, around, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def _on_its_side(picture: Pixels) -> Pixels:
    turned = cv2.resize(cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE), (360, HEIGHT))
    return cv2.copyMakeBorder(turned, 0, 0, 140, 140, cv2.BORDER_REPLICATE)


def _against_the_light(picture: Pixels) -> Pixels:
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    middle = np.exp(-(((across - 320) / 220) ** 2 + ((down - 280) / 220) ** 2))[..., None]
    lit = picture * (1 - middle * 0.75) + 255 * (1 - middle) * 0.75
    return np.clip(lit, 0, 255).astype(np.uint8)


def _half_outside(picture: Pixels, face: Face) -> Pixels:
    return moved(picture, -(face.x + face.width / 2) * WIDTH, 0)


def _hidden(picture: Pixels, face: Face, top: float, bottom: float, colour: tuple[int, int, int]) -> Pixels:
    hidden = picture.copy()
    one = (int(face.x * WIDTH), int((face.y + face.height * top) * WIDTH))
    other = (int((face.x + face.width) * WIDTH), int((face.y + face.height * bottom) * WIDTH))
    cv2.rectangle(hidden, one, other, colour, -1)
    return hidden


def _blurred(picture: Pixels, sigma: float) -> Pixels:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


OF_ANY: Final[Mapping[str, Callable[[Pixels, Random], bytes]]] = {
    "clean": lambda picture, _: jpeg_of(picture),
    "q40": lambda picture, _: jpeg_of(picture, 40),
    "blur σ3": lambda picture, _: jpeg_of(_blurred(picture, 3)),
    "blur σ6": lambda picture, _: jpeg_of(_blurred(picture, 6)),
    "light ×0.35": lambda picture, random: jpeg_of(dimmed(picture, 0.35, 5, random)),
    "light ×0.12": lambda picture, random: jpeg_of(dimmed(picture, 0.12, 4, random)),
    "light ×0.05": lambda picture, random: jpeg_of(dimmed(picture, 0.05, 3, random)),
    "backlight": lambda picture, _: jpeg_of(_against_the_light(picture)),
    "tilt 20°": lambda picture, _: jpeg_of(_tilted(picture, 20)),
    "tilt 35°": lambda picture, _: jpeg_of(_tilted(picture, -35)),
    "turned 90°": lambda picture, _: jpeg_of(_on_its_side(picture)),
}
"""Conditions that any picture can be put into."""

OF_FACES: Final[Mapping[str, Callable[[Pixels, Face], bytes]]] = {
    "half outside": lambda picture, face: jpeg_of(_half_outside(picture, face)),
    "mask": lambda picture, face: jpeg_of(_hidden(picture, face, 0.52, 1.0, _MASK)),
    "hand over eyes": lambda picture, face: jpeg_of(_hidden(picture, face, 0.18, 0.5, _HAND)),
}
"""Conditions that need to know where the face is, as shares of a snapshot's width."""
