"""Processes of the service: kept alive, ended in order, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from exam_api.serving import child as child_module
from exam_api.serving.child import Child
from exam_api.serving.errors import ChildGaveUp
from tests.servers import ROOT, clean_environ, wait_until

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
STARTS_ANOTHER = (
    "import subprocess, sys, time\n"
    "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "open(sys.argv[1], 'w').write(str(other.pid))\n"
    "time.sleep(60)\n"
)
LEAVES_ONE_BEHIND = [sys.executable, "-c", STARTS_ANOTHER]


def is_alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody has collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(probe, *, within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not probe():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(child_module, "FIRST_PAUSE_S", 0.02)


async def test_a_killed_process_is_started_again():
    child = Child("sleeper", SLEEPS, clean_environ())
    await child.start()
    first = child.pid
    keeper = asyncio.create_task(child.keep(is_ready=lambda: True))
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: child.pid not in {None, first})
    await child.stop(within_s=5)
    await keeper
    assert child.pid is None


async def test_a_process_that_never_starts_well_is_given_up():
    child = Child("broken", [sys.executable, "-c", "raise SystemExit(7)"], clean_environ())
    with pytest.raises(ChildGaveUp) as refused:
        await child.keep(is_ready=lambda: False)
    assert (refused.value.name, refused.value.status) == ("broken", 7)


async def test_what_a_killed_process_leaves_behind_is_ended(tmp_path):
    told = tmp_path / "pid"
    child = Child("parent", [*LEAVES_ONE_BEHIND, str(told)], clean_environ())
    await child.start()
    await until(lambda: told.exists() and told.read_text().strip())
    left_behind = int(told.read_text())
    keeper = asyncio.create_task(child.keep(is_ready=lambda: True))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    await until(lambda: not is_alive(left_behind))
    await child.stop(within_s=5)
    await keeper


async def test_one_that_ignores_the_request_to_end_is_killed(tmp_path):
    told = tmp_path / "deaf"
    deaf = (
        "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
    )
    child = Child("deaf", [sys.executable, "-c", deaf, str(told)], clean_environ())
    await child.start()
    pid = child.pid
    await until(told.exists)
    async with asyncio.timeout(60):  # it sleeps ten times as long
        await child.stop(within_s=0.2)
    assert pid is not None
    assert not is_alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    told = tmp_path / "pid"
    starts_one = (
        "import asyncio, sys\n"
        "from exam_api.serving.child import Child\n"
        "async def main():\n"
        "    child = Child('sleeper', [sys.executable, '-c', 'import time; time.sleep(60)'], {})\n"
        "    await child.start()\n"
        "    open(sys.argv[1], 'w').write(str(child.pid))\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starts_one, str(told)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    wait_until(lambda: told.exists() and bool(told.read_text()), what="the child's number is told")
    pid = int(told.read_text())
    parent.kill()
    parent.wait(timeout=10)
    wait_until(lambda: not is_alive(pid), what="the child ends")
