"""A million answers wait in the log after the database was away: all come on record, in bounded memory."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from exam_api.attempt import chain
from exam_api.attempt.model import Op, OpKind, shard_of
from exam_api.live.keys import OF_SHARD
from tests.e2e.world import NOON
from tests.servers import ROOT, RedisServer, clean_environ, tied

ATTEMPTS = 2_000
OPS_OF_EACH = 500
OPS_OF_AN_ENTRY = 5
"""A sync's, while phones say what they could not say before."""
MEMORY_MB = 60
"""What the backlog may add to a worker that has little to do."""
WITHIN_S = 900.0

COUNTED = """
select count(*), count(distinct attempt_id), min(seq), max(seq), sum(client_ms = ? + seq and how = 'held')
from op
"""
UNEVEN = "select count(*) from (select attempt_id from op group by attempt_id having count(*) != ?)"


@contextmanager
def worker(database_url: str, redis_url: str, folder: Path) -> Iterator[int]:
    environ = clean_environ(
        KAOWU_DATA_DIR=str(folder),
        KAOWU_DATABASE_URL=database_url,
        KAOWU_REDIS_URL=redis_url,
        KAOWU_SECRET="story-secret-story-secret-story-secret",
    )
    with (folder / "worker.log").open("ab") as told:
        running = subprocess.Popen(
            tied([sys.executable, "-m", "exam_api.worker"]), cwd=ROOT, env=environ, stdout=told, stderr=told
        )
    try:
        yield running.pid
        assert running.poll() is None, "the worker ended"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=30)


def peak_mb(pid: int) -> float:
    """The most memory that a process or one of its children has had."""
    peaks = []
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        lines = Path(f"/proc/{one}/status").read_text().splitlines()
        peaks += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
    return max(peaks)


def wait_in_the_log(redis: RedisServer, attempts: Sequence[UUID], *, entries: int) -> None:
    """Put each attempt's answers into its shard's log, as syncs leave them: everybody's in turns."""
    session = uuid4().bytes
    with redis.client() as client:
        for number in range(entries):
            base = number * OPS_OF_AN_ENTRY
            ops = [
                Op(seq, OpKind.ANSWER, seq % 100, b"v" * 16, 1 << seq % 4, NOON + seq)
                for seq in range(base + 1, base + OPS_OF_AN_ENTRY + 1)
            ]
            data, at = chain.pack_all(ops, 1), str(NOON + base)
            with client.pipeline(transaction=False) as together:
                for attempt_id in attempts:
                    entry = {
                        "k": "ops",
                        "a": attempt_id.bytes,
                        "s": session,
                        "t": at,
                        "f": 1,
                        "b": base,
                        "d": data,
                    }
                    together.xadd(OF_SHARD[shard_of(attempt_id)].log, entry)
                together.execute()


def come(path: Path, ops: int) -> None:
    """Wait until so many are on record."""
    end = time.monotonic() + WITHIN_S
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as record:
        while (held := int(record.execute("select count(*) from op").fetchone()[0])) < ops:
            assert time.monotonic() < end, f"{held} of {ops} are on record"
            time.sleep(0.5)


@pytest.mark.long
def test_a_million_answers_come_on_record_after_an_outage_in_bounded_memory(
    own_redis: RedisServer, sqlite_url: str, tmp_path: Path
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    first = [uuid4() for _ in range(100)]
    other = Path(shutil.copy(path, tmp_path / "other.db"))
    wait_in_the_log(own_redis, first, entries=2)
    with worker(f"sqlite+aiosqlite:///{other}", own_redis.url, tmp_path) as pid:
        come(other, len(first) * 2 * OPS_OF_AN_ENTRY)
        usual_mb = peak_mb(pid)

    attempts = [uuid4() for _ in range(ATTEMPTS)]
    wait_in_the_log(own_redis, attempts, entries=OPS_OF_EACH // OPS_OF_AN_ENTRY)
    begun = time.monotonic()
    with worker(sqlite_url, own_redis.url, tmp_path) as pid:
        come(path, ATTEMPTS * OPS_OF_EACH)
        took_s, most_mb = time.monotonic() - begun, peak_mb(pid)
    print(f"{took_s:.0f} s; {usual_mb:.0f} MB with little to do, {most_mb:.0f} MB at most")  # noqa: T201

    with closing(sqlite3.connect(path)) as record:
        counted = record.execute(COUNTED, (NOON,)).fetchone()
        uneven = record.execute(UNEVEN, (OPS_OF_EACH,)).fetchone()
    every = ATTEMPTS * OPS_OF_EACH
    assert counted == (every, ATTEMPTS, 1, OPS_OF_EACH, every)
    assert uneven == (0,)
    assert most_mb - usual_mb < MEMORY_MB
