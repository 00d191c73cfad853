"""`kaowu replay-log`: what the log in Redis still holds into the record once more."""

import typer

from exam_api.cli.wired import run_on_parts
from exam_api.usecases.replay_log import Replayed, replay_log
from exam_api.wiring import Wired


def run() -> None:
    """补写作答 After a restore: write again what Redis still holds of running exams; safe to repeat."""

    async def act(wired: Wired) -> Replayed:
        return await replay_log(wired.log, wired.exam.record, wired.exam.results)

    done = run_on_parts(act)
    typer.echo(f"已补写 written again: {done.entries} 条 entries, {done.results} 份成绩 results")
