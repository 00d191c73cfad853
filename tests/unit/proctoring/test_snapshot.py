"""Headers of pictures: what is taken, what is stripped, and every refusal by its name."""

import hashlib
import io
import time
import tracemalloc

import pytest
from PIL import Image

from proctoring.errors import NotASnapshot
from proctoring.snapshot import BYTES_MAX, Fault, read_snapshot
from tests.unit.proctoring.pictures import CANARY, a_jpeg, bad_ones, foreign, of_size, segment, with_exif


def refused(data: bytes) -> str:
    with pytest.raises(NotASnapshot) as found:
        read_snapshot(data)
    return str(found.value.reason)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}, {"subsampling": 0}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_picture_of_a_browser_is_taken_with_its_size_and_hash(mode, options) -> None:
    data = a_jpeg(size=(480, 360), mode=mode, **options)
    taken = read_snapshot(data)
    assert (taken.width, taken.height) == (480, 360)
    assert taken.digest == hashlib.sha256(taken.jpeg).digest()
    assert Image.open(io.BytesIO(taken.jpeg)).tobytes() == Image.open(io.BytesIO(data)).tobytes()


def test_what_a_camera_adds_is_dropped_and_the_picture_stays() -> None:
    plain = a_jpeg()
    taken = read_snapshot(with_exif(plain))
    assert CANARY not in taken.jpeg
    assert taken == read_snapshot(plain)


def test_a_picture_that_was_read_reads_the_same_again() -> None:
    taken = read_snapshot(with_exif(a_jpeg(progressive=True)))
    assert read_snapshot(taken.jpeg) == taken


PLAIN = a_jpeg()
SOS = PLAIN.index(b"\xff\xda")
CASES = {
    "nothing": (b"", Fault.EMPTY),
    "a gif": (foreign("GIF"), Fault.GIF),
    "a png": (foreign("PNG"), Fault.PNG),
    "a webp": (foreign("WEBP"), Fault.WEBP),
    "a text": (b"<script>alert(1)</script>", Fault.NOT_JPEG),
    "only the beginning": (PLAIN[:2], Fault.CUT),
    "cut in its tables": (PLAIN[:40], Fault.CUT),
    "cut in its picture": (PLAIN[: SOS + 400], Fault.CUT),
    "without its end": (PLAIN[:-2], Fault.CUT),
    "beyond the limit": (PLAIN[:-2] + b"\x00" * BYTES_MAX, Fault.TOO_LARGE),
    "20,000 by 20,000": (of_size(PLAIN, 20_000, 20_000), Fault.TOO_MANY_PIXELS),
    "one very long side": (of_size(PLAIN, 1_921, 40), Fault.TOO_MANY_PIXELS),
    "more pixels than a screen": (of_size(PLAIN, 1_920, 1_920), Fault.TOO_MANY_PIXELS),
    "of no size": (of_size(PLAIN, 0, 0), Fault.TOO_SMALL),
    "as thin as a line": (of_size(PLAIN, 320, 4), Fault.TOO_SMALL),
    "a zip behind it": (PLAIN + b"PK\x03\x04", Fault.MORE_THAN_A_PICTURE),
    "a second picture behind it": (PLAIN + PLAIN, Fault.MORE_THAN_A_PICTURE),
    "no picture in it": (b"\xff\xd8\xff\xd9", Fault.BROKEN),
    "two frames": (PLAIN[:SOS] + segment(0xC0, bytes(15)) + PLAIN[SOS:], Fault.BROKEN),
    "a scan before its frame": (PLAIN[:2] + PLAIN[SOS:], Fault.BROKEN),
    "a length below itself": (b"\xff\xd8\xff\xdb\x00\x01\x00\x00", Fault.BROKEN),
    "bytes between segments": (PLAIN[:2] + b"\x00\x00" + PLAIN[2:], Fault.BROKEN),
    "a thousand segments": (PLAIN[:2] + segment(0xE1, b"") * 1_000 + PLAIN[2:], Fault.TOO_MANY_PARTS),
    "a hundred scans": (PLAIN[:-2] + PLAIN[SOS:-2] * 20 + PLAIN[-2:], Fault.TOO_MANY_PARTS),
    "in cmyk": (a_jpeg(mode="CMYK"), Fault.UNUSUAL),
    "arithmetic coding": (PLAIN.replace(b"\xff\xc0", b"\xff\xc9"), Fault.UNUSUAL),
}


@pytest.mark.parametrize("what", CASES)
def test_what_is_no_snapshot_is_refused_by_name(what) -> None:
    data, fault = CASES[what]
    assert refused(data) == fault


def test_a_polyglot_loses_the_other_file_or_is_refused() -> None:
    hidden = PLAIN[:2] + segment(0xFE, b"PK\x03\x04 a whole archive") + PLAIN[2:]
    assert b"archive" not in read_snapshot(hidden).jpeg
    assert refused(b"GIF89a" + PLAIN) == Fault.GIF


def test_a_thousand_bad_pictures_cost_little_time_and_no_memory() -> None:
    tracemalloc.start()
    begun = time.process_time()
    worst = 0
    for data in bad_ones(1_000):
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        assert refused(data)
        worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
    spent = time.process_time() - begun
    tracemalloc.stop()
    assert worst < 2 * BYTES_MAX, "of one picture, no more than what is kept of it"
    assert spent < 10, f"{spent:.1f} s for a thousand: one of them is walked for too long"
