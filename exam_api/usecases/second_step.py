"""The second step of a log-in: a code of the second factor, or a recovery code."""

from typing import Final
from uuid import UUID

from exam_api.accounts.devices import network_of
from exam_api.accounts.errors import CodeWrong, NoSecondFactor
from exam_api.accounts.second_factor import RECOVERY_CHARS, matching_step, plain_recovery
from exam_api.console_ports import Act
from exam_api.people import Login
from exam_api.ports import Limit
from exam_api.usecases.account_parts import (
    CODE_FAILURES,
    CODE_FAILURES_OF_ACCOUNT,
    HOUR_MS,
    AccountParts,
    factor_context,
)
from exam_api.usecases.guesses import counted
from exam_api.usecases.log_in import Opened
from exam_api.usecases.log_in_staff import Device, go_on
from exam_api.usecases.login_parts import FAILURE_WINDOW_MS

_OF_PLACE: Final = Limit("failed-code", CODE_FAILURES, FAILURE_WINDOW_MS)
"""Wrong codes from one network or known device."""

_OF_ACCOUNT: Final = Limit("failed-codes", CODE_FAILURES_OF_ACCOUNT, HOUR_MS)
"""Wrong codes from devices that are not known."""


async def give_code(login: Login, code: str, device: Device, parts: AccountParts) -> Opened:
    """Do the second step of a half log-in.

    Raises CodeWrong, NoSecondFactor, TooManyFailures, LoginRefused, RecordAway, LiveAway.
    """
    name = await _login_name(login.subject_id, parts)
    await check_code(login, code, device, name, parts, recovery=True)
    return await go_on(login, device, parts)


async def check_code(  # noqa: PLR0913 - who, what, from where, and what is taken
    login: Login, code: str, device: Device, name: str, parts: AccountParts, *, recovery: bool
) -> None:
    """Take a code once; wrong ones stay counted.

    Raises CodeWrong, NoSecondFactor, TooManyFailures.
    """
    logins, keys = parts.login.logins, parts.login.keys
    known = parts.devices.knows(device.cookie, name)
    place = known.hex() if known else network_of(device.address)
    own = keys.mark("code-tries", f"{login.subject_id}\n{place}")
    whole = keys.mark("code-account", str(login.subject_id))
    marks = [(_OF_PLACE, own)] if known else [(_OF_PLACE, own), (_OF_ACCOUNT, whole)]
    try:
        async with counted(logins, *marks):
            if not await _taken(login, code, parts, recovery=recovery):
                raise CodeWrong  # noqa: TRY301 - what it brings about comes after it stays counted
    except CodeWrong:
        if await logins.is_over(_OF_PLACE.kind, own, limit=_OF_PLACE.most):
            # Whoever gets here knows the password: worth a line of its own.
            act = Act(actor="system", at_ms=parts.login.clock.now_ms())
            await parts.accounts.note("login.code-held", login.subject_id, act=act)
        raise


async def _taken(login: Login, code: str, parts: AccountParts, *, recovery: bool) -> bool:
    factor = await parts.factors.factor(login.subject_id)
    if factor is None or not factor.confirmed:
        raise NoSecondFactor
    plain = plain_recovery(code)
    if recovery and len(plain) == RECOVERY_CHARS:
        hashes = parts.recovery(login.subject_id, plain)
        return await parts.factors.use_code(login.subject_id, hashes, act=parts.act(login))
    secret = parts.login.sealer.open(factor.secret_sealed, context=factor_context(login.subject_id)).decode()
    step = matching_step(secret, code, now_ms=parts.login.clock.now_ms(), last_step=factor.last_step)
    return step is not None and await parts.factors.use_step(login.subject_id, step)


async def _login_name(account_id: UUID, parts: AccountParts) -> str:
    staff = await parts.login.people.staff_of(account_id)
    return staff.login_name if staff else ""
