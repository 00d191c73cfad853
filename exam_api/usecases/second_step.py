"""The second step of a log-in: a code of the second factor, or a recovery code."""

from uuid import UUID

from exam_api.accounts.devices import network_of
from exam_api.accounts.errors import CodeWrong, NoSecondFactor
from exam_api.accounts.second_factor import RECOVERY_CHARS, matching_step, plain_recovery
from exam_api.console_ports import Act
from exam_api.people import Login
from exam_api.usecases.account_parts import (
    CODE_FAILURES,
    CODE_FAILURES_OF_ACCOUNT,
    HOUR_MS,
    AccountParts,
    factor_context,
)
from exam_api.usecases.errors import TooManyFailures
from exam_api.usecases.log_in import Opened
from exam_api.usecases.log_in_staff import Device, go_on
from exam_api.usecases.login_parts import FAILURE_WINDOW_MS


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
    """Take a code once; wrong ones are counted.

    Raises CodeWrong, NoSecondFactor, TooManyFailures.
    """
    logins, keys = parts.login.logins, parts.login.keys
    known = parts.devices.knows(device.cookie, name)
    place = known.hex() if known else network_of(device.address)
    own = keys.mark("code-tries", f"{login.subject_id}\n{place}")
    whole = keys.mark("code-account", str(login.subject_id))
    if await logins.is_over("failed-code", own, limit=CODE_FAILURES):
        raise TooManyFailures(wait_ms=FAILURE_WINDOW_MS)
    if known is None and await logins.is_over("failed-codes", whole, limit=CODE_FAILURES_OF_ACCOUNT):
        raise TooManyFailures(wait_ms=HOUR_MS)
    if await _taken(login, code, parts, recovery=recovery):
        return
    await logins.over_limit("failed-code", own, limit=CODE_FAILURES, window_ms=FAILURE_WINDOW_MS)
    if known is None:
        await logins.over_limit("failed-codes", whole, limit=CODE_FAILURES_OF_ACCOUNT, window_ms=HOUR_MS)
    if await logins.is_over("failed-code", own, limit=CODE_FAILURES):
        # Whoever gets here knows the password: worth a line of its own.
        act = Act(actor="system", at_ms=parts.login.clock.now_ms())
        await parts.accounts.note("login.code-held", login.subject_id, act=act)
    raise CodeWrong


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
