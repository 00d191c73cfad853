"""`kaowu migrate`: bring the database to the newest schema."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from exam_api.cli.given import settings

SCRIPTS: Final = Path(__file__).parent.parent.parent / "migrations"
"""The migrations, beside the packages."""


class Migrated(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    database: str
    head: str


def run(
    *, json: Annotated[bool, typer.Option("--json", help="Print the result for a program.")] = False
) -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    found = settings()
    url = make_url(found.database_url)
    if found.database_is_sqlite and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    config = alembic_config(found.database_url)
    command.upgrade(config, "head")
    done = Migrated(
        url.render_as_string(hide_password=True), ScriptDirectory.from_config(config).get_current_head() or ""
    )
    typer.echo(msgspec.json.encode(done).decode() if json else f"{done.database} is at {done.head}.")


def alembic_config(database_url: str) -> Config:
    """Alembic's settings, without a file: the scripts' folder and the database's address."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config
