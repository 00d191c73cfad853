"""`kaowu reset-totp`: take away the second factor of somebody who lost telephone and recovery codes."""

from typing import Annotated

import typer

from exam_api.cli.accounts import act_of, end_logins, the_account
from exam_api.cli.wired import run_on_parts
from exam_api.wiring import Wired


def run(login_name: Annotated[str, typer.Argument(help="登录名 Login name.")]) -> None:
    """重置两步验证 Take the second factor away; every log-in of the account ends."""

    async def act(wired: Wired) -> None:
        staff = await the_account(login_name, wired)
        await wired.parts.accounts.factors.remove(staff.id, act=act_of(wired))
        await end_logins(staff.id, wired)

    run_on_parts(act)
    typer.echo(f"{login_name.strip().lower()}: 下次登录只需密码 the next log-in takes the password alone.")
