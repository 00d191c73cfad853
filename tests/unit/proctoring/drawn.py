"""Drawn heads, rooms and covers: what detectors take for faces, without anybody's face."""

from pathlib import Path

import cv2
import numpy as np

from proctoring.detect.frame import Pixels

SHARED = Path(__file__).parents[4] / "shared" / "data"
"""Where models and pictures of the development set lie, beside the checkout; absent on other machines."""

WALL, TABLE, HAIR = (150, 140, 120), (90, 80, 70), (30, 35, 45)
SKIN, SHADE, DARK = (140, 170, 215), (120, 150, 195), (60, 60, 120)


def room(*, size: tuple[int, int] = (640, 480)) -> Pixels:
    """A room without anybody: a wall with a shelf and a table."""
    width, height = size
    picture = np.full((height, width, 3), WALL, np.uint8)
    cv2.rectangle(picture, (0, int(height * 0.69)), (width, height), TABLE, -1)
    for at in range(20, width, 46):
        cv2.rectangle(picture, (at, 30 + at % 37), (at + 24, height // 3), (at % 200, 90, 255 - at % 200), -1)
    return picture


def head(picture: Pixels, *, x: float = 320, y: float = 220, scale: float = 1.0, nose: float = 0.0) -> Pixels:
    """A head with shoulders into a picture.

    nose: how far the nose is off the middle, in parts of the eyes' distance.
    """

    def at(across: float, down: float) -> tuple[int, int]:
        return round(x + across * scale), round(y + down * scale)

    def by(across: float, down: float) -> tuple[int, int]:
        return max(1, round(across * scale)), max(1, round(down * scale))

    thick = max(1, round(4 * scale))
    cv2.ellipse(picture, at(0, 190), by(170, 90), 0, 0, 360, (60, 50, 90), -1)
    cv2.rectangle(picture, at(-35, 80), at(35, 150), SHADE, -1)
    cv2.ellipse(picture, at(0, -15), by(88, 115), 0, 0, 360, HAIR, -1)
    cv2.ellipse(picture, at(0, 8), by(72, 98), 0, 0, 360, SKIN, -1)
    off = nose * 60
    for side in (-1, 1):
        eye = (side * 30, -10)
        cv2.ellipse(picture, at(eye[0], eye[1] - 18), by(17, 5), 0, 180, 360, HAIR, thick)
        cv2.ellipse(picture, at(*eye), by(14, 8), 0, 0, 360, (235, 235, 240), -1)
        cv2.circle(picture, at(*eye), by(7, 7)[0], (40, 50, 60), -1)
        cv2.ellipse(picture, at(side * 11 + off, 38), by(7, 4), 0, 0, 360, (70, 90, 140), -1)
        cv2.ellipse(picture, at(side * 74, 5), by(9, 22), 0, 0, 360, SHADE, -1)
    cv2.line(picture, at(-6, 0), at(-10 + off, 34), (110, 140, 185), thick)
    cv2.ellipse(picture, at(0, 64), by(28, 9), 0, 0, 360, (90, 90, 180), -1)
    cv2.line(picture, at(-26, 64), at(26, 64), DARK, max(1, thick // 2))
    return cv2.GaussianBlur(picture, (0, 0), 2.0)


def sent(picture: Pixels, *, quality: int = 80, noise: int | None = 3) -> bytes:
    """As a phone sends it. noise: seed of a sensor's; None: none."""
    if noise is not None:
        drawn = np.random.default_rng(noise).normal(0, 2, picture.shape)
        picture = np.clip(picture + drawn, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def dim(picture: Pixels, share: float) -> Pixels:
    """Less light on everything."""
    return np.clip(picture * share, 0, 255).astype(np.uint8)
