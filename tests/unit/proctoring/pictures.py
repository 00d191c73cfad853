"""Pictures for tests: honest ones as a browser makes them, and what somebody may send instead."""

import io
import random
from collections.abc import Iterator

from PIL import Image

CANARY = b"CANARY-37.123N-101.456E"
"""Planted in Exif and comments: whoever finds it in what is kept has found a leak."""


def a_jpeg(
    seed: int = 1,
    *,
    size: tuple[int, int] = (320, 240),
    mode: str = "RGB",
    quality: int = 70,
    **options: object,
) -> bytes:
    """Blotches like a face and a wall, different for each seed."""
    dots = random.Random(seed).randbytes(12 * 9 * len(mode))
    picture = Image.frombytes(mode, (12, 9), dots).resize(size, Image.Resampling.BICUBIC)
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality, **options)
    return held.getvalue()


def with_exif(jpeg: bytes, *, times: int = 1) -> bytes:
    """As cameras write it: Exif, a comment, an ICC profile, a thumbnail in APP0."""
    parts = [(0xE1, b"Exif\0\0" + CANARY * 9), (0xFE, CANARY), (0xE2, b"ICC_PROFILE\0" + CANARY)]
    parts += [(0xE0, b"JFXX\0\x10" + CANARY), (0xED, b"Photoshop 3.0\0" + CANARY)]
    added = b"".join(segment(marker, data) for marker, data in parts * times)
    return jpeg[:2] + added + jpeg[2:]


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff%c%s%s" % (marker, (len(data) + 2).to_bytes(2, "big"), data)


def of_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The same file with another size in its header."""
    at = next(jpeg.index(b"\xff%c" % marker) for marker in (0xC0, 0xC2) if b"\xff%c" % marker in jpeg)
    return jpeg[: at + 5] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + jpeg[at + 9 :]


def foreign(kind: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(held, kind)
    return held.getvalue()


def bad_ones(count: int, *, seed: int = 7) -> Iterator[bytes]:
    """Pictures that were cut, changed, blown up, glued together; some large, no two alike."""
    chance = random.Random(seed)
    honest = a_jpeg(3)
    for n in range(count):
        at = chance.randrange(2, len(honest) - 2)
        yield (
            honest[:at],
            of_size(honest, 20_000, 20_000 - n % 9_000),
            honest + chance.randbytes(n + 1),
            foreign("GIF") + chance.randbytes(n),
            with_exif(honest, times=40)[: -2 - n % 50],
            honest[:2] + b"\xff\xe1\x00\x02" * (60_000 - n),
            honest[:-2] + b"\xff\x00" * (100_000 - n),
            chance.randbytes(1 + n % 200_000),
            b"",
            honest[:at] + b"\xff\xc4\x00\x01" + honest[at:],
        )[n % 10]
