"""Starting the processes of a benchmark: pinned to a core, on loopback and sockets, all ended at the end."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from tools.bench.load import LOOPBACK

ROOT: Final = Path(__file__).parent.parent.parent

ANYBODYS: Final = Path("/")
"""A folder that whoever is not root may stand in, too."""

START_S: Final = 30.0
"""How long one server may take until it answers."""

END_S: Final = 5.0
"""How long it may take to end by itself; then it is killed."""

_ASK_EVERY_S: Final = 0.02


class DidNotStart(Exception):
    """A program failed, or a server did not answer in time."""

    def __init__(self, name: str, log: Path) -> None:
        told = log.read_text(encoding="utf-8", errors="replace")[-1500:] if log.exists() else ""
        super().__init__(f"{name} did not start:\n{told}")
        self.name = name


class Cores(msgspec.Struct, frozen=True):
    """Where things run."""

    server: int
    """The measured server alone."""
    rest: int
    """Driver, Redis, database and worker."""


class User(msgspec.Struct, frozen=True):
    """Whom a program runs as that refuses to be root."""

    uid: int
    gid: int


def choose_cores() -> Cores:
    """The first two cores that this process may use; the same one twice where there is one only."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1] if len(allowed) > 1 else allowed[0])


class Processes:
    """What was started in one folder; ends with the stack."""

    def __init__(self, folder: Path, ends: ExitStack) -> None:
        self.folder = folder
        self._ends = ends

    def start(
        self,
        name: str,
        words: Sequence[str],
        *,
        core: int | None,
        environ: Mapping[str, str] | None = None,
        user: User | None = None,
    ) -> int:
        """Start a server and give its process id; what it says goes into NAME.log; no core: on all."""
        with pinned_to(core):
            process = begin(words, self._log(name), environ=environ, user=user)
        self._ends.callback(_end, process)
        return process.pid

    def run(
        self,
        name: str,
        words: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        user: User | None = None,
    ) -> None:
        """Run a program to its end. Raises DidNotStart."""
        process = begin(words, self._log(name), environ=environ, user=user)
        try:
            status = process.wait(START_S)
        except subprocess.TimeoutExpired:
            status = 1
        finally:
            _end(process)
        if status:
            raise DidNotStart(name, self._log(name))

    def wait(self, name: str, answers: Callable[[], bool]) -> None:
        """Wait until a server answers. Raises DidNotStart."""
        wait_until(answers, name=name, log=self._log(name))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def begin(
    words: Sequence[str],
    log: Path,
    *,
    environ: Mapping[str, str] | None = None,
    user: User | None = None,
    folder: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a program that ends with us; what it says goes into the log."""
    with log.open("ab") as told:
        return subprocess.Popen(
            tied(words),
            env=dict(environ or clean_environ()),
            cwd=folder or (ANYBODYS if user else ROOT),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,  # Ctrl-C reaches us alone: we end them in order
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )


def wait_until(holds: Callable[[], bool], *, name: str, log: Path) -> None:
    """Wait until something holds of a program. Raises DidNotStart."""
    end = time.monotonic() + START_S
    while not holds():
        if time.monotonic() > end:
            raise DidNotStart(name, log)
        time.sleep(_ASK_EVERY_S)


def kill_group(pid: int) -> None:
    """End a program and all it started, at once."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@contextmanager
def pinned_to(core: int | None) -> Generator[None, None, None]:
    """Run on this core only (None: as before); whatever is started meanwhile stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def tied(words: Sequence[str]) -> list[str]:
    """The command, ended by the kernel if this process is killed (where util-linux offers it)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *words] if setpriv else [*words]


def clean_environ() -> dict[str, str]:
    """Our environment without the caller's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KAOWU_")}


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it in order, and if it does not, at once with all it started."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kill_group(process.pid)
