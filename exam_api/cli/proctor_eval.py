"""`kaowu proctor-eval DIR`: measures what looks at pictures, and writes the detector cards."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from exam_api.cli.given import FAILED, models_folder, now_ms, refuse
from exam_api.cli.progress import Bar
from proctoring.card_page import page_of
from proctoring.cards import Card, Error, per_cent, told, told_error
from proctoring.detect.errors import ModelRefused
from proctoring.evaluate.errors import SetRefused
from proctoring.evaluate.measured import measured, pipelines

SHANGHAI: Final = timezone(timedelta(hours=8))
PAGE: Final = Path(__file__).parents[2] / "docs" / "proctoring.md"


def run(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder with manifest.csv, and pairs.csv for comparing faces."),
    ],
    *,
    models: Annotated[
        Path | None, typer.Option(help="Folder of model files; without it those that are installed.")
    ] = None,
    cards: Annotated[
        Path | None, typer.Option(help="File for the detector cards; without it docs/proctoring.md.")
    ] = None,
    every: Annotated[
        int, typer.Option(min=1, help="Take every so-many-th picture: a quick look, writes no cards.")
    ] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the figures for a program.")] = False,
) -> None:
    """评测画面分析 Measure every pipeline there is. Status 1 when one misses what it has to reach."""
    try:
        found = pipelines(models or models_folder())
        if not found:
            refuse(
                "没有可评测的人脸检测：画面仅供人工查看。\n"
                "There is no detector of faces to measure: pictures are for people to look at."
            )
        date = datetime.fromtimestamp(now_ms() / 1000, UTC).astimezone(SHANGHAI).date().isoformat()
        with Bar() as bar:

            def tell(what: str, steps: int) -> None:
                if what:
                    bar.begin(what, steps)
                else:
                    bar.advance(steps)

            done = [
                measured(name, opened, folder, date=date, every=every, told=tell) for name, opened in found
            ]
    except (SetRefused, ModelRefused) as refused:
        refuse(str(refused))
    _tell(done, json=json)
    if every == 1:
        _write(page_of(done), cards or PAGE)
    if not all(row.reached for card in done for row in (*card.rows, *_errors(card))):
        sys.exit(FAILED)


def _tell(cards: Sequence[Card], *, json: bool) -> None:
    if json:
        typer.echo(msgspec.json.encode(cards).decode())
        return
    console = Console(width=None if sys.stdout.isatty() else 140)
    for card in cards:
        table = Table(
            "对的是 what is right",
            "条件 condition",
            "n",
            "% (95 %)",
            "要求 bar",
            "",
            box=None,
            title=f"{card.pipeline} · {card.set_name} · {card.date}",
        )
        for row in card.rows:
            bar = "" if row.bar is None else f"≥ {per_cent(row.bar)}"
            table.add_row(
                row.what, row.condition, str(row.n), told(row), bar, _word(row.reached) if bar else ""
            )
        for error in _errors(card):
            n = f"{error.same} + {error.different}"
            bar = f"≤ {per_cent(error.bar)}"
            table.add_row("equal error rate", "clean", n, told_error(error), bar, _word(error.reached))
        console.print(table, markup=False)


def _errors(card: Card) -> Sequence[Error]:
    return () if card.error is None else (card.error,)


def _word(reached: bool) -> str:  # noqa: FBT001 - the outcome itself
    return "达到 reached" if reached else "未达到 missed"


def _write(page: str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as failed:
        refuse(f"{path} 无法写入。\n{path} cannot be written: {failed.strerror}.")
    sys.stderr.write(f"→ {path}\n")
