"""`kaowu doctor`: check the surroundings."""

import sys
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from exam_api.cli.given import FAILED, now_ms, settings
from exam_api.serving.doctor import Finding, Level, examine, worst

COLOURS: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def run(
    *, json: Annotated[bool, typer.Option("--json", help="Print the findings for a program.")] = False
) -> None:
    """检查运行环境 Check the surroundings, each finding with what to do; status 1 when one fails."""
    findings = examine(settings(), now_ms=now_ms)
    if json:
        typer.echo(msgspec.json.encode(findings).decode())
    else:
        Console(highlight=False).print(_table(findings))
    if worst(findings) is Level.FAIL:
        sys.exit(FAILED)


def _table(findings: list[Finding]) -> Table:
    """Chinese first; the advice stands below what is so."""
    table = Table(show_header=False, box=None)
    for finding in findings:
        level = f"[{COLOURS[finding.level]}]{finding.level.value:4}[/]"
        said = [finding.told, finding.advice] if finding.advice else [finding.told]
        lines = [f"{'→ ' if number else ''}{one.zh}  [dim]{one.en}[/]" for number, one in enumerate(said)]
        table.add_row(level, finding.check, "\n".join(lines))
    return table
