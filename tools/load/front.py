"""nginx with deploy/nginx before the service, on loopback: TLS as candidates meet it, and what it costs."""

import shutil
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from exam_api.serving.certificate import lan_tls
from loadtest.report import Handshakes
from tools.bench.cpu import read_cpu, spent_us
from tools.bench.load import LOOPBACK
from tools.bench.processes import ROOT, Processes, unused_port
from tools.refuse import refuse

DEPLOY: Final = ROOT / "deploy" / "nginx"
MIME: Final = Path("/etc/nginx/mime.types")

CONNECTIONS: Final = 18_000
"""Connections of one nginx worker, to candidates and to the service; `nofile` is 20,000 in places."""

MEASURED: Final = 300
"""Handshakes of each kind that are measured."""

_PATIENCE_S: Final = 10.0
_ASKED: Final = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n"
"""nginx answers this itself: what it uses meanwhile is TLS and one small call."""


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """Where nginx will stand; the service is told before it is started."""

    port: int
    authority: Path
    certificate: Path
    key: Path

    @property
    def origin(self) -> str:
        """Of the pages."""
        return f"https://{LOOPBACK}:{self.port}"


def choose_front(folder: Path) -> Front:
    """A port, and a certificate of an authority of its own."""
    if shutil.which("nginx") is None or not MIME.exists():
        refuse("没有找到 nginx：请安装 nginx。", "There is no nginx: install it, or run without TLS=1.")
    made = lan_tls(folder / "tls", [LOOPBACK], now=datetime.now(UTC))
    return Front(port=unused_port(), authority=made.authority, certificate=made.certificate, key=made.key)


def start_front(front: Front, processes: Processes, *, behind: int) -> int:
    """Start nginx before the service at a port; gives its process. Raises DidNotStart."""
    folder = processes.folder / "nginx"
    shutil.copytree(DEPLOY, folder)
    shutil.copy(MIME, folder)
    _swap(
        folder / "kaowu.conf",
        {
            "server 127.0.0.1:8000": f"server {LOOPBACK}:{behind}",
            "/etc/kaowu/tls/fullchain.pem": str(front.certificate),
            "/etc/kaowu/tls/key.pem": str(front.key),
            "    listen 80;\n    listen [::]:80;\n": f"    listen {LOOPBACK}:{unused_port()};\n",
            "    listen 443 ssl": f"    listen {LOOPBACK}:{front.port} ssl",
            "    listen [::]:443 ssl http2 backlog=4096;\n": "",
        },
    )
    _swap(
        folder / "nginx.conf",
        {
            "/run/nginx.pid": str(folder / "nginx.pid"),
            "/var/log/nginx": str(folder),
            "worker_rlimit_nofile 131072;": "",
            "worker_connections 65536;": f"worker_connections {CONNECTIONS};",
        },
    )
    nginx = shutil.which("nginx") or "nginx"
    words = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    pid = processes.start("nginx", words, core=None)
    processes.wait("nginx", lambda: _answers(front))
    return pid


def measure_handshakes(front: Front, pid: int) -> Handshakes:
    """What new and resumed connections cost nginx; nobody else calls meanwhile. Raises OSError."""
    context = ssl.create_default_context(cafile=front.authority)
    session: list[ssl.SSLSession | None] = [None]
    reused: list[bool] = []

    def full() -> None:
        with _connected(front, context, None) as wire:
            _call(wire, close=True)
            session[0] = wire.session

    def resumed() -> None:
        with _connected(front, context, session[0]) as wire:
            _call(wire, close=True)
            reused.append(bool(wire.session_reused))
            session[0] = wire.session

    with _connected(front, context, None) as kept:
        protocol = kept.version() or ""
        call_us = _spent(pid, lambda: _call(kept, close=False))
    full_us = _spent(pid, full)
    resumed_us = _spent(pid, resumed)
    return Handshakes(
        full_us=round(full_us - call_us, 1),
        resumed_us=round(resumed_us - call_us, 1),
        call_us=round(call_us, 1),
        resumed=sum(reused[1:]),
        asked=MEASURED,
        protocol=protocol,
    )


def _spent(pid: int, act: Callable[[], None]) -> float:
    act()
    before = read_cpu(pid)
    for _ in range(MEASURED):
        act()
    return spent_us(before, read_cpu(pid)) / MEASURED


def _connected(front: Front, context: ssl.SSLContext, session: ssl.SSLSession | None) -> ssl.SSLSocket:
    plain = socket.create_connection((LOOPBACK, front.port), timeout=_PATIENCE_S)
    return context.wrap_socket(plain, server_hostname=LOOPBACK, session=session)


def _call(wire: ssl.SSLSocket, *, close: bool) -> None:
    wire.sendall(_ASKED + (b"Connection: close\r\n\r\n" if close else b"\r\n"))
    received = wire.recv(4096)
    while close and (more := wire.recv(4096)):
        received += more
    if not received.startswith(b"HTTP/1.1 404"):
        raise OSError("nginx did not answer as its settings say")


def _answers(front: Front) -> bool:
    try:
        with _connected(front, ssl.create_default_context(cafile=front.authority), None) as wire:
            _call(wire, close=True)
    except OSError:
        time.sleep(0.05)
        return False
    return True


def _swap(path: Path, pairs: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
