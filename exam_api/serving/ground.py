"""What must be there before the service starts: a folder with space, a free port, nobody else on the data."""

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from exam_api.serving.errors import AddressNotOurs, DataInUse, DiskFull, FolderNotOurs, PortTaken

FREE_LEAST_MB: Final = 200
"""Free space to start with: Redis writes its whole file anew now and then, beside the old one."""

_MB: Final = 1024 * 1024


def check_folder(folder: Path) -> None:
    """Make the data folder and see that it can be written and has space.

    Raises:
        FolderNotOurs, DiskFull.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise FolderNotOurs(folder=folder, why=refused.strerror or "unknown") from refused
    if not os.access(folder, os.W_OK):
        raise FolderNotOurs(folder=folder, why="not writable by this user")
    free_mb = shutil.disk_usage(folder).free // _MB
    if free_mb < FREE_LEAST_MB:
        raise DiskFull(folder=folder, free_mb=free_mb, needed_mb=FREE_LEAST_MB)


def check_port(host: str, port: int) -> None:
    """See that nobody listens there: the HTTP server would share the port silently.

    Raises:
        PortTaken, AddressNotOurs.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise PortTaken(host=host, port=port) from None
        except OSError as refused:
            if refused.errno == errno.EADDRINUSE:
                raise PortTaken(host=host, port=port) from None
            raise AddressNotOurs(host=host) from refused


@contextmanager
def sole_owner(folder: Path) -> Generator[None, None, None]:
    """Hold the data folder for this process; the kernel lets go when the process ends in any way.

    Raises:
        DataInUse: another service holds it.
    """
    with (folder / "service.lock").open("a+", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise DataInUse(folder=folder, pid=held.read().strip() or "unknown") from None
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        yield
