"""The servers of a chaos run: every one may be killed with all it started, and started again on its data."""

import asyncio
import http.client
import os
import pwd
import resource
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

import redis

from exam_api.serving.redis_program import RedisProgram, redis_command
from tools.bench.load import LOOPBACK
from tools.bench.processes import ROOT, User, clean_environ, tied, unused_port
from tools.bench.servers import postgres_programs

START_S: Final = 60.0
"""How long a server may take until it answers; the machine may be busy."""

_ASK_S: Final = 2.0
_ASK_EVERY_S: Final = 0.05


class DidNotStart(Exception):
    """A server did not answer in time."""

    def __init__(self, name: str, log: Path) -> None:
        told = log.read_text(encoding="utf-8", errors="replace")[-1_500:] if log.exists() else ""
        super().__init__(f"{name} did not start:\n{told}")


class Killable:
    """One server program."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        folder: Path,
        *,
        environ: Mapping[str, str] | None = None,
        user: User | None = None,
    ) -> None:
        self.name = name
        self.words = words
        self.log = folder / f"{name}.log"
        self._environ = dict(environ or clean_environ())
        self._user = user
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._running.pid if self._running else 0

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def status(self) -> int:
        """Of a program that has ended."""
        return self._running.returncode if self._running else 0

    def start(self) -> None:
        """Start it; what it says goes into NAME.log."""
        with self.log.open("ab") as told:
            self._running = subprocess.Popen(
                tied(self.words),
                env=self._environ,
                cwd="/" if self._user else ROOT,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                start_new_session=True,
                restore_signals=False,  # SIGXFSZ stays ignored: a full disk is an error, no death
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
            )

    def kill(self) -> None:
        """`kill -9` of the program and all that it started."""
        if self._running is None:
            return
        for pid in [self._running.pid, *_below(self._running.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._running.wait()
        self._running = None


class Servers:
    """What runs, and where it is asked."""

    def __init__(self, folder: Path, program: RedisProgram) -> None:
        self.folder = folder
        self.program = program
        self.versions = {"redis-server": program.version_text}
        self.socket = folder / "redis.sock"
        self.redis_port = unused_port()
        self.redis_folder = folder / "redis"
        self.redis = self.redis_on(self.redis_folder, self.socket)
        self.ports = (unused_port(), unused_port())
        self._pg_programs = postgres_programs()
        self._pg_user = _other_user() if os.geteuid() == 0 else None
        self.database = self._postgres() if self._pg_programs else None
        self.environ = clean_environ() | {
            "KAOWU_DATA_DIR": str(folder / "data"),
            "KAOWU_DATABASE_URL": self._database_url(),
            "KAOWU_REDIS_URL": f"unix://{self.socket}",
            "KAOWU_SECRET": os.urandom(32).hex(),
            "KAOWU_PORT": str(self.ports[0]),
            "KAOWU_PUBLIC_ORIGINS": ",".join(f"http://{LOOPBACK}:{port}" for port in self.ports),
        }
        self.apis = [
            Killable(
                f"api-{number}",
                _python("exam_api.serving.api"),
                folder,
                environ=self.environ | {"KAOWU_PORT": str(port)},
            )
            for number, port in enumerate(self.ports, start=1)
        ]
        self.worker = Killable("worker", _python("exam_api.worker"), folder, environ=self.environ)
        self.others: list[Killable] = []
        """What was started besides: a replica."""

    async def start(self) -> None:
        """All of them, answering. Raises DidNotStart."""
        (self.folder / "data").mkdir()
        self.redis_folder.mkdir()
        if self.database and self._pg_programs:
            self._init_postgres(self._pg_programs)
            self.database.start()
            await self.database_answers()
        self.redis.start()
        migrate = Killable("migrate", _python("exam_api.cli", "migrate"), self.folder, environ=self.environ)
        migrate.start()
        await until(lambda: not migrate.is_running, migrate.name, migrate.log)
        if migrate.status:
            raise DidNotStart(migrate.name, migrate.log)
        await self.redis_answers()
        for server in (*self.apis, self.worker):
            server.start()
        await self.apis_answer()

    def stop(self) -> None:
        """Nothing stays behind."""
        for server in (*self.apis, self.worker, self.redis, *self.others, self.database):
            if server is not None:
                server.kill()

    def redis_on(self, folder: Path, socket: Path, *more: str) -> Killable:
        """A Redis on that folder and socket, with a port for its replica; its file is never rewritten."""
        words = redis_command(self.program, folder=folder, socket=socket)
        words += ["--auto-aof-rewrite-percentage", "0", "--bind", LOOPBACK]
        return Killable("redis", [*words, *(more or ("--port", str(self.redis_port)))], self.folder)

    async def redis_answers(self, socket: Path | None = None) -> None:
        """Wait until a Redis has read its file. Raises DidNotStart."""
        where = socket or self.socket
        await until(lambda: redis_says(where, "PING") is not None, "redis", self.redis_folder / "redis.log")

    async def database_answers(self) -> None:
        """Wait until the database does. Raises DidNotStart."""
        if self.database is None or self._pg_programs is None:
            return
        asked = [str(self._pg_programs / "pg_isready"), "-q", "-h", str(self.folder / "pg"), "-U", "kaowu"]
        log = self.folder / "postgres.log"
        await until(lambda: subprocess.run(asked, check=False).returncode == 0, "postgres", log)

    async def apis_answer(self) -> None:
        """Wait until every API process that runs is ready. Raises DidNotStart."""
        for server, port in zip(self.apis, self.ports, strict=True):
            if server.is_running:
                await until(lambda port=port: _http_ready(port), server.name, server.log)

    def allow_redis_to_write(self, most: int | None) -> None:
        """How long Redis' files may grow: as on a full disk, a write beyond it is refused. None: no bound."""
        soft = resource.RLIM_INFINITY if most is None else most
        resource.prlimit(self.redis.pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))

    def _postgres(self) -> Killable:
        home = self.folder / "pg"
        words = [str((self._pg_programs or Path()) / "postgres"), "-D", str(home / "data")]
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(home),
            "shared_buffers": "64MB",
            "max_connections": "60",
        }
        words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Killable("postgres", words, self.folder, user=self._pg_user)

    def _init_postgres(self, programs: Path) -> None:
        home = self.folder / "pg"
        home.mkdir()
        if self._pg_user:
            os.chown(home, self._pg_user.uid, self._pg_user.gid)
        words = [
            str(programs / "initdb"),
            "-D",
            str(home / "data"),
            "-U",
            "kaowu",
            "-A",
            "trust",
            "--no-sync",
        ]
        words += ["-E", "UTF8", "--locale=C", "--no-instructions"]
        uid = self._pg_user.uid if self._pg_user else None
        gid = self._pg_user.gid if self._pg_user else None
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/", user=uid, group=gid)
        told = subprocess.run(
            [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        self.versions["postgresql"] = told.stdout.split()[2]

    def _database_url(self) -> str:
        if self.database:
            return f"postgresql+asyncpg://kaowu@/postgres?host={self.folder / 'pg'}"
        return f"sqlite+aiosqlite:///{self.folder / 'kaowu.db'}"


async def until(answers: Callable[[], bool], name: str, log: Path, *, within_s: float = START_S) -> None:
    """Ask again and again. Raises DidNotStart."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while not await asyncio.to_thread(answers):
        if loop.time() > end:
            raise DidNotStart(name, log)
        await asyncio.sleep(_ASK_EVERY_S)


async def eventually(answers: Callable[[], Awaitable[bool]], *, within_s: float) -> bool:
    """Ask again and again; whether it became so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while not await answers():
        if loop.time() > end:
            return False
        await asyncio.sleep(_ASK_EVERY_S)
    return True


def redis_says(socket: Path, *words: str | int) -> object:
    """One command over a connection of its own; None when there is no answer."""
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=_ASK_S) as asked:
            return asked.execute_command(*words)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (redis.RedisError, OSError):
        return None


def _below(pid: int) -> list[int]:
    """Everything that a process has started, and what that has started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            parents[int(folder.name)] = int(stat[stat.rindex(")") + 2 :].split()[1])
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found - {pid})


def _python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def _http_ready(port: int) -> bool:
    asked = http.client.HTTPConnection(LOOPBACK, port, timeout=_ASK_S)
    try:
        asked.request("GET", "/ready")
        return asked.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        asked.close()


def _other_user() -> User:
    people = {person.pw_name: person for person in pwd.getpwall()}
    other = people.get("postgres") or people["nobody"]
    return User(other.pw_uid, other.pw_gid)
