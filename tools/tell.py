"""The table that `make run` ends with: addresses, log-ins, how to stop."""

import os
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from exam_api.serving.tied import end_with_parent

ASK_EVERY_S: Final = 0.03

TRUST: Final = """\
[b]同一网络内的手机首次使用 On a phone in the same network, once[/b]: 打开 open [b]{url}[/b]
  Android  设置 → 安全 → 更多安全设置 → 从存储设备安装 → CA 证书
           (Settings → Security → Install a certificate → CA)
  iPhone   设置 → 已下载描述文件 → 安装; 通用 → 关于本机 → 证书信任设置 → 打开
           (Settings → Profile Downloaded → Install; General → About → Certificate Trust Settings → on)
  不装证书时浏览器会警告，且离线保存、拍照和加密不可用。
  Without it the browser warns, and service worker, camera and WebCrypto stay off.
"""


class DemoLogin(msgspec.Struct):
    """One way into the demo, as `kaowu demo` writes it."""

    place: str
    who: str
    how: str


def main() -> None:
    """Wait until the service with this process id is ready, then print."""
    parent, service, folder, base, trust_url = sys.argv[1:]
    data_dir = Path(folder)
    ready = data_dir / "service.ready"
    if not end_with_parent(int(parent)):
        return
    while not (ready.exists() and ready.read_text(encoding="ascii").strip() == service):
        time.sleep(ASK_EVERY_S)
    console = Console(highlight=False)
    if trust_url:
        console.print(TRUST.format(url=trust_url))
    console.print(_table(base, data_dir))


def _table(base: str, data_dir: Path) -> Table:
    table = Table(title="考务 Kaowu", title_justify="left", show_header=False, title_style="bold")
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
    table.add_row("数据 data", f"{os.path.relpath(data_dir)}  [dim](FRESH=1 重新开始 begins anew)[/dim]")
    return table


if __name__ == "__main__":
    main()
