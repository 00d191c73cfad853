"""`kaowu backup`: everything on record into one file, while the service goes on."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from exam_api.cli.given import now_ms, refuse, settings
from exam_api.cli.progress import Bar
from exam_api.errors import RecordAway
from exam_api.store.backup.errors import BackupRefused, OtherRevision
from exam_api.wiring.backup import back_up_to, deletions_of


def run(
    file: Annotated[Path, typer.Argument(help="写到哪里 Where to; must not be there yet.")],
    *,
    only_deletions: Annotated[
        bool,
        typer.Option(
            "--only-deletions",
            help="只写删除记录 Only the log of deletions: keep the newest apart from the backups.",
        ),
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option(
            "--pictures",
            help="含现场照片 Camera pictures of candidates too: about 32 KB each, so not by default.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="供程序读取 Print the list for a program.")] = False,
) -> None:
    """备份 Write database and pictures into one file, as of one instant; nobody has to stop working.

    Numbers of persons stay sealed in it: without KAOWU_SECRET, which is not in it, they cannot be read.
    """
    found = settings()
    if file.exists():
        refuse(f"{file} 已存在，不会覆盖。\n{file} is there already and is not overwritten.")
    try:
        if only_deletions:
            log = asyncio.run(deletions_of(found))
            file.write_bytes(msgspec.json.encode(log, order="sorted"))
            typer.echo(f"{file}: {len(log.persons)} persons, {len(log.retention)} kinds")
            return
        with Bar() as bar:
            made = asyncio.run(back_up_to(file, found, at_ms=now_ms(), tell=bar, pictures=pictures))
    except OtherRevision as other:
        refuse(
            f"数据库结构为 {other.held or '空'}，本程序为 {other.wanted}：请先运行 `kaowu migrate`。\n"
            f"The database is at revision {other.held or 'none'}, this program at {other.wanted}: "
            "run `kaowu migrate` first."
        )
    except BackupRefused as refused:
        refuse(f"备份未完成。\n{refused}.")
    except RecordAway:
        refuse("数据库没有应答。\nThe database does not answer: `kaowu doctor` says more.")
    except OSError as failed:
        refuse(f"{file} 无法写入。\n{file} cannot be written: {failed.strerror}.")
    if json:
        typer.echo(msgspec.json.encode(made).decode())
        return
    typer.echo(
        f"已备份 written: {file} {file.stat().st_size / 1e6:.1f} MB, "
        f"{len(made.tables)} 表 tables, {made.rows} 行 rows, {len(made.files)} 文件 files"
    )
