"""`kaowu plan-capacity`: how many machines, cores and bytes an exam of N candidates needs."""

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from exam_api.capacity import LOG_KEPT_MINUTES, Bench, Capacity, NoFigures, Sizes, plan_capacity
from exam_api.cli.given import refuse

T = TypeVar("T")


def run(
    *,
    candidates: Annotated[int, typer.Option(min=1, max=1_000_000, help="考生数 Candidates at one time.")],
    bench: Annotated[Path, typer.Option(help="基准结果 What `make bench` wrote.")] = Path("build/bench.json"),
    load: Annotated[Path, typer.Option(help="压测结果 What `make load TIER=S` wrote.")] = Path(
        "build/load/S-asyncio/sizes.json"
    ),
    log_kept_minutes: Annotated[
        int, typer.Option(min=1, max=10_080, help="日志保留分钟数 KAOWU_LOG_KEPT_MINUTES as it is set.")
    ] = LOG_KEPT_MINUTES,
    json: Annotated[bool, typer.Option("--json", help="Print the plan for a program.")] = False,
) -> None:
    """按实测数据推算容量 Plan machines, cores, memory, storage and uplink from what was measured here."""
    try:
        plan = plan_capacity(
            candidates,
            _read(bench, Bench, "make bench"),
            _read(load, Sizes, "make load"),
            log_kept_minutes=log_kept_minutes,
        )
    except NoFigures as lacking:
        refuse(f"{bench} 中没有 {lacking.endpoint} 的有效数据。\n{bench}: {lacking}.")
    if json:
        typer.echo(msgspec.json.encode(plan).decode())
    else:
        Console(highlight=False).print(_table(plan))


def _read(path: Path, kind: type[T], command: str) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        refuse(f"没有 {path}：请先运行 `{command}`。\nThere is no {path}: run `{command}` first.")
    except (OSError, msgspec.MsgspecError) as wrong:
        refuse(f"{path} 无法读取。\n{path}: {wrong}.")


def lines(plan: Capacity) -> list[tuple[str, str]]:
    """The plan in words and figures, Chinese first."""
    return [
        ("考生 candidates", f"{plan.candidates:,}"),
        ("API 核数 cores that answer", f"{plan.api_cores}"),
        ("API 机器（8 核，含一台备用） machines of 8 cores, one to spare", f"{plan.api_machines}"),
        ("Redis 主节点 Redis masters (a replica each besides)", f"{plan.redis_masters}"),
        ("数据库核数 database cores", f"{plan.database_cores}"),
        ("worker 核数 worker cores", f"{plan.worker_cores}"),
        ("Redis 内存 Redis memory, all masters", f"{plan.redis_mb:,.0f} MB"),
        (
            f"其中 {plan.log_kept_minutes} 分钟的日志 of it the log of {plan.log_kept_minutes} minutes",
            f"{plan.log_mb:,.0f} MB" if plan.log_mb else "–",
        ),
        ("每场数据库增长 database growth by one exam", f"{plan.database_mb:,.0f} MB"),
        ("每场抓拍图片（手机） pictures of one phone exam", f"{plan.pictures_gb:,.1f} GB"),
        ("同时打开的连接 open connections", f"{plan.open_connections:,}"),
        ("下行峰值 most to the candidates", f"{plan.down_mbit:,.0f} Mbit/s"),
        ("上行（抓拍） from the candidates, pictures", f"{plan.up_mbit:,.0f} Mbit/s"),
    ]


def _table(plan: Capacity) -> Table:
    table = Table(show_header=False, box=None)
    for told, figure in lines(plan):
        table.add_row(told, figure)
    if not plan.snapshots_costed:
        table.add_row("基准尚无抓拍的 CPU 数据 CPU of pictures is in no figure: the bench has none", "")
    return table
