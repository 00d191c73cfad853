"""What people do to their own account: password, second factor, log-ins."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.accounts.errors import (
    CodeWrong,
    NoSecondFactor,
    NoSuchAccount,
    NoSuchLogin,
    PasswordWeak,
    PasswordWrong,
    SecondFactorNeeded,
    SecondFactorThere,
)
from exam_api.accounts.passwords import check_password
from exam_api.accounts.policy import SECOND_FACTOR
from exam_api.accounts.second_factor import CODES, enrolment_uri, matching_step, shown_recovery
from exam_api.people import Login, StaffAccount
from exam_api.usecases.account_parts import AccountParts, factor_context
from exam_api.usecases.guesses import counted
from exam_api.usecases.log_in import FAILURES, Opened
from exam_api.usecases.log_in_staff import Device, go_on
from exam_api.usecases.second_step import check_code


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an account is protected."""

    login_name: str
    second_factor: bool
    needed: bool
    """The role must have one, and the installation holds it to that."""
    codes_left: int


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor that waits to be confirmed."""

    secret: str
    uri: str


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """Recovery codes, shown once; and the log-in that follows, where this was a step of one."""

    codes: Sequence[str]
    opened: Opened | None


async def standing(login: Login, parts: AccountParts) -> Standing:
    """Raises NoSuchAccount, RecordAway."""
    staff = await _own(login, parts)
    factor = await parts.factors.factor(login.subject_id)
    there = factor is not None and factor.confirmed
    return Standing(
        login_name=staff.login_name,
        second_factor=there,
        needed=parts.forced and staff.role in SECOND_FACTOR,
        codes_left=factor.codes_left if factor and there else 0,
    )


async def change_password(
    login: Login, *, old: str, new: str, device: Device, parts: AccountParts
) -> Opened | None:
    """Choose another password; all other log-ins end.

    Returns the log-in that follows where this was a step of one.

    Raises PasswordWrong, PasswordWeak, TooManyFailures, RecordAway, LiveAway.
    """
    staff = await _own(login, parts)
    await check_own_password(staff, old, parts)
    check_password(new, known=(staff.login_name, staff.name, staff.institution))
    if new == old:
        raise PasswordWeak(reason="password-same")
    hashed = await parts.hash_password(new)
    await parts.accounts.set_password(staff.id, hashed, must_change=False, act=parts.act(login))
    await parts.login.logins.end_of(staff.id, but=login.id)
    return await _followed(login, "password", device, parts)


async def begin_second_factor(login: Login, *, password: str, parts: AccountParts) -> Begun:
    """Make a secret; it counts for nothing until a code of it was given.

    Raises PasswordWrong, SecondFactorThere, TooManyFailures, RecordAway.
    """
    staff = await _own(login, parts)
    await check_own_password(staff, password, parts)
    secret = parts.new_secret()
    sealed = parts.login.sealer.seal(secret.encode(), context=factor_context(staff.id))
    if not await parts.factors.begin(staff.id, sealed, at_ms=parts.login.clock.now_ms()):
        raise SecondFactorThere
    return Begun(secret=secret, uri=enrolment_uri(secret, login_name=staff.login_name))


async def confirm_second_factor(login: Login, code: str, device: Device, parts: AccountParts) -> Confirmed:
    """Give the first code: from now on log-ins take two steps. All other log-ins end.

    Raises CodeWrong, NoSecondFactor, TooManyFailures, RecordAway, LiveAway.
    """
    key = parts.login.keys.mark("confirm-tries", str(login.subject_id))
    async with counted(parts.login.logins, (FAILURES, key)):
        factor = await parts.factors.factor(login.subject_id)
        if factor is None or factor.confirmed:
            raise NoSecondFactor
        context = factor_context(login.subject_id)
        secret = parts.login.sealer.open(factor.secret_sealed, context=context).decode()
        step = matching_step(secret, code, now_ms=parts.login.clock.now_ms(), last_step=0)
        if step is None:
            raise CodeWrong
    codes = _codes(parts)
    if not await parts.factors.confirm(
        login.subject_id, step, _hashed(login, codes, parts), act=parts.act(login)
    ):
        raise NoSecondFactor
    await parts.login.logins.end_of(login.subject_id, but=login.id)
    return Confirmed(codes=_shown(codes), opened=await _followed(login, "enroll", device, parts))


async def new_recovery_codes(login: Login, code: str, device: Device, parts: AccountParts) -> Sequence[str]:
    """Fresh recovery codes; the former ones are worth nothing.

    Raises CodeWrong, NoSecondFactor, TooManyFailures, RecordAway, LiveAway.
    """
    staff = await _own(login, parts)
    await check_code(login, code, device, staff.login_name, parts, recovery=False)
    codes = _codes(parts)
    await parts.factors.new_codes(staff.id, _hashed(login, codes, parts), act=parts.act(login))
    return _shown(codes)


async def remove_second_factor(login: Login, code: str, device: Device, parts: AccountParts) -> None:
    """Take the own second factor away, where the role may be without.

    Raises SecondFactorNeeded, CodeWrong, NoSecondFactor, TooManyFailures, RecordAway, LiveAway.
    """
    staff = await _own(login, parts)
    if parts.forced and staff.role in SECOND_FACTOR:
        raise SecondFactorNeeded
    await check_code(login, code, device, staff.login_name, parts, recovery=True)
    await parts.factors.remove(staff.id, act=parts.act(login))


async def end_login(login: Login, login_id: UUID, parts: AccountParts) -> None:
    """End one of the own log-ins. Raises NoSuchLogin, LiveAway."""
    if not await parts.login.logins.end_of(login.subject_id, only=login_id):
        raise NoSuchLogin(login_id)


async def check_own_password(staff: StaffAccount, password: str, parts: AccountParts) -> None:
    """Ask for the password again; who is logged in already cannot guess without end.

    Raises PasswordWrong, TooManyFailures.
    """
    key = parts.login.keys.mark("own-tries", str(staff.id))
    async with counted(parts.login.logins, (FAILURES, key)):
        if not await parts.login.password_fits(staff.password_hash, password):
            raise PasswordWrong


async def _own(login: Login, parts: AccountParts) -> StaffAccount:
    staff = await parts.login.people.staff_of(login.subject_id)
    if staff is None:
        raise NoSuchAccount(login.subject_id)
    return staff


async def _followed(login: Login, step: str, device: Device, parts: AccountParts) -> Opened | None:
    """What comes after a step of the log-in; None for one that was whole already."""
    if login.step != step:
        return None
    opened = await go_on(login, device, parts)
    await parts.login.logins.end_of(login.subject_id, only=login.id)
    return opened


def _codes(parts: AccountParts) -> Sequence[str]:
    return [parts.new_recovery() for _ in range(CODES)]


def _shown(codes: Sequence[str]) -> Sequence[str]:
    return [shown_recovery(code) for code in codes]


def _hashed(login: Login, codes: Sequence[str], parts: AccountParts) -> Sequence[bytes]:
    return [parts.recovery(login.subject_id, code)[0] for code in codes]
