"""What the operator's commands on accounts share: who acts, finding an account, ending its log-ins."""

import getpass
import re
from typing import Final
from uuid import UUID

from exam_api.cli.given import refuse
from exam_api.console_ports import Act
from exam_api.errors import LiveAway
from exam_api.people import Role, StaffAccount
from exam_api.wiring import Wired

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
"""A login name, small letters."""


def act_of(wired: Wired) -> Act:
    """Who does it: the user of this machine, for the audit."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container without users
        user = "unknown"
    return Act(actor=f"operator:{user}"[:64], at_ms=wired.exam.clock.now_ms())


def role_of(text: str) -> Role:
    """A role that staff may have."""
    roles = [role for role in Role if role not in {Role.CANDIDATE, Role.CE_PLATFORM, Role.EMPLOYER_CLERK}]
    found = next((role for role in roles if role.value == text), None)
    if found is None:
        names = ", ".join(role.value for role in roles)
        refuse(f"角色只能是：{names}。\nThe role must be one of: {names}.")
    return found


async def the_account(login_name: str, wired: Wired) -> StaffAccount:
    """The open account of that login name."""
    staff = await wired.parts.login.people.staff(login_name.strip().lower())
    if staff is None:
        refuse(f"没有启用中的账号 {login_name}。\nThere is no open account {login_name}.")
    return staff


async def end_logins(account_id: UUID, wired: Wired) -> None:
    """End every log-in of an account, or say that they could not be ended."""
    try:
        await wired.parts.login.logins.end_of(account_id)
    except LiveAway:
        refuse(
            "已修改，但 Redis 没有应答，已有的登录未能结束：请稍后再运行一次。\n"
            "It is changed, but Redis does not answer and open log-ins could not be ended: run it once more."
        )
