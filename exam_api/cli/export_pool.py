"""`kaowu export-pool`: a whole pool as a file, keys included."""

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from exam_api.cli.given import refuse
from exam_api.cli.staff import staff_login
from exam_api.cli.wired import run_on_parts
from exam_api.http.guards import WRITERS
from exam_api.usecases.errors import NoSuchPool
from exam_api.usecases.export_pool import ExportAsk, Exported, Format, export_pool
from exam_api.wiring import Wired
from question_pools.errors import CannotExport


def run(
    pool: Annotated[UUID, typer.Argument(help="题库 The pool, by its id.")],
    file: Annotated[Path, typer.Argument(help="写到哪里 Where to: a name that ends in .xlsx or .json.")],
    *,
    staff: Annotated[
        str, typer.Option("--as", help="经手人账号 Login name of the member of staff who does this.")
    ],
) -> None:
    """导出题库 Hand a pool out as a workbook or as JSON; it is in the audit who took it."""
    kind = next((one for one in Format if file.suffix.casefold() == f".{one}"), None)
    if kind is None:
        refuse(f"{file.name} 应以 .xlsx 或 .json 结尾。\n{file.name} should end in .xlsx or .json.")

    async def export(wired: Wired) -> Exported:
        login = await staff_login(staff, wired)
        if login.role not in WRITERS:
            refuse(f"账号 {staff} 无权导出题库。\nThe account {staff} may not export pools.")
        return await export_pool(ExportAsk(login=login, pool_id=pool, kind=kind), wired.parts.console)

    try:
        done = run_on_parts(export)
    except NoSuchPool:
        refuse("没有这个题库，或此账号无权使用。\nThere is no such pool, or this account does not reach it.")
    except CannotExport as refused:
        refuse(f"这种文件装不下此题库，可改用 .json。\n{refused}. A .json holds everything.")
    _write(file, done.data)
    typer.echo(
        f"已导出 written: {file} 第 {done.number} 版 version {done.number} {done.items} 题 items"
        f"（含答案，请妥善保管 keys included）"
    )


def _write(file: Path, data: bytes) -> None:
    """For its owner only: the keys are in it."""
    try:
        with open(file, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as held:
            held.write(data)
    except OSError as failed:
        refuse(f"{file} 无法写入。\n{file} cannot be written: {failed.strerror}.")
