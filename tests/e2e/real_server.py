"""The API as it is served, by Granian with production's limits, on the databases of a story."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.servers import ROOT, START_S, clean_environ, tied, unused_port, wait_until


class RealServer:
    """One running API process."""

    def __init__(self, running: subprocess.Popen[bytes], port: int) -> None:
        self._running = running
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def memory_mb(self) -> float:
        """Resident memory of all its processes."""
        return sum(_memory_mb(pid) for pid in _family(self._running.pid))

    def alive(self) -> bool:
        return self._running.poll() is None and _answers(self.url)


@contextmanager
def serving(database_url: str, redis_url: str, folder: Path, secret: str) -> Iterator[RealServer]:
    """Serve until the block ends."""
    port = unused_port()
    environ = clean_environ(
        KAOWU_DATA_DIR=str(folder),
        KAOWU_DATABASE_URL=database_url,
        KAOWU_REDIS_URL=redis_url,
        KAOWU_SECRET=secret,
        KAOWU_DEMO="true",
        KAOWU_PORT=str(port),
    )
    with (folder / "api.log").open("ab") as told:
        running = subprocess.Popen(
            tied([sys.executable, "-m", "exam_api.serving.api"]),
            cwd=ROOT,
            env=environ,
            stdout=told,
            stderr=told,
        )
    try:
        server = RealServer(running, port)
        wait_until(lambda: _answers(server.url), what="the API answers", within_s=START_S)
        yield server
    finally:
        running.terminate()
        running.wait(timeout=START_S)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _family(pid: int) -> list[int]:
    """A process and those it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
