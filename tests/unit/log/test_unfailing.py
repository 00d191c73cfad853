"""A log that cannot be written ends nothing: what tells of itself goes on without being heard."""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from exam_api.log import start_logging
from exam_api.settings import from_environ


def _full() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)


def _deaf() -> io.TextIOWrapper:
    """A pipe that nobody reads any more."""
    ours, theirs = os.pipe()
    os.close(ours)
    return io.TextIOWrapper(io.FileIO(theirs, "w"), write_through=True)


@pytest.fixture
def as_before() -> Iterator[None]:
    """Nobody else logs by what a test set."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.usefixtures("as_before")
def test_a_full_disk_ends_nobody_who_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    with _full() as out:
        monkeypatch.setattr(sys, "stderr", out)
        start_logging(from_environ({"KAOWU_SECRET": "s" * 40}))
        structlog.stdlib.get_logger().warning("redis.away", why="x")


@pytest.mark.usefixtures("as_before")
def test_a_reader_that_went_ends_nobody_who_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    with _deaf() as out:
        monkeypatch.setattr(sys, "stderr", out)
        start_logging(from_environ({"KAOWU_SECRET": "s" * 40}))
        structlog.stdlib.get_logger().warning("redis.away", why="x")


@pytest.mark.usefixtures("as_before")
def test_what_can_be_written_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    start_logging(from_environ({"KAOWU_SECRET": "s" * 40}))
    structlog.stdlib.get_logger().warning("redis.away", why="x")
    assert '"event": "redis.away"' in out.getvalue()
