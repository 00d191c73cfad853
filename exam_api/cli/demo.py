"""`kaowu demo`: load the demo's world and print the ways in."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from exam_api.cli.given import environ, refuse, settings
from exam_api.demo.load import DemoLogin, DemoParts, load_demo
from exam_api.errors import AwayError
from exam_api.serving.embedded_redis import redis_while
from exam_api.settings import Settings
from exam_api.wiring import open_parts

LOGINS_FILE: Final = "demo.json"
"""In the data folder: the ways in, for `make run`'s table."""


def run(
    *, json: Annotated[bool, typer.Option("--json", help="Print the ways in for a program.")] = False
) -> None:
    """装入演示数据 Load what is missing of the demo's world; changes nothing while its sessions are open."""
    found = settings()
    if not found.demo:
        refuse(
            "演示数据只能装入演示环境：请设置 KAOWU_DEMO=true。\n"
            "Demo data goes into a demo only: set KAOWU_DEMO=true."
        )
    try:
        logins = asyncio.run(_load(found))
    except AwayError as away:
        refuse(f"数据库或 Redis 没有应答，请运行 `kaowu doctor`。\n{away}: `kaowu doctor` says more.")
    (found.data_dir / LOGINS_FILE).write_bytes(msgspec.json.encode(logins))
    if json:
        typer.echo(msgspec.json.encode(logins).decode())
    else:
        Console(highlight=False).print(_table(logins))


async def _load(found: Settings) -> Sequence[DemoLogin]:
    async with redis_while(found, environ()), open_parts(found) as wired:

        async def hashed(password: str) -> str:
            return await asyncio.to_thread(wired.passwords.hash, password)

        console = wired.parts.console
        return await load_demo(
            DemoParts(
                pools=console.pools,
                blueprints=console.blueprints,
                sittings=console.sittings,
                house=wired.accounts,
                exam=wired.exam,
                item_salt=console.item_salt,
                hash_password=hashed,
            )
        )


def _table(logins: Sequence[DemoLogin]) -> Table:
    table = Table(show_header=False, box=None)
    for login in logins:
        table.add_row(login.place, login.who, login.how)
    return table
