"""`kaowu rehearse`: the day before, shadow candidates sit the planned session on this very deployment."""

import asyncio
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from exam_api.cli.given import refuse, settings
from exam_api.errors import AwayError
from exam_api.live.lane import Lane
from exam_api.rehearsal.plan import ARRIVE_S, HAND_IN_S, RehearsalRefused, Room
from exam_api.rehearsal.verdict import NAMES, Decision, Use
from exam_api.serving.crowd import CrowdFailed, LocalCrowd, Where
from exam_api.serving.uses import Sampler, available_mb, info
from exam_api.settings import Settings
from exam_api.usecases.rehearse import RehearseAsk, Rehearsed, clean, rehearse
from exam_api.wiring import open_parts
from exam_api.wiring.rehearsal import rehearse_parts

T = TypeVar("T")

STATUS: Final = {Decision.GO: 0, Decision.NO_GO: 3, Decision.UNDECIDED: 4}
"""Exit statuses; 1 and 2 are those of every command."""

BROKEN_OFF: Final = 130

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

FOLDER: Final = "rehearsal"
"""In the data folder, while a rehearsal goes on: what its programs tell each other."""


def run(  # noqa: PLR0913 - options of a command
    session: Annotated[UUID | None, typer.Argument(help="场次编号 Id of the planned session.")] = None,
    *,
    candidates: Annotated[
        int | None,
        typer.Option(min=1, help="影子人数，默认与报名人数相同 Shadows; default: as many as registered."),
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=0.05, max=30, help="平稳作答分钟数 Minutes of steady answering.")
    ] = 2,
    arrive: Annotated[
        float,
        typer.Option(min=1, max=1800, help="多少秒内全部登录并开考 Seconds in which all log in and start."),
    ] = ARRIVE_S,
    hand_in: Annotated[
        float,
        typer.Option(min=1, max=600, help="30 % 的人多少秒内交卷 Seconds in which 30 % hand in."),
    ] = HAND_IN_S,
    photos: Annotated[
        float,
        typer.Option(min=0, max=1, help="多大比例的人上传现场照片 Share who send camera pictures, 0 to 1."),
    ] = 0,
    uplink: Annotated[
        float | None,
        typer.Option(min=1, help="出口带宽 Mbit/s What can go out, in Mbit/s; counts in the verdict."),
    ] = None,
    clean_up: Annotated[
        bool,
        typer.Option("--clean", help="只清除残留的影子数据 Only take out what a rehearsal that died left."),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="以 JSON 输出 Print everything for a program.")
    ] = False,
) -> None:
    """考前彩排 Let shadow candidates sit a planned session; go or no-go, the bottleneck by name."""
    found = settings()
    if clean_up:
        removed = _until_told(lambda: _cleaned(found))
        typer.echo(f"已清除 {removed} 行影子数据。 {removed} rows of shadow data taken out.")
        return
    ask = RehearseAsk(
        session_id=_rehearsable(session, found),
        candidates=candidates,
        steady_s=minutes * 60,
        arrive_s=arrive,
        wave_s=hand_in,
        photo_share=photos,
    )
    done = _until_told(lambda: _rehearsed(ask, found, uplink, quiet=json))
    if json:
        typer.echo(msgspec.json.encode(done).decode())
    else:
        _show(done)
    sys.exit(STATUS[done.verdict.decision])


def _rehearsable(session: UUID | None, found: Settings) -> UUID:
    if session is None:
        refuse("请给出场次编号，或用 --clean。\nSay which session, or --clean.")
    if found.tls_cert is not None:
        refuse(
            "服务自身使用 TLS 时无法彩排：请在反向代理后运行（docs/production.md）。\n"
            "A service that speaks TLS itself cannot be rehearsed: use a proxy (docs/production.md)."
        )
    return session


