"""`kaowu reset-password`: let somebody in again whom no administrator can help."""

from typing import Annotated

import typer

from exam_api.cli.accounts import act_of, end_logins, the_account
from exam_api.cli.wired import run_on_parts
from exam_api.wiring import Wired


def run(login_name: Annotated[str, typer.Argument(help="登录名 Login name.")]) -> None:
    """重置密码 Print a new password that must be changed; every log-in of the account ends."""

    async def act(wired: Wired) -> str:
        staff = await the_account(login_name, wired)
        parts = wired.parts.accounts
        password = parts.new_password()
        hashed = await parts.hash_password(password)
        await parts.accounts.set_password(staff.id, hashed, must_change=True, act=act_of(wired))
        await end_logins(staff.id, wired)
        return password

    typer.echo(f"{login_name.strip().lower()}  {run_on_parts(act)}")
