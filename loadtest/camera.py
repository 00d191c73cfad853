"""Camera pictures as phones send them: 32 KB each, no two alike; nobody but a person looks into them."""

import random
from typing import Final

PICTURE_BYTES: Final = 32 * 1024

SERIAL_BYTES: Final = 16
"""In the image's data, so that every picture is another one."""

_WIDTH, _HEIGHT = 480, 640


def _part(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body


_HEAD: Final = b"".join(
    [
        b"\xff\xd8",
        _part(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        _part(0xDB, b"\0" + bytes(range(1, 65))),
        _part(0xC0, b"\x08" + _HEIGHT.to_bytes(2, "big") + _WIDTH.to_bytes(2, "big") + b"\1\1\x11\0"),
        _part(0xC4, b"\0" + bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) + bytes(range(12))),
        _part(0xC4, b"\x10" + bytes([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125]) + bytes(162)),
        _part(0xDA, b"\1\1\0\0\x3f\0"),
    ]
)
_NOISE: Final = (
    random.Random(1).randbytes(PICTURE_BYTES - len(_HEAD) - SERIAL_BYTES - 2).replace(b"\xff", b"\xfe")
)


def picture(of: bytes, number: int) -> bytes:
    """The picture of that number of somebody (eight bytes or more that nobody else has)."""
    serial = (of[:8] + number.to_bytes(8, "big")).replace(b"\xff", b"\xfe")
    return b"".join([_HEAD, serial, _NOISE, b"\xff\xd9"])
