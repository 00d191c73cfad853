"""`kaowu rotate-keys`: sealing identity numbers, phones and secrets anew after the master secret changed."""

from collections import Counter

import typer

from exam_api.cli.given import settings
from exam_api.cli.wired import run_on_parts
from exam_api.console_ports import Act
from exam_api.wiring import Wired
from exam_api.wiring.persons import rotation


def run() -> None:
    """更换密钥 Seal everything anew under KAOWU_SECRET; KAOWU_PREVIOUS_SECRETS must hold the former one.

    May be stopped at any time and begun again: what is done stays done, and both keys are known meanwhile.
    """
    former = len(settings().previous_secrets)

    async def act(wired: Wired) -> tuple[Counter[str], int]:
        anew: Counter[str] = Counter()
        work = rotation(wired.ground)
        done = Act(actor="operator:rotate-keys", at_ms=wired.exam.clock.now_ms())
        async for batch in work.run(act=done):
            anew[batch.column] += batch.rows
        return anew, await work.waiting()

    anew, left = run_on_parts(act)
    for column, rows in sorted(anew.items()):
        typer.echo(f"{column:28} {rows}")
    if left:
        typer.echo(f"还有 {left} 项未更换，请再运行一次。\n{left} values are left: run it once more.")
    elif former:
        typer.echo(
            "全部更换完毕：所有进程以新设置重启后，可以删除 KAOWU_PREVIOUS_SECRETS。\n"
            "Done: once every process runs with the new settings KAOWU_PREVIOUS_SECRETS can be removed."
        )
    else:
        typer.echo("没有需要更换的内容。\nNothing was to be sealed anew.")
