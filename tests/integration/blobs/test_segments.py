"""Segments: pictures come back whole or not at all, whatever happens to the process or the disk."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from exam_api.blobs.segments import LocalSegments
from exam_api.errors import PicturesAway
from exam_api.snapshot_ports import Place

KEY, OTHER = bytes(range(32)), bytes(32)
SESSION = uuid4()
BOUND = SESSION.bytes + uuid4().bytes


def put(segments: LocalSegments, data: bytes, *, session=SESSION, key: bytes = KEY) -> Place:
    return segments.append(data, session_id=session, key=key, bound=BOUND, digest=sha256(data).digest())


def of(n: int, size: int = 20_000) -> bytes:
    return n.to_bytes(4, "big") * (size // 4)


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.seg"))


async def test_what_was_appended_comes_back_and_lies_encrypted(tmp_path: Path) -> None:
    segments = LocalSegments(tmp_path)
    places = [put(segments, of(n)) for n in range(20)]
    assert [await segments.read(place, key=KEY, bound=BOUND) for place in places] == [
        of(n) for n in range(20)
    ]
    (path,) = files(tmp_path)
    assert of(3)[:64] not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    segments.close()
    assert await LocalSegments(tmp_path).read(places[7], key=KEY, bound=BOUND) == of(7)


async def test_a_picture_opens_with_its_key_and_its_attempt_only(tmp_path: Path) -> None:
    segments = LocalSegments(tmp_path)
    place, next_one = put(segments, of(1)), put(segments, of(2))
    assert await segments.read(place, key=OTHER, bound=BOUND) is None
    assert await segments.read(place, key=KEY, bound=bytes(32)) is None
    for wrong in (
        msgspec.structs.replace(place, digest=next_one.digest),
        msgspec.structs.replace(place, offset=place.offset + 1),
        msgspec.structs.replace(place, offset=10**9),
        msgspec.structs.replace(place, offset=-1),
        msgspec.structs.replace(place, length=place.length - 1),
        msgspec.structs.replace(place, length=place.length + next_one.length),
        msgspec.structs.replace(place, length=2**40),
        msgspec.structs.replace(place, segment="exam/" + "0" * 32 + "/00000000-000000.seg"),
        msgspec.structs.replace(place, segment="../../../etc/passwd"),
    ):
        assert await segments.read(wrong, key=KEY, bound=BOUND) is None
    segments.close()


async def test_a_changed_byte_is_seen(tmp_path: Path) -> None:
    segments = LocalSegments(tmp_path)
    place = put(segments, of(1))
    segments.close()
    path = tmp_path / place.segment
    held = bytearray(path.read_bytes())
    held[5_000] ^= 1
    path.write_bytes(held)
    assert await segments.read(place, key=KEY, bound=BOUND) is None


async def test_a_full_segment_is_left_for_a_new_name(tmp_path: Path) -> None:
    segments = LocalSegments(tmp_path, segment_bytes=100_000)
    places = [put(segments, of(n)) for n in range(12)]
    assert len({place.segment for place in places}) == 3
    assert all(path.stat().st_size <= 100_000 for path in files(tmp_path))
    assert await segments.read(places[5], key=KEY, bound=BOUND) == of(5)
    segments.close()


async def test_each_session_has_files_of_its_own_and_two_writers_never_share_one(tmp_path: Path) -> None:
    one, two = LocalSegments(tmp_path), LocalSegments(tmp_path)
    sessions = [uuid4() for _ in range(70)]
    places = [
        put(writer, of(n), session=session) for n, session in enumerate(sessions) for writer in (one, two)
    ]
    assert len({place.segment for place in places}) == 140
    assert all(session.hex in place.segment for session, place in zip(sessions, places[::2], strict=True))
    again = put(one, of(99), session=sessions[0])
    assert again.segment != places[0].segment, "it was closed meanwhile: no more than 64 stay open"
    assert await two.read(again, key=KEY, bound=BOUND) == of(99)
    one.close()
    two.close()


async def test_a_short_write_is_gone_on_with(tmp_path: Path) -> None:
    segments = LocalSegments(tmp_path, write=lambda fd, data: os.write(fd, data[:1_000]))
    assert await segments.read(put(segments, of(4)), key=KEY, bound=BOUND) == of(4)
    segments.close()


async def test_a_full_disk_refuses_and_what_was_kept_before_and_after_is_readable(tmp_path: Path) -> None:
    left = [60_000]

    def write(fd: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        wrote = os.write(fd, data[: min(len(data), left[0])])
        left[0] -= wrote
        return wrote

    segments = LocalSegments(tmp_path, write=write)
    before = [put(segments, of(n)) for n in range(2)]
    with pytest.raises(PicturesAway):
        put(segments, of(2))
    left[0] = 10**6
    after = put(segments, of(3))
    assert after.segment != before[0].segment, "the end of the old file is unknown"
    for place, n in ((before[0], 0), (before[1], 1), (after, 3)):
        assert await segments.read(place, key=KEY, bound=BOUND) == of(n)
    segments.close()


DIES = """
import asyncio, os, signal, sys
from hashlib import sha256
from pathlib import Path
from uuid import UUID
import msgspec
from exam_api.blobs.segments import LocalSegments

