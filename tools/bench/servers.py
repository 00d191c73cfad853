"""The servers of a benchmark: Redis, database, service with production settings, and the no-op beside."""

import http.client
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec
import redis

from exam_api.serving.redis_program import RedisProgram, redis_command
from tools.bench.load import LOOPBACK
from tools.bench.noop import PATH
from tools.bench.processes import Cores, Processes, User, clean_environ, unused_port

_ANSWER_S: Final = 2.0

_POSTGRES: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "max_connections": "50",
}
"""Durable as in production: a hand-in is answered after its commit is on disk."""


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """What runs: numbers of processes, ports, settings."""

    api: int
    noop: int
    worker: int
    redis: int
    database: int | None
    """None: SQLite, whose work is done inside the server and the worker."""
    port: int
    noop_port: int
    sms_port: int
    """Where the service hands short messages over; the benchmark listens there."""
    environ: Mapping[str, str]
    """The service's settings."""
    versions: Mapping[str, str]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a service stands on: Redis, a database with its tables, settings for its processes."""

    processes: Processes
    redis: int
    database: int | None
    port: int
    """Where the service is to listen."""
    sms_port: int
    environ: Mapping[str, str]
    versions: Mapping[str, str]


def start_ground(
    processes: Processes,
    program: RedisProgram,
    *,
    core: int | None,
    more: Mapping[str, str] | None = None,
) -> Ground:
    """Start Redis and PostgreSQL (a SQLite file where there is none) and migrate. Raises DidNotStart.

    `more`: settings besides those that everybody needs.
    """
    folder = processes.folder
    (folder / "data").mkdir()
    socket_path = folder / "redis.sock"
    words = redis_command(program, folder=folder, socket=socket_path)
    redis_pid = processes.start("redis", words, core=core)
    programs = postgres_programs()
    database = None if programs is None else start_postgres(programs, processes, core=core)
    port, sms_port = unused_port(), unused_port()
    environ = {
        **clean_environ(),
        "KAOWU_DATA_DIR": str(folder / "data"),
        "KAOWU_DATABASE_URL": database_url(folder, postgres=programs is not None),
        "KAOWU_REDIS_URL": f"unix://{socket_path}",
        "KAOWU_SECRET": os.urandom(32).hex(),
        "KAOWU_PORT": str(port),
        "KAOWU_SMS_URL": f"http://{LOOPBACK}:{sms_port}/",
        **(more or {}),
    }
    processes.run("migrate", python_words("exam_api.cli", "migrate"), environ=environ)
    processes.wait("redis", lambda: redis_answers(socket_path))
    return Ground(
        processes=processes,
        redis=redis_pid,
        database=database,
        port=port,
        sms_port=sms_port,
        environ=environ,
        versions={"redis-server": program.version_text, "postgresql": postgres_version(programs)},
    )


@contextmanager
def running_servers(folder: Path, program: RedisProgram, cores: Cores) -> Generator[Servers, None, None]:
    """All of them, answering. Raises DidNotStart."""
    with ExitStack() as ends:
        processes = Processes(folder, ends)
        ground = start_ground(processes, program, core=cores.rest)
        environ, port, noop_port = ground.environ, ground.port, unused_port()
        api = processes.start("api", python_words("exam_api.serving.api"), core=cores.server, environ=environ)
        noop_environ = {**environ, "KAOWU_PORT": str(noop_port)}
        noop = processes.start(
            "noop", python_words("tools.bench.noop"), core=cores.server, environ=noop_environ
        )
        worker = processes.start("worker", python_words("exam_api.worker"), core=cores.rest, environ=environ)
        processes.wait("api", lambda: http_answers(port, "/ready"))
        processes.wait("noop", lambda: http_answers(noop_port, PATH))
        yield Servers(
            api=api,
            noop=noop,
            worker=worker,
            redis=ground.redis,
            database=ground.database,
            port=port,
            noop_port=noop_port,
            sms_port=ground.sms_port,
            environ=environ,
            versions=ground.versions,
        )


def postgres_programs() -> Path | None:
    """Where initdb and postgres are: the newest of Debian's folders, else beside initdb on PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    by_age = sorted(debian, key=lambda path: int(path.parent.parent.name))
    found = by_age[-1] if by_age else shutil.which("initdb")
    return Path(found).parent if found else None


def start_postgres(programs: Path, processes: Processes, *, core: int | None) -> int:
    """Make a cluster and start it; under another user where we are root, which PostgreSQL refuses to be."""
    home = processes.folder / "pg"
    home.mkdir()
    user = None
    if os.geteuid() == 0:
        people = {person.pw_name: person for person in pwd.getpwall()}
        other = people.get("postgres") or people["nobody"]
        user = User(other.pw_uid, other.pw_gid)
        os.chown(home, user.uid, user.gid)
    words = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "kaowu", "-A", "trust", "--no-sync"]
    words += ["-E", "UTF8", "--locale=C", "--no-instructions"]
    processes.run("initdb", words, user=user)
    words = [str(programs / "postgres"), "-D", str(home / "data"), "-c", f"unix_socket_directories={home}"]
    words += [word for name, value in _POSTGRES.items() for word in ("-c", f"{name}={value}")]
    pid = processes.start("postgres", words, core=core, user=user)
    asked = [str(programs / "pg_isready"), "-q", "-h", str(home), "-U", "kaowu"]
    processes.wait("postgres", lambda: subprocess.run(asked, check=False).returncode == 0)
    return pid


def database_url(folder: Path, *, postgres: bool) -> str:
    """PostgreSQL through its socket, or a SQLite file."""
    if postgres:
        return f"postgresql+asyncpg://kaowu@/postgres?host={folder / 'pg'}"
    return f"sqlite+aiosqlite:///{folder / 'kaowu.db'}"


def python_words(module: str, *words: str) -> list[str]:
    """A module as a program."""
    return [sys.executable, "-m", module, *words]


def redis_answers(socket_path: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket_path), socket_timeout=_ANSWER_S) as asked:
            return bool(asked.ping())  # pyright: ignore[reportUnknownMemberType]
    except redis.RedisError:
        return False


def http_answers(port: int, path: str) -> bool:
    asked = http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER_S)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        asked.close()


def postgres_version(programs: Path | None) -> str:
    if programs is None:
        return ""
    words = [str(programs / "postgres"), "--version"]
    told = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
    return told[2] if len(told) > 2 else ""  # noqa: PLR2004 - "postgres (PostgreSQL) 15.4 …"
