"""The member of staff on whose behalf a command acts."""

from exam_api.cli.given import refuse
from exam_api.people import Login
from exam_api.wiring import Wired


async def staff_login(name: str, wired: Wired) -> Login:
    """A log-in of this account that is over as soon as it begins; refused where there is none."""
    account = await wired.parts.login.people.staff(name.strip().lower())
    if account is None:
        refuse(f"没有账号 {name}。\nThere is no account {name}.")
    now_ms = wired.exam.clock.now_ms()
    return Login(
        id=wired.exam.new_id(),
        role=account.role,
        subject_id=account.id,
        institution_id=account.institution_id,
        institution=account.institution,
        name=account.name,
        since_ms=now_ms,
        until_ms=now_ms,
    )
