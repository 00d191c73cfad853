"""`kaowu retention`: erasing what was kept for long enough, or counting it."""

from typing import Annotated

import msgspec
import typer

from exam_api.cli.given import refuse
from exam_api.cli.wired import run_on_parts
from exam_api.console_ports import Act
from exam_api.retention import SCHEDULE
from exam_api.store.retention import RetentionStore
from exam_api.usecases.retain import KindDue, retain
from exam_api.wiring import Wired


def run(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what is due; change nothing.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Erase what is due.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print figures for a program.")] = False,
) -> None:
    """到期数据清理 Erase personal data whose time is over, kind by kind; say --dry-run or --apply."""
    if dry_run == apply:
        refuse("请指明 --dry-run 或 --apply。\nSay --dry-run or --apply.")

    async def act(wired: Wired) -> list[KindDue]:
        done = Act(actor="operator:retention", at_ms=wired.exam.clock.now_ms())
        return list(await retain(SCHEDULE, RetentionStore(wired.database), act=done, apply=apply))

    found = run_on_parts(act)
    if json:
        typer.echo(msgspec.json.encode({one.clock.kind: one.rows for one in found}).decode())
        return
    typer.echo("已清理 erased" if apply else "将清理 due, nothing was changed")
    for one in found:
        typer.echo(f"{one.clock.kind:18} {one.rows:8}  {one.clock.days} d since {one.clock.event}")
