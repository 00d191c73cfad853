"""Camera pictures of a benchmark: what a phone sends in a dark room, 32 KB each and no two alike."""

import random
from typing import Final

PICTURE_BYTES: Final = 32 * 1024
"""What `snapshot_32k` says."""

_WIDTH, _HEIGHT = 640, 480
_GREY: Final = 1
_TABLE: Final = bytes(range(1, 65))


def a_picture(number: int) -> bytes:
    """The markers of a grey baseline JPEG around noise: the service walks the markers and decodes nothing."""
    noise = random.Random(number)  # noqa: S311 - bytes to be stored, no secret
    head = b"".join(
        [
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            _segment(0xE1, b"Exif\x00\x00" + bytes(200)),  # a camera's own; dropped on the way in
            _segment(0xDB, b"\x00" + _TABLE),
            _segment(0xC0, b"\x08%b%b%c\x01\x11\x00" % (_two(_HEIGHT), _two(_WIDTH), _GREY)),
            _segment(
                0xC4, b"\x00" + bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) + bytes(range(12))
            ),
            _segment(0xC4, b"\x10" + bytes([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125]) + bytes(162)),
            _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
        ]
    )
    # Coded data writes its own 0xff with a zero behind it, which makes it longer than it was.
    coded = noise.randbytes(PICTURE_BYTES).replace(b"\xff", b"\xff\x00")
    return head + coded[: PICTURE_BYTES - len(head) - 3] + b"\x00\xff\xd9"


def _segment(marker: int, part: bytes) -> bytes:
    return b"\xff%c%b%b" % (marker, _two(len(part) + 2), part)


def _two(number: int) -> bytes:
    return number.to_bytes(2, "big")
