"""Logging staff in with name and password."""

import msgspec

from exam_api.people import Login
from exam_api.usecases.log_in import Opened, failed, not_over
from exam_api.usecases.login_parts import STAFF_LIFE_MS, LoginParts


class StaffLoginAsk(msgspec.Struct, frozen=True, kw_only=True):
    login_name: str
    password: str
    address: str


async def log_in_staff(ask: StaffLoginAsk, parts: LoginParts) -> Opened:
    """Log a member of staff in; an unknown name takes as long as a wrong password.

    Failures are counted for name and address together: nobody can shut an officer out from elsewhere.

    Raises LoginRefused, TooManyFailures, RecordAway, LiveAway.
    """
    name = ask.login_name.strip().lower()
    key = parts.keys.mark("staff-tries", f"{name}\n{ask.address}")
    await not_over(key, parts)
    account = await parts.people.staff(name)
    right = await parts.password_fits(account.password_hash if account else None, ask.password)
    if account is None or not right:
        raise await failed(key, ask.address, parts)
    now_ms = parts.clock.now_ms()
    login = Login(
        id=parts.new_id(),
        role=account.role,
        subject_id=account.id,
        institution_id=account.institution_id,
        institution=account.institution,
        employer_id=account.employer_id,
        name=account.name,
        since_ms=now_ms,
        until_ms=now_ms + STAFF_LIFE_MS,
    )
    token = parts.new_token()
    await parts.logins.open(login, token_hash=parts.keys.token_hash(token), life_ms=STAFF_LIFE_MS)
    return Opened(login=login, token=token, life_ms=STAFF_LIFE_MS)
