"""The servers of a load test: as in production, several API processes, on all cores of this machine."""

import os
import shutil
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from exam_api.serving.redis_program import RedisProgram, redis_command
from tools.bench.load import LOOPBACK
from tools.bench.processes import Processes, clean_environ, unused_port
from tools.bench.servers import (
    database_url,
    http_answers,
    postgres_programs,
    postgres_version,
    redis_answers,
    start_postgres,
)
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
        (folder / "data").mkdir()
        socket_path = folder / "redis.sock"
        pids: dict[str, int] = {}
        words = redis_command(program, folder=folder, socket=socket_path)
        pids["redis"] = processes.start("redis", words, core=None)
        programs = postgres_programs()
        if programs is not None:
            pids["postgres"] = start_postgres(programs, processes, core=None)
        port, gateway_port = unused_port(), unused_port()
        front = choose_front(folder) if tls else None
        environ = clean_environ() | {
            "KAOWU_DATA_DIR": str(folder / "data"),
            "KAOWU_DATABASE_URL": database_url(folder, postgres=programs is not None),
            "KAOWU_REDIS_URL": f"unix://{socket_path}",
            "KAOWU_SECRET": os.urandom(32).hex(),
            "KAOWU_PORT": str(port),
            "KAOWU_API_WORKERS": str(api_workers),
            "KAOWU_SMS_URL": f"http://{LOOPBACK}:{gateway_port}/",
        }
        if front is not None:
            environ["KAOWU_PUBLIC_ORIGINS"] = front.origin
        processes.run("migrate", python_words("exam_api.cli", "migrate"), environ=environ)
        processes.wait("redis", lambda: redis_answers(socket_path))
        for name, module in (("api", "exam_api.serving.api"), ("worker", "exam_api.worker")):
            pids[name] = processes.start(name, python_words(module), core=None, environ=environ)
        processes.wait("api", lambda: http_answers(port, "/ready"))
        if front is not None:
            pids["nginx"] = start_front(front, processes, behind=port)
        yield Served(
            pids=pids,
            port=port,
            gateway_port=gateway_port,
            environ=environ,
            versions={"redis-server": program.version_text, "postgresql": postgres_version(programs)},
            processes=processes,
            front=front,
        )


def python_words(module: str, *words: str) -> list[str]:
    """A module as a program."""
    return [sys.executable, "-m", module, *words]


def keep_logs(folder: Path, out: Path) -> None:
    """Leave what the processes said beside the report."""
    for log in folder.glob("*.log"):
        shutil.copy(log, out / log.name)
