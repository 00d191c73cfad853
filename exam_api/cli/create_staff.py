"""`kaowu create-staff`: make an account without the console, the first officer's or operator's above all."""

from typing import Annotated
from uuid import UUID

import typer

from exam_api.account_ports import NewAccount
from exam_api.accounts.errors import AccountNotSound
from exam_api.accounts.policy import check_tenant
from exam_api.cli.accounts import NAME, act_of, role_of
from exam_api.cli.given import refuse
from exam_api.cli.wired import run_on_parts
from exam_api.wiring import Wired


def run(
    login_name: Annotated[str, typer.Argument(help="登录名 Login name: letters, digits, dots, dashes.")],
    *,
    name: Annotated[str, typer.Option(help="姓名 The person's name.")],
    role: Annotated[str, typer.Option(help="角色 Role: officer, operator, auditor, institution-admin, …")],
    institution: Annotated[
        UUID | None, typer.Option(help="机构编号 Institution, for its own staff only.")
    ] = None,
) -> None:
    """建立账号 Make an account and print a password that its owner must change at the first log-in."""
    login, kind = login_name.strip().lower(), role_of(role)
    if NAME.fullmatch(login) is None:
        refuse(
            "登录名须为 3–40 个字母、数字、点或横线。\n"
            "A login name has 3 to 40 letters, digits, dots or dashes."
        )
    try:
        check_tenant(kind, of_institution=institution is not None, of_employer=False)
    except AccountNotSound as refused:
        refuse(f"角色与机构不相符（{refused.reason}）。\n{refused}.")

    async def act(wired: Wired) -> str:
        parts = wired.parts.accounts
        if institution is not None and await parts.accounts.institution(institution) is None:
            refuse(f"没有机构 {institution}。\nThere is no institution {institution}.")
        password = parts.new_password()
        account = NewAccount(
            id=parts.login.new_id(),
            login_name=login,
            name=name.strip(),
            role=kind,
            institution_id=institution,
            employer_id=None,
            password_hash=await parts.hash_password(password),
        )
        if not await parts.accounts.create(account, None, act=act_of(wired)):
            refuse(f"登录名 {login} 已被使用。\nThe login name {login} is taken.")
        return password

    typer.echo(f"{login}  {run_on_parts(act)}")
