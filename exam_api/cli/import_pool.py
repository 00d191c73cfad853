"""`kaowu import-pool`: look into a question bank, or take it into a pool."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
from rich.console import Console

from exam_api.cli.bank_report import tell
from exam_api.cli.given import refuse
from exam_api.cli.staff import staff_login
from exam_api.cli.wired import run_on_parts
from exam_api.usecases.errors import NoSuchPool
from exam_api.usecases.pools import ImportAsk, Imported, import_pool
from exam_api.wiring import Wired
from question_pools.errors import NoHeader, OldWordFile, PoolsError, RowsRejected, TooLarge
from question_pools.exchange.bank import Import, read_bank
from question_pools.exchange.mapping import FIELDS, ByHand
from question_pools.exchange.sheets import MAX_FILE_BYTES


def run(  # noqa: PLR0913 - the options of one command
    file: Annotated[Path, typer.Argument(help="题库 The bank: .xlsx, .xls, .csv, .docx or JSON.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看报告，不需要数据库 Only report; needs no database.")
    ] = False,
    valid_rows_only: Annotated[
        bool, typer.Option("--valid-rows-only", help="只收正确的行 Take the sound rows and leave the others.")
    ] = False,
    staff: Annotated[
        str, typer.Option("--as", help="经手人账号 Login name of the member of staff who does this.")
    ] = "",
    pool: Annotated[
        UUID | None, typer.Option(help="并入已有题库 The pool to add to; without it a new one.")
    ] = None,
    title: Annotated[
        str, typer.Option(help="新题库名称 Title of a new pool; without it the file's name.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(help="表头不认识时指定列，如 B=stem（可多次）Name a column by hand: B=stem, E=key …"),
    ] = None,
    header_row: Annotated[
        int | None, typer.Option(min=1, help="标题所在行 Row of the titles, for --column; none: no titles.")
    ] = None,
    sheet: Annotated[str, typer.Option(help="只读这张工作表 The one sheet that --column is for.")] = "",
    json: Annotated[bool, typer.Option("--json", help="供程序读取 Print the report for a program.")] = False,
) -> None:
    """导入题库 Take a bank into a pool: all rows or none, every rejected row with its place."""
    if not dry_run and not staff:
        refuse(
            "入库需要经手人：请加 --as 账号；只看报告请加 --dry-run。\n"
            "Storing needs the member of staff who does it: add --as NAME, or --dry-run for a report only."
        )
    by_hand = _by_hand(column or [], header_row, sheet)
    data = _data(file)
    taken = _read(data, file, by_hand)
    if json:
        typer.echo(msgspec.json.encode(taken.report).decode())
    else:
        tell(taken.report, Console(highlight=False))
    if dry_run:
        return

    async def store(wired: Wired) -> Imported:
        ask = ImportAsk(
            login=await staff_login(staff, wired),
            data=data,
            filename=file.name,
            title=title,
            pool_id=pool,
            valid_rows_only=valid_rows_only,
            store=True,
            by_hand=by_hand,
        )
        return await import_pool(ask, wired.parts.console)

    _tell_stored(_stored(store), quiet=json)


def _stored(store: Any) -> Imported:  # noqa: ANN401 - an act for run_on_parts
    try:
        done: Imported = run_on_parts(store)
    except RowsRejected as refused:
        refuse(
            f"有 {refused.rejected} 行不合格，未入库：请改正，或加 --valid-rows-only。\n"
            f"Nothing was stored, {refused.rejected} row(s) are rejected: "
            "mend them, or add --valid-rows-only."
        )
    except NoSuchPool:
        refuse("没有这个题库，或此账号无权使用。\nThere is no such pool, or this account does not reach it.")
    except PoolsError as refused:
        refuse(f"题库不合格。\n{refused}.")
    return done


def _tell_stored(done: Imported, *, quiet: bool) -> None:
    if quiet or done.stored is None:
        return
    typer.echo(
        f"已入库 stored: {done.stored.pool_id} 第 {done.stored.number} 版 version {done.stored.number}  "
        f"+{len(done.diff.added)} ~{len(done.diff.changed)} ={len(done.diff.unchanged)}"
    )


def _data(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:  # told from its size alone: it need not be read
            too_large = TooLarge(file.name, what="bytes", size=size, limit=MAX_FILE_BYTES)
            refuse(f"{file.name} 超过 {MAX_FILE_BYTES // 2**20} MB。\n{too_large}.")
        return file.read_bytes()
    except OSError as failed:
        refuse(f"{file} 无法读取。\n{file} cannot be read: {failed.strerror}.")


def _by_hand(columns: Sequence[str], header_row: int | None, sheet: str) -> ByHand | None:
    if not columns:
        return None
    pairs = [column.rpartition("=") for column in columns]
    if any(not title or not field for title, _, field in pairs):
        refuse(
            f"--column 要写成 列=内容，内容可以是 {' '.join(FIELDS)}。\n"
            "--column is written COLUMN=FIELD, the column by its letter or title."
        )
    return ByHand({title: field for title, _, field in pairs}, header_row, sheet or None)


def _read(data: bytes, file: Path, by_hand: ByHand | None) -> Import:
    try:
        return read_bank(data, file.name, by_hand=by_hand)
    except OldWordFile:
        refuse(
            f"{file.name} 是旧版 Word 文件（.doc）：请在 Word 或 WPS 中另存为 .docx 再导入。\n"
            f"{file.name} is an old Word document (.doc): save it as .docx and import that file."
        )
    except NoHeader as refused:
        refuse(
            f"{file.name} 未找到表头。可用 --column 指定列，例如 --column B=stem --column E=key：\n"
            f"{_seen(refused)}\n{refused}: name the columns with --column."
        )
    except PoolsError as refused:
        refuse(f"{file.name} 无法作为题库读取。\n{refused}.")


def _seen(refused: NoHeader) -> str:
    """The first rows that say something, so that columns can be named."""
    return "\n".join(
        f"  {glance.sheet} {row.number}: "
        + " | ".join(f"{name} {cell}" for name, cell in zip(glance.columns, row.cells, strict=False) if cell)
        for glance in refused.glances
        for row in glance.rows[:3]
    )