count = 0

def write(fd, data):
    global count
    count += 1
    if count == 6:
        os.write(fd, data[:7_000])
        os.kill(os.getpid(), signal.SIGKILL)
    return os.write(fd, data)

async def main():
    folder, session, bound = Path(sys.argv[1]), UUID(sys.argv[2]), bytes.fromhex(sys.argv[3])
    segments = LocalSegments(folder, write=write)
    for n in range(10):
        data = n.to_bytes(4, "big") * 5_000
        place = segments.append(
            data, session_id=session, key=bytes(range(32)), bound=bound, digest=sha256(data).digest()
        )
        print(msgspec.json.encode(place).decode(), flush=True)

asyncio.run(main())
"""


async def test_a_process_that_dies_in_mid_append_leaves_earlier_pictures_readable(tmp_path: Path) -> None:
    words = [sys.executable, "-c", DIES, str(tmp_path), str(SESSION), BOUND.hex()]
    died = await asyncio.to_thread(subprocess.run, words, capture_output=True, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr
    places = [msgspec.json.decode(line, type=Place) for line in died.stdout.splitlines()]
    assert len(places) == 5
    (path,) = files(tmp_path)
    assert path.stat().st_size == 5 * places[0].length + 7_000, "the sixth is cut"
    segments = LocalSegments(tmp_path)
    assert [await segments.read(place, key=KEY, bound=BOUND) for place in places] == [of(n) for n in range(5)]
    later = put(segments, of(6))
    assert later.segment != places[0].segment
    assert await segments.read(later, key=KEY, bound=BOUND) == of(6)
    segments.close()


async def test_a_session_is_forgotten_whoever_writes_there_and_others_stay(tmp_path: Path) -> None:
    writer, other = LocalSegments(tmp_path), uuid4()
    put(writer, of(1))
    (mine,) = files(tmp_path)
    held = mine.open("rb")
    put(writer, of(2), session=other)
    await LocalSegments(tmp_path).forget(SESSION)
    assert [path.parent.name for path in files(tmp_path)] == [other.hex]
    assert os.fstat(held.fileno()).st_size == 0
    held.close()
    writer.close()


async def test_a_file_that_the_disk_does_not_give_up_keeps_no_other_from_being_forgotten(
    tmp_path: Path,
) -> None:
    segments = LocalSegments(tmp_path)
    put(segments, of(1))
    (mine,) = files(tmp_path)
    stuck = mine.with_name("00000000-000001.seg")
    stuck.mkdir()
    await LocalSegments(tmp_path).forget(SESSION)
    assert not mine.exists()
    assert stuck.exists()
    segments.close()
