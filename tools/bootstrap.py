"""From a bare clone to a ready environment, with the standard library only."""

import argparse
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tools.refuse import refuse
from tools.stamps import hash_of, is_done, mark_done
from tools.system import check_node, install, may_install, missing_for_tests

ROOT: Final = Path(__file__).parent.parent
VENV: Final = ROOT / ".venv"
PYTHON: Final = VENV / "bin" / "python"
WEB: Final = ROOT / "web"

FREE_LEAST_MB: Final = 200
"""Free space that any start needs."""

FREE_FIRST_MB: Final = 1900
"""Free space for the first start: the environment takes 783 MB, the packages of the web build 266 MB, and
their downloads are held beside them while they are unpacked."""

NO_SPACE: Final = "No space left on device"

NOT_SOURCES: Final = frozenset({"node_modules", "dist"})


def check_space() -> None:
    """Refuse when the disk is too full for what is to come."""
    needed = FREE_LEAST_MB if PYTHON.exists() else FREE_FIRST_MB
    free = shutil.disk_usage(ROOT).free // (1024 * 1024)
    if free < needed:
        refuse(
            f"{ROOT} 所在磁盘只剩 {free} MB，至少需要 {needed} MB：请清理空间后重试。",
            f"Only {free} MB are free on the disk of {ROOT} and {needed} MB are needed: "
            "free some space and try again.",
        )


def run_step(words: Sequence[str | Path], *, what: str, cwd: Path = ROOT) -> None:
    """Run one step quietly; a failure shows the end of what it said and what it means."""
    print(f"{what} …", flush=True)
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    told = (done.stdout + done.stderr).strip()
    if NO_SPACE in told:
        refuse(
            f"{what}：磁盘已满，请清理空间后重试。",
            f"{what} failed because the disk of {ROOT} is full: free some space and try again.",
        )
    sys.stderr.write(f"{told[-2500:]}\n\n")
    refuse(
        f"{what}：失败，原因见上文；若是断网，重试即可。",
        f"{what} failed, see above; when the network was away, just try again.",
    )


def make_environment() -> None:
    """Make .venv when it is missing or its Python has gone."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0:
        return
    if find_spec("ensurepip") is None:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not may_install():
            refuse(
                f"此 Python 不能创建环境：请运行 `sudo apt-get install {name}` 后重试。",
                f"This Python cannot make environments: run `sudo apt-get install {name}` and try again.",
            )
        install([name], what_for="make")
    print(f"创建环境 Making the environment with Python {sys.version.split()[0]} …", flush=True)
    venv.EnvBuilder(with_pip=True, clear=VENV.exists(), symlinks=True).create(VENV)


def install_python_packages(*, dev: bool) -> None:
    """Install what the lock names, with its hashes; a stamp lets the next start skip this."""
    runtime, tests = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
    stamps = {runtime: VENV / "installed.stamp", tests: VENV / "installed-dev.stamp"}
    wanted = {lock: hash_of([Path(lock.name)], str(ROOT)) for lock in stamps}
    if is_done(stamps[tests], wanted[tests]) or (not dev and is_done(stamps[runtime], wanted[runtime])):
        return
    lock = tests if dev else runtime
    install_locked(lock, what="安装 Python 依赖 Installing Python packages")
    put_commands()
    mark_done(stamps[lock], wanted[lock])


def install_load_packages() -> None:
    """Install Locust as locked, beside what is there."""
    lock, stamp = ROOT / "requirements-load.lock", VENV / "installed-load.stamp"
    wanted = hash_of([Path(lock.name)], str(ROOT))
    if not is_done(stamp, wanted):
        install_locked(lock, what="安装压测依赖 Installing the load test's packages")
        mark_done(stamp, wanted)


def install_locked(lock: Path, *, what: str) -> None:
    """Install what a lock names, with its hashes."""
    words: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run_step([*words, "--require-hashes", "-r", lock], what=what)


def put_commands() -> None:
    """Make our packages importable and `kaowu` a command of the environment, without a build step."""
    asked = [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    (Path(site) / "kaowu.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = VENV / "bin" / "kaowu"
    command.write_text(f"#!{PYTHON}\nfrom exam_api.cli import main\n\nmain()\n", encoding="utf-8")
    command.chmod(0o755)


def web_sources() -> list[Path]:
    """The files that the pages are built from."""
    found: list[Path] = []
    for folder, folders, files in os.walk("web"):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        found += [Path(folder) / name for name in files]
    return found


def install_web_packages() -> None:
    """Install the web build's packages as locked."""
    wanted = hash_of([Path("web/package-lock.json")])
    stamp = WEB / "node_modules" / "installed.stamp"
    if not is_done(stamp, wanted):
        check_node()
        run_step(
            ["npm", "ci", "--no-audit", "--no-fund"], what="安装网页依赖 Installing web packages", cwd=WEB
        )
        mark_done(stamp, wanted)


def build_web() -> None:
    """Build the pages when a source has changed."""
    wanted = hash_of(web_sources())
    stamp = WEB / "node_modules" / "built.stamp"
    if not is_done(stamp, wanted) or not (WEB / "dist").is_dir():
        check_node()
        run_step(["npm", "run", "build"], what="构建网页 Building the web pages", cwd=WEB)
        mark_done(stamp, wanted)


def main() -> None:
    """Do what `make` asks for."""
    asked = argparse.ArgumentParser(prog="tools.bootstrap", description=__doc__)
    asked.add_argument("--dev", action="store_true", help="also what checks and tests need")
    asked.add_argument("--load", action="store_true", help="also Locust, for the load test")
    asked.add_argument("--web", action="store_true", help="also the web pages")
    asked.add_argument(
        "--system", action="store_true", help="also the servers and the browser that tests use"
    )
    given = asked.parse_args()
    os.chdir(ROOT)
    check_space()
    if given.system and (missing := missing_for_tests()):
        install(missing, what_for="`make test`")
    make_environment()
    install_python_packages(dev=given.dev)
    if given.load:
        install_load_packages()
    if given.web:
        install_web_packages()
        build_web()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as failed:
        refuse(
            f"{failed.filename or ROOT}：出错，处理后请重试。",
            f"{failed.filename or ROOT}: {failed.strerror}. Put that right and try again.",
        )
