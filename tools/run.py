"""`make run`: start the whole service on demo data, say where it is, end it with Ctrl-C.

Standard library only and nothing heavy: the second start has to be fast.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from exam_api.serving.tied import end_with_parent
from tools.refuse import refuse

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = str(ROOT / ".venv" / "bin" / "python")
TIED: Final = (PYTHON, "-I", str(ROOT / "exam_api" / "serving" / "tied.py"), str(os.getpid()))

START_S: Final = 180.0
"""How long the service may take until it answers; the first start loads the demo's pools."""

LOG_LINES: Final = 15
"""Lines of the log that are shown when the service does not start."""

LANGUAGES: Final = ("zh", "en")
"""A refusal takes one line in each, in this order."""

PORT_LARGEST: Final = 65_535

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Run:
    """One `make run`: what it was asked for, and the processes it started."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.data_dir = Path(given.get("KAOWU_DATA_DIR") or ROOT / "var").absolute()
        self.log = self.data_dir / "service.log"
        self.port = int(_port(given.get("KAOWU_PORT") or given.get("PORT") or "8000"))
        self.host = given.get("KAOWU_HOST") or "127.0.0.1"
        self.lan = given.get("LAN", "0") if given.get("LAN", "0") != "0" else ""
        self.authority = ""
        self.started: list[subprocess.Popen[bytes]] = []
        self.environ = dict(given)
        # Compiled modules halve the second start's time.
        self.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self.environ.setdefault("KAOWU_DEMO", "true")

    def prepare(self) -> None:
        """Make the folder, and the certificate where phones are served."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if self.lan:
            words = [PYTHON, "-m", "tools.lan", str(self.data_dir / "tls"), self.lan]
            done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, check=False)
            if done.returncode:
                sys.exit(done.returncode)
            made = json.loads(done.stdout)
            self.host, self.authority = made["host"], made["authority"]
            self.environ["KAOWU_TLS_CERT"], self.environ["KAOWU_TLS_KEY"] = made["certificate"], made["key"]
        self.environ["KAOWU_DATA_DIR"] = str(self.data_dir)
        self.environ["KAOWU_PORT"] = str(self.port)
        self.environ["KAOWU_HOST"] = self.host

    def start(self) -> subprocess.Popen[bytes]:
        """Start the service and what tells of it."""
        with self.log.open("wb") as told:
            service = subprocess.Popen(
                [*TIED, PYTHON, "-m", "exam_api.cli", "serve", "--prepare"],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )
        self.started.append(service)
        here, base = str(os.getpid()), f"{'https' if self.lan else 'http'}://{self.host}:{self.port}"
        trust = f"http://{self.host}:{self.port + 1}/" if self.lan else ""
        words = [PYTHON, "-m", "tools.tell", here, str(service.pid), str(self.data_dir), base, trust]
        self.started.append(subprocess.Popen(words, cwd=ROOT))
        return service

    def hand_out_authority(self) -> None:
        """Let phones fetch the certificate authority over plain http, one port above the service."""
        words = [
            PYTHON,
            "-m",
            "tools.authority",
            str(os.getpid()),
            self.authority,
            self.host,
            str(self.port + 1),
        ]
        self.started.append(subprocess.Popen(words, cwd=ROOT))

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Ask all of it to end."""
        for process in self.started:
            process.terminate()
        if not self.started:
            sys.exit(0)

    def wait_until_ready(self, service: subprocess.Popen[bytes]) -> None:
        """Wait for the supervisor's word; show why when it ends instead."""
        ready = self.data_dir / "service.ready"
        end = time.monotonic() + START_S
        while not (ready.exists() and ready.read_text(encoding="ascii").strip() == str(service.pid)):
            if service.poll() is not None:
                self.refuse_start(service.returncode)
            if time.monotonic() > end:
                service.terminate()
                refuse(
                    f"服务在 {START_S:.0f} 秒内没有应答，情况见 {self.log}。",
                    f"The service did not answer within {START_S:.0f} s: {self.log} says what it was doing.",
                )
            time.sleep(0.05)

    def refuse_start(self, status: int) -> NoReturn:
        """Say why it ended before it was ready."""
        for process in self.started:
            process.terminate()
        if status == 0:
            sys.exit(0)  # Ctrl-C while it was starting
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        said = [line.removeprefix("kaowu: ") for line in lines[-2:] if line.startswith("kaowu: ")]
        if len(said) < len(LANGUAGES) or "above" in said[-1]:
            sys.stderr.write("\n".join(lines[-LOG_LINES:]) + "\n")
        if len(said) < len(LANGUAGES):
            said = [f"服务没有启动，原因见 {self.log}。", f"The service did not start: {self.log} says why."]
        refuse(*said)


def _port(text: str) -> str:
    if not text.isdigit() or not 0 < int(text) <= PORT_LARGEST:
        refuse(
            f"PORT={text} 不是端口号：请给出 1 到 65535 的数字，例如 make run PORT=8080。",
            f"PORT={text} is not a port: give a number from 1 to 65535, for example make run PORT=8080.",
        )
    return text


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


def main() -> None:
    """Run until Ctrl-C."""
    end_with_parent(os.getppid())
    if os.environ.get("FRESH", "0") not in {"", "0"}:
        begin_anew(ROOT / "var")
    run = Run(os.environ)
    for number in SIGNALS:
        signal.signal(number, run.stop)
    run.prepare()
    service = run.start()
    run.wait_until_ready(service)
    if run.lan:
        run.hand_out_authority()
    status = service.wait()
    for process in run.started[1:]:
        process.terminate()
        process.wait()
    if status:
        refuse(
            f"服务以状态 {status} 退出，原因见 {run.log}。",
            f"The service ended with status {status}: {run.log} says why.",
        )


if __name__ == "__main__":
    main()
