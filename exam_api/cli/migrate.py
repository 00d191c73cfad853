"""`kaowu migrate`: bring the database to the newest schema."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy.engine import make_url

from exam_api.cli.given import refuse, settings
from exam_api.errors import RecordAway
from exam_api.store.migrate import head, upgrade


class Migrated(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    database: str
    head: str


def run(
    *, json: Annotated[bool, typer.Option("--json", help="Print the result for a program.")] = False
) -> None:
    """升级数据库结构 Bring the database to the newest schema; nothing happens where it is there already."""
    found = settings()
    url = make_url(found.database_url)
    if found.database_is_sqlite and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    told = url.render_as_string(hide_password=True)
    try:
        upgrade(found.database_url)
    except RecordAway:
        refuse(
            f"数据库 {told} 连接不上：请检查 KAOWU_DATABASE_URL，并确认数据库正在运行。\n"
            f"The database {told} cannot be reached: check KAOWU_DATABASE_URL and that it runs."
        )
    done = Migrated(told, head())
    typer.echo(msgspec.json.encode(done).decode() if json else f"{done.database} is at {done.head}.")
