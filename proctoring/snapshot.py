"""Is this one plain JPEG, and what of it is kept: read from its markers, never decoded."""

import hashlib
import re
from enum import StrEnum
from typing import Final

import msgspec

from proctoring.errors import NotASnapshot

USUAL_BYTES: Final = 60 * 1024
"""What a page aims at on a good link."""

BYTES_MAX: Final = 256 * 1024
"""No snapshot is larger: a page that cannot make it smaller sends none."""

SIDE_LEAST: Final = 32
SIDE_MAX: Final = 1_920
PIXELS_MAX: Final = 1_920 * 1_080
"""Checked in the header, so that nobody ever decodes a picture of 20,000 by 20,000."""

SEGMENTS_MAX: Final = 160
"""Marker segments of an honest picture are under twenty, of a progressive one under sixty."""

SCANS_MAX: Final = 16
"""Scans of a progressive picture: each one costs its decoder the whole picture again."""


class Fault(StrEnum):
    """Why bytes are no snapshot. Shown to clients: never renamed."""

    EMPTY = "empty"
    GIF = "is-gif"
    PNG = "is-png"
    WEBP = "is-webp"
    NOT_JPEG = "not-jpeg"
    TOO_LARGE = "too-large"
    """Too many bytes."""
    CUT = "cut"
    """Ends in the middle."""
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_SMALL = "too-small"
    MORE_THAN_A_PICTURE = "more-than-a-picture"
    """Something follows the end of the picture: a second file hides in it."""
    TOO_MANY_PARTS = "too-many-parts"
    UNUSUAL = "unusual"
    """A JPEG, of a coding that no camera page makes."""
    BROKEN = "broken"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One picture as it is kept."""

    jpeg: bytes
    """Without Exif, comments and whatever else a camera adds: only what a decoder needs."""
    digest: bytes
    """SHA-256 of `jpeg`."""
    width: int
    height: int


_FOREIGN: Final = (
    (b"GIF8", Fault.GIF),
    (b"\x89PNG", Fault.PNG),
    (b"RIFF", Fault.WEBP),
)
_SOI: Final = b"\xff\xd8"
_EOI: Final = 0xD9
_SOS: Final = 0xDA
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive: what browsers write."""
_TABLES: Final = frozenset({0xC4, 0xDB, 0xDD})
"""Huffman tables, quantization tables, restart interval."""
_UNUSUAL: Final = frozenset({0xC3, *range(0xC5, 0xD0), 0xDC, 0xDE, 0xDF})
"""Lossless, hierarchical, arithmetic."""
_DROPPED: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
"""APPn and comments, unless `_kept` says otherwise."""
_JFIF: Final = re.compile(rb"JFIF\x00[\s\S]{7}\x00\x00")
"""Fourteen bytes of a JFIF header without a thumbnail."""
_ADOBE: Final = re.compile(rb"Adobe[\s\S]{7}")
_COMPONENTS: Final = frozenset({1, 3})
_BITS: Final = 8
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""The next real marker within coded data: no stuffed zero, no restart."""


def read_snapshot(data: bytes) -> Snapshot:
    """The picture as it is kept.

    Raises NotASnapshot, whatever the bytes are, in time that grows with their number only.
    """
    if not data:
        raise NotASnapshot(Fault.EMPTY)
    if len(data) > BYTES_MAX:
        raise NotASnapshot(Fault.TOO_LARGE)
    if not data.startswith(_SOI):
        raise NotASnapshot(next((fault for sign, fault in _FOREIGN if data.startswith(sign)), Fault.NOT_JPEG))
    walk = _Walk(data)
    walk.run()
    jpeg = walk.jpeg()
    return Snapshot(jpeg=jpeg, digest=hashlib.sha256(jpeg).digest(), width=walk.size[0], height=walk.size[1])


class _Walk:
    """One pass over the markers; what is kept is cut out of the picture, not put together again."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._scans = 0
        self._from = 0
        """Where what is kept goes on behind the last segment that is dropped."""
        self._kept: list[memoryview] = []
        """What is kept before that."""
        self.size = (0, 0)

    def run(self) -> None:
        """Raises NotASnapshot."""
        data, size, at = self._data, len(self._data), len(_SOI)
        for _ in range(SEGMENTS_MAX):
            if at + 2 > size:
                raise NotASnapshot(Fault.CUT)
            if data[at] != 0xFF:  # noqa: PLR2004 - a marker begins so
                raise NotASnapshot(Fault.BROKEN)
            marker, at = data[at + 1], at + 2
            if marker == _EOI:
                self._end(at)
                return
            if at + 2 > size:
                raise NotASnapshot(Fault.CUT)
            length = data[at] << 8 | data[at + 1]
            end = at + length
            if length < 2:  # noqa: PLR2004 - the length counts itself
                raise NotASnapshot(Fault.BROKEN)
            if end > size:
                raise NotASnapshot(Fault.CUT)
            at = self._segment(marker, at + 2, end)
        raise NotASnapshot(Fault.TOO_MANY_PARTS)

    def _segment(self, marker: int, at: int, end: int) -> int:
        """Look at what a segment holds behind its length; where the next one begins."""
        if marker in _TABLES:
            return end
        if marker in _DROPPED:
            if not _kept(marker, self._data[at:end]):
                self._drop(at - 4, end)
        elif marker in _FRAMES:
            self._frame(self._data[at:end])
        elif marker == _SOS:
            return self._scan(end)
        else:
            raise NotASnapshot(Fault.UNUSUAL if marker in _UNUSUAL else Fault.BROKEN)
        return end

    def jpeg(self) -> bytes:
        """What is kept: the very bytes where nothing was dropped."""
        return b"".join([*self._kept, memoryview(self._data)[self._from :]]) if self._from else self._data

    def _drop(self, at: int, end: int) -> None:
        self._kept.append(memoryview(self._data)[self._from : at])
        self._from = end

    def _frame(self, part: bytes) -> None:
        if self.size != (0, 0) or len(part) < 6:  # noqa: PLR2004 - precision, height, width, components
            raise NotASnapshot(Fault.BROKEN)
        height, width = part[1] << 8 | part[2], part[3] << 8 | part[4]
        if part[0] != _BITS or part[5] not in _COMPONENTS:
            raise NotASnapshot(Fault.UNUSUAL)
        if max(width, height) > SIDE_MAX or width * height > PIXELS_MAX:
            raise NotASnapshot(Fault.TOO_MANY_PIXELS)
        if min(width, height) < SIDE_LEAST:
            raise NotASnapshot(Fault.TOO_SMALL)
        self.size = (width, height)

    def _scan(self, at: int) -> int:
        """Where coded data ends that begins there: at the next marker, whatever it is."""
        self._scans += 1
        if self.size == (0, 0):
            raise NotASnapshot(Fault.BROKEN)
        if self._scans > SCANS_MAX:
            raise NotASnapshot(Fault.TOO_MANY_PARTS)
        found = _MARKER.search(self._data, at)
        if found is None:
            raise NotASnapshot(Fault.CUT)
        return found.start()

    def _end(self, at: int) -> None:
        if not self._scans:
            raise NotASnapshot(Fault.BROKEN)
        if at != len(self._data):
            raise NotASnapshot(Fault.MORE_THAN_A_PICTURE)


def _kept(marker: int, part: bytes) -> bool:
    """Of what cameras add: the bare JFIF header, and Adobe's, which says how the colours are coded."""
    if marker == 0xE0:  # noqa: PLR2004 - APP0
        return _JFIF.fullmatch(part) is not None
    return marker == 0xEE and _ADOBE.fullmatch(part) is not None  # noqa: PLR2004 - APP14
