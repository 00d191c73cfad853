"""Seeing that our own API answers on its port, and not an older one that was left behind."""

import asyncio
import contextlib
import os
import ssl
from pathlib import Path
from typing import Final

from exam_api.settings import Settings

_LISTEN: Final = "0A"
"""State of a listening socket in /proc/net/tcp."""

_ANSWER_S: Final = 2.0

_SERVER_ERROR: Final = 500


async def answers(settings: Settings) -> bool:
    """Whether the listening address gives an HTTP reply that is not a server error."""
    context: ssl.SSLContext | None = None
    if settings.tls_cert:
        context = ssl.create_default_context()  # we ask ourselves by address: the name cannot match
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    try:
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection(host, settings.port, ssl=context)
            writer.write(f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            status_line = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    parts = status_line.split()
    return len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < _SERVER_ERROR


def is_ours(port: int, group: int) -> bool:
    """Whether a process of this group listens on this port (Linux; elsewhere taken for granted)."""
    if not Path("/proc/net/tcp").exists():
        return True
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _group_of(int(folder.name)) == group and wanted & _open_files(folder):
            return True
    return False


def _listening_inodes(port: int) -> set[str]:
    inodes: set[str] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    return inodes


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _open_files(folder: Path) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for entry in (folder / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(entry.readlink()))
    return found
