"""The servers of a load test: as in production, several API processes, on all cores of this machine."""

import shutil
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from exam_api.serving.redis_program import RedisProgram
from tools.bench.processes import Processes
from tools.bench.servers import http_answers, python_words, start_ground
from tools.load.front import Front, choose_front, start_front


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What runs."""

    pids: Mapping[str, int]
    """Process trees by name."""
    port: int
    gateway_port: int
    environ: Mapping[str, str]
    versions: Mapping[str, str]
    processes: Processes
    front: Front | None = None
    """nginx with TLS before the service, where it was wanted."""

    @property
    def called_at(self) -> int:
        """The port that candidates call."""
        return self.front.port if self.front else self.port


@contextmanager
def running_servers(
    folder: Path, program: RedisProgram, *, api_workers: int, tls: bool = False
) -> Generator[Served, None, None]:
    """All of them, answering; ended in order afterwards. Raises DidNotStart."""
    with ExitStack() as ends:
        processes = Processes(folder, ends)
        front = choose_front(folder) if tls else None
        more = {"KAOWU_API_WORKERS": str(api_workers)}
        if front is not None:
            more["KAOWU_PUBLIC_ORIGINS"] = front.origin
        ground = start_ground(processes, program, core=None, more=more)
        port, pids = ground.port, {"redis": ground.redis}
        if ground.database is not None:
            pids["postgres"] = ground.database
        for name, module in (("api", "exam_api.serving.api"), ("worker", "exam_api.worker")):
            pids[name] = processes.start(name, python_words(module), core=None, environ=ground.environ)
        processes.wait("api", lambda: http_answers(port, "/ready"))
        if front is not None:
            pids["nginx"] = start_front(front, processes, behind=port)
        yield Served(
            pids=pids,
            port=port,
            gateway_port=ground.sms_port,
            environ=ground.environ,
            versions=ground.versions,
            processes=processes,
            front=front,
        )


def keep_logs(folder: Path, out: Path) -> None:
    """Leave what the processes said beside the report."""
    for log in folder.glob("*.log"):
        shutil.copy(log, out / log.name)
