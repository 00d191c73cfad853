"""Real servers for tests: found or started here, each on a socket or port of its own, all stopped at the end.

With xdist every worker process has its own set. Nothing here needs root; PostgreSQL never runs as root.
"""

import fcntl
import functools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import redis
from playwright.async_api import Browser, async_playwright

from exam_api.serving.redis_program import (
    RedisProgram,
    bundled_program,
    installed_programs,
    redis_command,
)

ROOT = Path(__file__).parent.parent
START_S = 90.0
"""How long a server may take until it answers: generous, as two workers share two cores."""
SERVICE_S = 90.0
"""How long the whole product may take: schema, demo data, then three Python processes."""


def wait_until(probe: Callable[[], bool], *, what: str, within_s: float = START_S) -> None:
    """Ask every 20 ms until `probe` says yes; fails the test with `what` after the deadline."""
    end = time.monotonic() + within_s
    while not probe():
        if time.monotonic() > end:
            pytest.fail(f"{what} within {within_s:.0f} s", pytrace=False)
        time.sleep(0.02)


def tied(words: list[str]) -> list[str]:
    """The command, ended by the kernel if this test process is killed (where util-linux offers it)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *words] if setpriv else words


def clean_environ(**given: str) -> dict[str, str]:
    """Our environment without the caller's KAOWU_* settings, plus `given`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("KAOWU_")}
    own.pop("PYTHONDONTWRITEBYTECODE", None)  # started programs load twice as fast from compiled modules
    return own | given


PORTS = range(15_000, 30_000)
"""Below those that kernels give to whoever connects: nothing else takes one before its server listens."""

_given: set[int] = set()


def unused_port() -> int:
    """A TCP port that is free and that no other test process is given while this one lives."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        if port not in _given and _is_ours(port):
            _given.add(port)
            return port


def _is_ours(port: int) -> bool:
    try:
        fcntl.lockf(_register(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)  # let go by the kernel at our end
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


@functools.cache
def _register() -> int:
    """An empty file in which a byte stands for each port: its locks are what is written."""
    path = Path(tempfile.gettempdir(), f"kaowu-test-ports-{os.getuid()}")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@pytest.fixture
def free_port() -> int:
    """As `unused_port`."""
    return unused_port()


@pytest.fixture(scope="session")
def short_tmp() -> Iterator[Path]:
    """A folder with a short path: a socket's path may have 107 bytes only."""
    folder = Path(tempfile.mkdtemp(prefix="kw-", dir="/tmp" if Path("/tmp").is_dir() else None))  # noqa: S108
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


# --- Redis ------------------------------------------------------------------------------------------------


