"""Logging staff in: name and password, then whatever step is still to be done.

Failures count for name and address together. Whoever tries a name from everywhere only makes it slower for
devices that have never logged in with it (docs/adr/0015-lockout.md).
"""

import msgspec

from exam_api.accounts.devices import family_of, network_of
from exam_api.accounts.policy import IDLE_MS, SECOND_FACTOR
from exam_api.console_ports import Act
from exam_api.errors import AwayError
from exam_api.people import Login, StaffAccount
from exam_api.ports import Limit
from exam_api.usecases.account_parts import (
    FAILURES_OF_ACCOUNT,
    FAILURES_WHEN_SLOW,
    HALF_LIFE_MS,
    SLOW_MS,
    AccountParts,
)
from exam_api.usecases.errors import LoginRefused, TooManyFailures
from exam_api.usecases.guesses import counted
from exam_api.usecases.log_in import FAILURES, Opened, refused_to
from exam_api.usecases.login_parts import STAFF_LIFE_MS


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """Where a call comes from."""

    address: str
    """Only to count failures; never kept."""
    cookie: bytes | None = None
    """By which the device may be known."""
    user_agent: str = ""


class StaffLoginAsk(msgspec.Struct, frozen=True, kw_only=True):
    login_name: str
    password: str
    device: Device


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """Under what this try is counted while it may be wrong, and how many are let through."""

    key: bytes
    limit: Limit
    of_name: bytes | None
    """Where failures of the name itself are counted; None for a known device, which slows nobody."""
    slow: bool


async def log_in_staff(ask: StaffLoginAsk, parts: AccountParts) -> Opened:
    """Open a log-in, or the half of one that waits for its next step.

    An unknown name takes as long as a wrong password.

    Raises LoginRefused, TooManyFailures, RecordAway, LiveAway.
    """
    name = ask.login_name.strip().lower()
    tries = await tries_of(name, ask.device, parts)
    async with counted(parts.login.logins, (tries.limit, tries.key)):
        staff = await parts.login.people.staff(name)
        right = await parts.login.password_fits(staff.password_hash if staff else None, ask.password)
        if staff is None or not right:
            raise await _refused(staff, tries, ask.device, parts)
    step = "code" if staff.second_factor else step_of(staff, forced=parts.forced)
    opened = await open_staff(staff, step, ask.device, parts)
    if parts.stale_hash(staff.password_hash):  # only now: a new hash would look like a change of the account
        parts.login.later(_rehash(staff, ask.password, parts))
    return opened


async def go_on(login: Login, device: Device, parts: AccountParts) -> Opened:
    """The log-in that follows a half one whose step was done; the caller ends the half one.

    Raises LoginRefused, RecordAway, LiveAway.
    """
    staff = await parts.login.people.staff_of(login.subject_id)
    if staff is None:
        raise LoginRefused
    return await open_staff(staff, step_of(staff, forced=parts.forced), device, parts)


def step_of(staff: StaffAccount, *, forced: bool) -> str:
    """What is still to be done when password and code are right."""
    if staff.must_change:
        return "password"
    if forced and staff.role in SECOND_FACTOR and not staff.second_factor:
        return "enroll"
    return ""


async def open_staff(staff: StaffAccount, step: str, device: Device, parts: AccountParts) -> Opened:
    """Open a log-in, whole (step "") or half; nothing is open when this raises.

    Raises LoginRefused where the account was changed meanwhile.
    """
    now_ms = parts.login.clock.now_ms()
    life_ms = HALF_LIFE_MS if step else STAFF_LIFE_MS
    login = Login(
        id=parts.login.new_id(),
        role=staff.role,
        subject_id=staff.id,
        institution_id=staff.institution_id,
        institution=staff.institution,
        employer_id=staff.employer_id,
        name=staff.name,
        since_ms=now_ms,
        until_ms=now_ms + life_ms,
        agent=family_of(device.user_agent),
        idle_ms=0 if step else IDLE_MS.get(staff.role, 0),
        step=step,
    )
    token = parts.login.new_token()
    token_hash = parts.login.keys.token_hash(token)
    await parts.login.logins.open(login, token_hash=token_hash, life_ms=life_ms)
    try:
        # Asked again now that it is open: what closes an account ends the log-ins that are open then.
        if await parts.login.people.staff_of(staff.id) != staff:
            await parts.login.logins.end(token_hash)
            raise LoginRefused
        if not step:
            await parts.accounts.note("login.opened", staff.id, act=parts.act(login), device=login.agent)
    except AwayError:
        await parts.login.logins.end(token_hash)
        raise
    known = parts.devices.remembering(device.cookie, staff.login_name, new_id=parts.new_device())
    return Opened(login=login, token=token, life_ms=life_ms, device="" if step else known)


async def tries_of(name: str, device: Device, parts: AccountParts) -> Tries:
    """Under what a try is counted: a known device by itself, others by name and network."""
    keys, logins = parts.login.keys, parts.login.logins
    known = parts.devices.knows(device.cookie, name)
    if known is not None:
        mark = keys.mark("device-tries", f"{name}\n{known.hex()}")
        return Tries(key=mark, limit=FAILURES, of_name=None, slow=False)
    of_name = keys.mark("name-tries", name)
    slow = await logins.is_over("failed-name", of_name, limit=FAILURES_OF_ACCOUNT)
    return Tries(
        key=keys.mark("staff-tries", f"{name}\n{network_of(device.address)}"),
        limit=Limit(FAILURES.kind, FAILURES_WHEN_SLOW, FAILURES.window_ms) if slow else FAILURES,
        of_name=of_name,
        slow=slow,
    )


async def _refused(
    staff: StaffAccount | None, tries: Tries, device: Device, parts: AccountParts
) -> LoginRefused | TooManyFailures:
    """Count the failure elsewhere too and give the refusal; what it brings about is audited once told."""
    logins = parts.login.logins
    refusal = await refused_to(device.address, parts.login)
    if tries.of_name is not None:
        await logins.over_limit("failed-name", tries.of_name, limit=FAILURES_OF_ACCOUNT, window_ms=SLOW_MS)
    if staff is not None:
        if await logins.is_over(tries.limit.kind, tries.key, limit=tries.limit.most):
            parts.login.later(_note("login.held", staff, parts))
        if (
            tries.of_name is not None
            and not tries.slow
            and await logins.is_over("failed-name", tries.of_name, limit=FAILURES_OF_ACCOUNT)
        ):
            parts.login.later(_note("login.slowed", staff, parts))
    return refusal


async def _note(what: str, staff: StaffAccount, parts: AccountParts) -> None:
    act = Act(actor="system", at_ms=parts.login.clock.now_ms())
    await parts.accounts.note(what, staff.id, act=act)


async def _rehash(staff: StaffAccount, password: str, parts: AccountParts) -> None:
    """Keep the password under today's parameters, now that it is known."""
    new = await parts.hash_password(password)
    await parts.accounts.rehash(staff.id, old=staff.password_hash, new=new)
