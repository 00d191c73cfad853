"""Programs on nodes: started, killed as power loss kills, started again, all ended at the end."""

import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from tools.bench.processes import (
    ANYBODYS,
    START_S,
    DidNotStart,
    User,
    begin,
    clean_environ,
    kill_group,
    wait_until,
)
from tools.cluster.net import Net

_END_S: Final = 5.0


class Program(msgspec.Struct, frozen=True):
    """What runs on a node."""

    words: Sequence[str]
    environ: Mapping[str, str]
    user: User | None = None


class Machines:
    """All nodes; one program each."""

    def __init__(self, net: Net, folder: Path, ends: ExitStack) -> None:
        self.net = net
        self.folder = folder
        self._ends = ends
        self._programs: dict[str, Program] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        ends.callback(self._end_all)

    def start(
        self,
        name: str,
        words: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        user: User | None = None,
    ) -> None:
        """Start a program on its node; what it says goes into NAME.log."""
        self._programs[name] = Program(words, dict(environ or clean_environ()), user)
        self.restart(name)

    def restart(self, name: str) -> None:
        """Start again what was started before, as its unit would."""
        program = self._programs[name]
        # Its user is taken on inside: a node is entered by root.
        words = self.net.inside(name, as_user(program.words, program.user))
        folder = ANYBODYS if program.user else None
        # From the main thread only: the kernel ends it with the thread that started it.
        self._running[name] = begin(words, self._log(name), environ=program.environ, folder=folder)

    def run(self, name: str, words: Sequence[str], *, user: User | None = None) -> str:
        """Run a program on a node to its end and give what it said. Raises DidNotStart."""
        log = self.folder / f"{name}-run.log"
        command = self.net.inside(name, as_user(words, user))
        with log.open("wb") as told:
            done = subprocess.run(
                command, cwd="/", stdout=told, stderr=told, timeout=START_S, env=clean_environ(), check=False
            )
        if done.returncode:
            raise DidNotStart(f"{name}: {words[0]}", log)
        return log.read_text(encoding="utf-8", errors="replace")

    def wait(self, name: str, holds: Callable[[], bool]) -> None:
        """Wait until something holds. Raises DidNotStart."""
        wait_until(holds, name=name, log=self._log(name))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def kill(self, name: str) -> None:
        """End it and all it started, at once."""
        process = self._running.pop(name)
        kill_group(process.pid)
        process.wait()

    def _end_all(self) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _END_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        for process in self._running.values():
            kill_group(process.pid)
            process.wait()
        self._running.clear()


def as_user(words: Sequence[str], user: User | None) -> list[str]:
    """The command under another user, still ended with us."""
    if user is None:
        return list(words)
    switch = ["setpriv", "--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups"]
    return [*switch, "--pdeathsig", "KILL", *words]


def postgres_user() -> User:
    """Whom PostgreSQL runs as: it refuses to be root."""
    people = {person.pw_name: person for person in pwd.getpwall()}
    found = people.get("postgres") or people["nobody"]
    return User(found.pw_uid, found.pw_gid)
