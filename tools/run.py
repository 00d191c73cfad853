"""`make run`: start the whole service on demo data, say where it is, end it with Ctrl-C."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import msgspec
from rich.console import Console
from rich.table import Table

from exam_api.serving.certificate import LanTls, lan_addresses, lan_tls
from exam_api.serving.tied import end_with_parent
from tools.refuse import refuse

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = ROOT / ".venv" / "bin" / "python"

START_S: Final = 120.0
"""How long the service may take until it answers; the first start loads the demo's pools."""

LOG_LINES: Final = 15
"""Lines of the log that are shown when the service does not start."""

LANGUAGES: Final = ("zh", "en")
"""A refusal takes one line in each, in this order."""

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

TRUST: Final = """\
[b]On a phone in the same network[/b], once: open [b]{url}[/b] and let it install the certificate.
  Android  设置 → 安全 → 更多安全设置 → 从存储设备安装 → CA 证书
           (Settings → Security → Install a certificate → CA)
  iPhone   设置 → 已下载描述文件 → 安装; 通用 → 关于本机 → 证书信任设置 → 打开
           (Settings → Profile Downloaded → Install; General → About → Certificate Trust Settings → on)
  Then open the phone address below. Without this step the browser warns, and service worker, camera and
  WebCrypto stay off.
"""


class DemoLogin(msgspec.Struct):
    """One way into the demo, as `kaowu demo` writes it."""

    place: str
    who: str
    how: str


def asked_environ(data_dir: Path, given: Mapping[str, str]) -> tuple[dict[str, str], LanTls | None]:
    """The service's settings from PORT and LAN; the caller's own KAOWU_* variables win."""
    environ = dict(given)
    port = given.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004 - the largest port
        refuse(
            f"PORT={port} 不是端口号：请给出 1 到 65535 的数字，例如 make run PORT=8080。",
            f"PORT={port} is not a port: give a number from 1 to 65535, for example make run PORT=8080.",
        )
    environ.setdefault("KAOWU_DEMO", "true")
    environ.setdefault("KAOWU_DATA_DIR", str(data_dir))
    environ.setdefault("KAOWU_PORT", port)
    if given.get("LAN", "0") in {"", "0"}:
        return environ, None
    addresses = lan_addresses() if given["LAN"] == "1" else [given["LAN"]]
    if not addresses:
        refuse(
            "LAN=1 需要本机的内网地址，但没有找到：请直接给出，例如 LAN=192.168.1.5。",
            "LAN=1 needs a private address of this machine and none was found: give it, LAN=192.168.1.5.",
        )
    made = lan_tls(data_dir / "tls", addresses, now=datetime.now(UTC))
    environ["KAOWU_HOST"] = addresses[0]
    environ["KAOWU_TLS_CERT"], environ["KAOWU_TLS_KEY"] = str(made.certificate), str(made.key)
    return environ, made


def begin_anew(data_dir: Path) -> None:
    """Remove all data of the demo, unless a service still runs on it."""
    lock = data_dir / "service.lock"
    if lock.exists():
        with lock.open("a+", encoding="ascii") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                refuse(
                    f"仍有服务在使用 {data_dir}：请先停止它，再重新开始。",
                    f"A service still runs on {data_dir}: stop it before beginning anew.",
                )
    shutil.rmtree(data_dir, ignore_errors=True)


def wait_until_ready(service: subprocess.Popen[bytes], data_dir: Path, log: Path) -> None:
    """Wait for the supervisor's word; show why when it ends instead."""
    ready = data_dir / "service.ready"
    end = time.monotonic() + START_S
    while not (ready.exists() and ready.read_text(encoding="ascii").strip() == str(service.pid)):
        if service.poll() == 0:
            sys.exit(0)  # Ctrl-C while it was starting
        if service.returncode is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            said = [line.removeprefix("kaowu: ") for line in lines[-2:] if line.startswith("kaowu: ")]
            if len(said) < len(LANGUAGES) or "above" in said[-1]:
                sys.stderr.write("\n".join(lines[-LOG_LINES:]) + "\n")
            if len(said) < len(LANGUAGES):
                said = [f"服务没有启动，原因见 {log}。", f"The service did not start: {log} says why."]
            refuse(*said)
        if time.monotonic() > end:
            service.terminate()
            refuse(
                f"服务在 {START_S:.0f} 秒内没有应答，情况见 {log}。",
                f"The service did not answer within {START_S:.0f} s: {log} says what it was doing.",
            )
        time.sleep(0.05)


def tell(environ: Mapping[str, str], data_dir: Path, tls: LanTls | None) -> None:
    """Print the addresses, the log-ins, and how to stop."""
    host, port = environ.get("KAOWU_HOST", "127.0.0.1"), int(environ["KAOWU_PORT"])
    base = f"{'https' if tls else 'http'}://{host}:{port}"
    console = Console(highlight=False)
    if tls:
        console.print(TRUST.format(url=f"http://{host}:{port + 1}/"))
    table = Table(title="Kaowu 考务", title_justify="left", show_header=False, title_style="bold")
    table.add_row("手机 phone", f"{base}/phone/")
    table.add_row("考场 desk", f"{base}/desk/")
    table.add_row("管理 console", f"{base}/console/")
    logins = data_dir / "demo.json"
    if logins.exists():
        table.add_section()
        for login in msgspec.json.decode(logins.read_bytes(), type=list[DemoLogin]):
            table.add_row(login.who, f"{login.how}  [dim]({login.place})[/dim]")
    table.add_section()
    table.add_row("停止 stop", "Ctrl-C")
    table.add_row("数据 data", f"{data_dir}  [dim](FRESH=1 begins anew)[/dim]")
    console.print(table)


def serve_authority(tls: LanTls, host: str, port: int) -> subprocess.Popen[bytes]:
    """Hand the authority's certificate to phones over plain http, one port above the service."""
    words = [PYTHON, "-m", "tools.authority", str(os.getpid()), str(tls.authority), host, str(port + 1)]
    return subprocess.Popen(words, cwd=ROOT)


def main() -> NoReturn:
    """Run until Ctrl-C."""
    end_with_parent(os.getppid())
    data_dir = Path(os.environ.get("KAOWU_DATA_DIR") or ROOT / "var").absolute()
    if os.environ.get("FRESH", "0") not in {"", "0"}:
        begin_anew(ROOT / "var")
    environ, tls = asked_environ(data_dir, os.environ)
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "service.log"
    started: list[subprocess.Popen[bytes]] = []

    def stop(_number: int, _frame: FrameType | None) -> None:
        for process in started:
            process.terminate()
        if not started:
            sys.exit(0)

    for number in SIGNALS:
        signal.signal(number, stop)
    with log.open("wb") as told:
        command = [PYTHON, "-I", ROOT / "exam_api" / "serving" / "tied.py", str(os.getpid()), PYTHON]
        service = subprocess.Popen(
            [*command, "-m", "exam_api.cli", "serve", "--prepare"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )

        started.append(service)
    wait_until_ready(service, data_dir, log)
    if tls:
        serve_authority(tls, environ["KAOWU_HOST"], int(environ["KAOWU_PORT"]))
    tell(environ, data_dir, tls)
    status = service.wait()
    if status:
        refuse(
            f"服务以状态 {status} 退出，原因见 {log}。",
            f"The service ended with status {status}: {log} says why.",
        )
    sys.exit(0)


if __name__ == "__main__":
    main()