class RedisServer:
    """A Redis on a unix socket with an append-only file; it can be killed and started on the same data."""

    def __init__(self, program: RedisProgram, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._running is not None, "this Redis is not running"
        return self._running.pid

    def client(self) -> "redis.Redis":
        """A blocking client for arranging and asserting; the caller closes it."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = redis_command(self.program, folder=self.folder, socket=self.socket)
        self._running = subprocess.Popen(tied(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, what=f"Redis {self.program.version_text} answers")

    def kill(self) -> None:
        """End it as a crash of the process does (SIGKILL); for losses see `roll_back`."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order: everything is written first."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Crash, then start on the same data."""
        self._has_written()
        self.kill()
        self.start()

    def keep_data(self) -> Path:
        """Copy the data as it is now; `roll_back` returns to it."""
        self._has_written()
        kept = Path(tempfile.mkdtemp(prefix="kept-", dir=self.folder.parent))
        shutil.copytree(self.folder, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))
        return kept

    def roll_back(self, kept: Path) -> None:
        """Crash, lose everything since `keep_data`, start again."""
        self.kill()
        shutil.rmtree(self.folder)
        shutil.copytree(kept, self.folder)
        self.start()

    def flush(self) -> None:
        with self.client() as asked:
            asked.flushall()

    def _has_written(self) -> None:
        """Wait for its file: while the disk is slow to sync, Redis puts writing off for up to two seconds."""
        with self.client() as asked:
            wait_until(lambda: not asked.info("persistence")["aof_buffer_length"], what="Redis has written")

    def _answers(self) -> bool:
        assert self._running is not None
        if self._running.poll() is not None:
            pytest.fail(
                f"Redis ended at once: {(self.folder / 'redis.log').read_text()[-500:]}", pytrace=False
            )
        try:
            with self.client() as asked:
                return bool(asked.ping())
        except redis.RedisError:
            return False

    def _end(self, by: signal.Signals) -> None:
        if self._running is None:
            return
        self._running.send_signal(by)
        self._running.wait(timeout=START_S)
        self._running = None
        self.socket.unlink(missing_ok=True)


def redis_programs() -> list[RedisProgram]:
    """The bundled 6.2 and the newest installed one, as far as they are here."""
    found = [bundled_program(), next(installed_programs(), None)]
    return [program for program in found if program]


_PROGRAMS = redis_programs()


@pytest.fixture(scope="session", params=_PROGRAMS, ids=[f"redis-{p.version_text}" for p in _PROGRAMS])
def redis_server(request: pytest.FixtureRequest, short_tmp: Path) -> Iterator[RedisServer]:
    """Each Redis on this machine in turn; kept for the whole run, so tests may restart but not stop it."""
    server = RedisServer(request.param, short_tmp / f"r{request.param.version_text}")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis, asked of each version."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def newest_redis(short_tmp: Path) -> Iterator[RedisServer]:
    """One Redis, the newest here, for tests that are not about Redis."""
    server = RedisServer(_PROGRAMS[-1], short_tmp / "newest")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_redis(short_tmp: Path) -> Iterator[RedisServer]:
    """The newest Redis for one test alone: it may be killed, stopped and rolled back."""
    folder = Path(tempfile.mkdtemp(prefix="own-", dir=short_tmp))
    server = RedisServer(_PROGRAMS[-1], folder / "r")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


# --- databases --------------------------------------------------------------------------------------------


def run_quietly(words: list[str], **options: object) -> None:
    """Run to the end; a failure shows what the program said."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        pytest.fail(
            f"{' '.join(words[:4])} … failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}", pytrace=False
        )


def migrate(database_url: str) -> None:
    """Bring a database to the newest schema the way an operator does."""
    words = [sys.executable, "-m", "exam_api.cli", "migrate"]
    run_quietly(words, cwd=ROOT, env=clean_environ(KAOWU_DATABASE_URL=database_url, KAOWU_SECRET="t" * 32))