def _until_told(act: Callable[[], Awaitable[T]]) -> T:
    """Do it; Ctrl-C and SIGTERM break it off in order, so that nothing stays. Further ones change nothing."""

    async def whole() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def broken_off() -> None:
            for number in SIGNALS:
                loop.add_signal_handler(number, _already)
            _already()
            if task is not None:
                task.cancel()

        for number in SIGNALS:
            loop.add_signal_handler(number, broken_off)
        return await act()

    try:
        return asyncio.run(whole())
    except RehearsalRefused as refused:
        refuse(f"{refused.zh}\n{refused.en}")
    except CrowdFailed as failed:
        refuse(str(failed))
    except AwayError as away:
        refuse(f"数据库或 Redis 没有应答，`kaowu doctor` 可查明原因。\n{away}: `kaowu doctor` says more.")
    except asyncio.CancelledError:
        sys.stderr.write("kaowu: 已中止，影子数据已清除。\nkaowu: broken off; the shadow data is gone.\n")
        sys.exit(BROKEN_OFF)


def _already() -> None:
    sys.stderr.write("kaowu: 正在清除影子数据，请稍候。\nkaowu: taking the shadow data out, please wait.\n")


async def _rehearsed(ask: RehearseAsk, found: Settings, uplink: float | None, *, quiet: bool) -> Rehearsed:
    async with open_parts(found) as wired:
        parts = rehearse_parts(wired.ground, wired.exam, wired.parts.snapshots.segments)
        sampler = Sampler(found, wired.lane, parts.measures, wired.database)
        where = Where(settings=found, folder=found.data_dir / FOLDER, uplink_mbit=uplink)
        crowd = LocalCrowd(wired, parts.live, where, sampler)
        room = await _room(found, wired.lane)
        try:
            return await rehearse(ask, parts, crowd, room=room, tell=_silent if quiet else _tell)
        finally:
            crowd.close()


async def _cleaned(found: Settings) -> int:
    async with open_parts(found) as wired:
        parts = rehearse_parts(wired.ground, wired.exam, wired.parts.snapshots.segments)
        removed = await clean(parts, _tell)
        unused = bool(removed) or not await parts.live.is_held()
    if unused:  # where the worker took the rows out, the folder lies there still
        await asyncio.to_thread(shutil.rmtree, found.data_dir / FOLDER, ignore_errors=True)
    return sum(one.total for one in removed)


async def _room(found: Settings, lane: Lane) -> Room:
    """What is free, as far as it can be seen from here."""
    memory = await info(lane, "memory")
    limit = int(memory.get("maxmemory", 0))
    free = limit - int(memory["used_memory"]) if limit else round(available_mb() * 2**20)
    pictures = (await asyncio.to_thread(shutil.disk_usage, found.data_dir)).free
    return Room(disk=await asyncio.to_thread(_disk, found), memory=free, pictures=pictures)


def _disk(found: Settings) -> int | None:
    """Free beside a database that is a file."""
    if not found.database_is_sqlite:
        return None
    return shutil.disk_usage(Path(make_url(found.database_url).database or ".").absolute().parent).free


def _tell(zh: str, en: str) -> None:
    sys.stderr.write(f"{zh} {en}\n")


def _silent(_zh: str, _en: str) -> None:
    """A program reads the end."""


def _show(done: Rehearsed) -> None:
    console = Console(highlight=False)
    table = Table(show_header=False, box=None)
    for use in done.seen.uses:
        table.add_row(" ".join(NAMES[use.part]), _used(use))
    table.add_row("本机 this machine", f"{done.seen.machine:.0%}")
    table.add_row("其中影子考生 of it the shadows", f"{done.seen.driver:.0%}")
    table.add_row("落库最多滞后 most the record was behind", f"{done.seen.lag_most_s:.1f} s")
    for name, p99_ms in done.seen.p99_ms.items():
        table.add_row(f"{name} p99", f"{p99_ms:,.0f} ms")
    console.print(table)
    for limit in done.seen.limits:
        if not limit.held:
            console.print(f"✗ {limit.zh} {limit.en}: {limit.measured} ({limit.limit})")
    for refusal in done.seen.refusals[:5]:
        console.print(f"  {refusal}", markup=False)
    rows = sum(done.removed.rows.values())
    console.print(f"已清除影子数据 shadow data removed: {rows:,} 行 rows, {done.removed.keys:,} 键 keys")
    console.print(done.verdict.zh, soft_wrap=True)
    console.print(done.verdict.en, soft_wrap=True)


def _used(use: Use) -> str:
    if use.unit == "cores":
        return f"{use.used:.2f} / {use.of:g} 核 cores ({use.share:.0%})"
    return f"{use.used:,.0f} / {use.of:,.0f} {use.unit} ({use.share:.0%})"
