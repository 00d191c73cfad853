"""Programs that come from the operating system: what is missing, and installing it where that is allowed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from exam_api.serving.fonts import has_chinese_font
from tools.refuse import refuse

NODE_LEAST: Final = (20, 19)
"""The web build's tools need this Node or a newer one."""


def check_node() -> None:
    """Refuse when Node or npm is missing or too old."""
    wanted = ".".join(str(part) for part in NODE_LEAST)
    how = f"install Node {wanted} or newer with npm (nodejs.org, or your distribution) and try again."
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        refuse(
            f"构建网页需要 Node {wanted} 以上（含 npm），未找到：请安装后重试。",
            f"The web pages are built with Node, which is not on PATH: {how}",
        )
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    parts = told.removeprefix("v").split(".")
    if not all(part.isdigit() for part in parts[:2]) or tuple(int(part) for part in parts[:2]) < NODE_LEAST:
        refuse(
            f"Node {told or '(未知)'} 版本过低，构建网页需要 {wanted} 以上：请升级后重试。",
            f"Node {told or '(unknown)'} is too old to build the web pages: {how}",
        )


def missing_for_tests() -> list[str]:
    """Debian packages that the tests need and that are not here."""
    missing: list[str] = []
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        missing.append("chromium")
    if not shutil.which("initdb") and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        missing.append("postgresql")
    if not any(map(shutil.which, ("redis-server", "valkey-server"))):
        missing.append("redis-server")
    if not has_chinese_font():
        missing.append("fonts-noto-cjk")
    return missing


def may_install() -> bool:
    """Whether this user may install system packages here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str], *, what_for: str) -> None:
    """Install system packages, or refuse with the sentence that says which are missing."""
    names = " ".join(packages)
    if not may_install():
        refuse(
            f"{what_for}：缺少系统软件包，请运行 `sudo apt-get install {names}` 后重试。",
            f"{what_for} needs system packages: run `sudo apt-get install {names}` and try again.",
        )
    print(f"安装系统软件包 Installing system packages: {names}", flush=True)
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stderr.write((done.stderr or done.stdout).strip()[-600:] + "\n")
            name = " ".join(words[:2])
            refuse(f"`{name}` 失败，原因见上文。", f"`{name}` failed, as told above.")