def postgres_folder() -> Path | None:
    """Where initdb and postgres are: the newest of Debian's folders, else beside initdb on PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    by_age = sorted(debian, key=lambda path: int(path.parent.parent.name))
    found = by_age[-1] if by_age else shutil.which("initdb")
    return Path(found).parent if found else None


class PostgresServer:
    """A PostgreSQL on a unix socket, without fsync; databases are copies of one migrated template."""

    TEMPLATE = "kaowu_template"

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self._running: subprocess.Popen[bytes] | None = None
        self._made = 0
        self._migrated = False
        self._user = self._other_user() if os.geteuid() == 0 else None

    def create(self) -> None:
        self.folder.mkdir(parents=True)
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        words = ["initdb", "-D", str(self.folder / "data"), "-U", "kaowu", "-A", "trust", "--no-sync"]
        words += ["-E", "UTF8", "--locale=C", "--no-instructions"]
        run_quietly([str(self.programs / words[0]), *words[1:]], cwd="/", **self._as_user())

    def start(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "on",  # what is committed survives the end of the process
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "max_connections": "200",
        }
        words = [str(self.programs / "postgres"), "-D", str(self.folder / "data")]
        words += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        log = self.folder / "postgres.log"
        with log.open("ab") as told:
            self._running = subprocess.Popen(
                tied(words), cwd="/", stdout=told, stderr=told, **self._as_user()
            )
        wait_until(self._answers, what="PostgreSQL answers")

    def stop(self) -> None:
        """End it at once, as a crash does; what was committed is there again after `start`."""
        if self._running:
            self._running.send_signal(signal.SIGQUIT)
            self._running.wait(timeout=START_S)
            self._running = None

    @property
    def pid(self) -> int:
        """Of the first of its processes."""
        assert self._running is not None
        return self._running.pid

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://kaowu@/{database}?host={self.folder}"

    def new_database(self, *, migrated: bool = True) -> str:
        """Make a database and return its address."""
        if migrated and not self._migrated:
            self._tool("createdb", self.TEMPLATE)
            migrate(self.url(self.TEMPLATE))
            self._migrated = True
        self._made += 1
        name = f"t{self._made}"
        self._tool("createdb", *(["-T", self.TEMPLATE] if migrated else []), name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._tool("dropdb", "--force", url.partition("@/")[2].partition("?")[0])

    def _tool(self, name: str, *words: str) -> None:
        run_quietly([str(self.programs / name), "-h", str(self.folder), "-U", "kaowu", *words])

    def _answers(self) -> bool:
        assert self._running is not None
        if self._running.poll() is not None:
            told = (self.folder / "postgres.log").read_text()[-800:]
            pytest.fail(f"PostgreSQL ended at once: {told}", pytrace=False)
        words = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder), "-U", "kaowu"]
        return subprocess.run(words, check=False).returncode == 0

    def _as_user(self) -> dict[str, object]:
        if not self._user:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    @staticmethod
    def _other_user() -> pwd.struct_passwd:
        """PostgreSQL refuses to run as root."""
        names = {person.pw_name: person for person in pwd.getpwall()}
        return names.get("postgres") or names["nobody"]


@pytest.fixture(scope="session")
def postgres_server(short_tmp: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole run; a test that stops it starts it again."""
    programs = postgres_folder()
    if programs is None:
        pytest.fail("no PostgreSQL here: install the package `postgresql`", pytrace=False)
    server = PostgresServer(programs, short_tmp / "pg")
    server.create()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh migrated PostgreSQL database."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database in a file."""
    path = shutil.copy(sqlite_template, tmp_path / "kaowu.db")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, once SQLite and once PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


# --- browser and service ----------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The Chromium of this machine, without a window; tests that use it are marked `browser`."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.fail("no Chromium here: install the package `chromium`", pytrace=False)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, headless=True, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Service:
    """The whole product, started with `kaowu serve` on demo data."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir = data_dir
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.settings = {"KAOWU_DATA_DIR": str(data_dir), "KAOWU_PORT": str(port), "KAOWU_DEMO": "true"}
        self.environ = clean_environ(**self.settings)
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._running is not None, "the service is not running"
        return self._running.pid

    @property
    def log(self) -> str:
        """What its processes have said so far."""
        return (self.data_dir.parent / "service.log").read_text(errors="replace")

    def kaowu(self, *words: str) -> None:
        """Run one command of the CLI on the service's settings."""
        run_quietly([sys.executable, "-m", "exam_api.cli", *words], cwd=ROOT, env=self.environ)

    def start(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir.parent / "service.log").open("ab") as told:
            self._running = subprocess.Popen(
                tied([sys.executable, "-m", "exam_api.cli", "serve", "--prepare"]),
                cwd=ROOT,
                env=self.environ,
                stdout=told,
                stderr=told,
            )
        wait_until(self._answers, what="the service answers", within_s=SERVICE_S)

    def stop(self) -> None:
        if self._running:
            self._running.terminate()
            self._running.wait(timeout=START_S)
            self._running = None

    def _answers(self) -> bool:
        assert self._running is not None
        if self._running.poll() is not None:
            pytest.fail(f"the service ended at once:\n{self.log[-3000:]}", pytrace=False)
        ready = self.data_dir / "service.ready"
        return ready.exists() and ready.read_text().strip() == str(self.pid)


@pytest.fixture(scope="session")
def service(short_tmp: Path) -> Iterator[Service]:
    """The product with demo data, one for the run; tests use people and sessions of their own."""
    home = Path(tempfile.mkdtemp(prefix="svc-", dir=short_tmp))
    running = Service(home / "var", unused_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_service(short_tmp: Path) -> Iterator[Service]:
    """The product for one test alone, not yet started: its processes may be killed."""
    home = Path(tempfile.mkdtemp(prefix="own-", dir=short_tmp))
    running = Service(home / "var", unused_port())
    yield running
    running.stop()
