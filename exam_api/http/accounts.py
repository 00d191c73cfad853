"""Accounts of others: who manages whom is decided by `accounts.policy`; and keys of machines."""

from collections.abc import Sequence
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from enrollment.errors import NotACreditCode
from exam_api.account_ports import Account, MachineKey
from exam_api.accounts.errors import (
    AccountNotSound,
    LoginNameTaken,
    NoSuchAccount,
    NoSuchKey,
    NoSuchLogin,
    NotAMachine,
    OwnAccount,
    TooManyCalls,
)
from exam_api.accounts.policy import roles_given_by
from exam_api.errors import LiveAway, RecordAway
from exam_api.http import wire_accounts as wire
from exam_api.http.errors import NotLoggedIn
from exam_api.http.guards import MANAGERS, Logged, machines, only
from exam_api.http.my_account import login_row
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.people import Login, Role
from exam_api.usecases import machines as keys
from exam_api.usecases import staff_accounts as staff

_ONE = told(NoSuchAccount, RecordAway)
_ACT = told(NoSuchAccount, OwnAccount, RecordAway, LiveAway)


@get(
    "/api/staff", operation_id="staffAccounts", opt=only(MANAGERS, reads="staff"), responses=told(RecordAway)
)
async def accounts(request: Logged, parts: Given[Parts]) -> wire.AccountsOut:
    """List the accounts that the caller manages."""
    found = await staff.list_accounts(request.user, parts.accounts)
    tenants = await staff.tenants(request.user, parts.accounts)
    return wire.AccountsOut(
        server_ms=parts.exam.clock.now_ms(),
        roles=[str(role) for role in roles_given_by(request.user)],
        institutions=[wire.TenantRow(id=str(one.id), name=one.name) for one in tenants],
        accounts=[_row(one, request.user) for one in found],
    )


@post(
    "/api/staff",
    operation_id="createStaffAccount",
    opt=only(MANAGERS),
    responses=told(AccountNotSound, LoginNameTaken, NotACreditCode, RecordAway),
)
async def create(data: JSONBody[wire.AccountIn], request: Logged, parts: Given[Parts]) -> wire.GivenOut:
    """Make an account; its password is shown once."""
    ask = staff.CreateAsk(
        login_name=data.login_name,
        name=data.name,
        role=_role(data.role),
        institution_id=_uuid(data.institution_id),
        employer_uscc=data.employer_uscc,
        employer_name=data.employer_name,
    )
    return _given(await staff.create_account(ask, request.user, parts.accounts), request.user)


@post(
    "/api/staff/{account_id:uuid}/role",
    operation_id="changeStaffRole",
    opt=only(MANAGERS),
    status_code=200,
    responses=told(NoSuchAccount, OwnAccount, AccountNotSound, RecordAway, LiveAway),
)
async def change_role(
    account_id: FromPath[UUID], data: JSONBody[wire.RoleIn], request: Logged, parts: Given[Parts]
) -> wire.AccountRow:
    """Give an account another role or institution; its log-ins end."""
    changed = await staff.change_role(
        account_id,
        role=_role(data.role),
        institution_id=_uuid(data.institution_id),
        login=request.user,
        parts=parts.accounts,
    )
    return _row(changed, request.user)


def _setting(word: str, does: str, *, is_open: bool) -> HTTPRouteHandler:
    """Closing or opening an account."""

    async def do(account_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.AccountRow:
        done = await staff.set_open(account_id, is_open=is_open, login=request.user, parts=parts.accounts)
        return _row(done, request.user)

    return post(
        f"/api/staff/{{account_id:uuid}}/{word}",
        operation_id=f"{word}StaffAccount",
        summary=does,
        opt=only(MANAGERS),
        status_code=200,
        responses=_ACT,
    )(do)


@post(
    "/api/staff/{account_id:uuid}/password",
    operation_id="resetStaffPassword",
    opt=only(MANAGERS),
    status_code=200,
    responses=told(NoSuchAccount, OwnAccount, NotAMachine, RecordAway, LiveAway),
)
async def reset_password(account_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.GivenOut:
    """Give a new password, shown once; the account's log-ins end."""
    return _given(await staff.reset_password(account_id, request.user, parts.accounts), request.user)


@post(
    "/api/staff/{account_id:uuid}/second-factor/reset",
    operation_id="resetStaffSecondFactor",
    opt=only(MANAGERS),
    status_code=200,
    responses=_ACT,
)
async def reset_second_factor(
    account_id: FromPath[UUID], request: Logged, parts: Given[Parts]
) -> wire.AccountRow:
    """Take a lost second factor away; the account's log-ins end."""
    return _row(await staff.reset_second_factor(account_id, request.user, parts.accounts), request.user)


@get(
    "/api/staff/{account_id:uuid}/logins",
    operation_id="staffLogins",
    opt=only(MANAGERS, reads="staff-logins"),
    responses=told(NoSuchAccount, RecordAway, LiveAway),
)
async def logins(account_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.LoginsOut:
    """List the open log-ins of an account."""
    found = await staff.logins_of(account_id, request.user, parts.accounts)
    return wire.LoginsOut(
        server_ms=parts.exam.clock.now_ms(), logins=[login_row(one, request.user) for one in found]
    )


@post(
    "/api/staff/{account_id:uuid}/logins/end",
    operation_id="endStaffLogins",
    opt=only(MANAGERS),
    status_code=200,
    responses=told(NoSuchAccount, NoSuchLogin, RecordAway, LiveAway),
)
async def end_logins(
    account_id: FromPath[UUID], data: JSONBody[wire.EndLoginsIn], request: Logged, parts: Given[Parts]
) -> wire.EndedOut:
    """End one log-in of an account, or all."""
    ended = await staff.end_logins_of(account_id, _uuid(data.id), request.user, parts.accounts)
    return wire.EndedOut(ended=ended)


@get(
    "/api/staff/{account_id:uuid}/keys",
    operation_id="machineKeys",
    opt=only(MANAGERS),
    responses=told(NoSuchAccount, NotAMachine, RecordAway),
)
async def machine_keys(account_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.KeysOut:
    """List the good keys of a machine."""
    found = await keys.list_keys(account_id, request.user, parts.accounts)
    return wire.KeysOut(server_ms=parts.exam.clock.now_ms(), keys=[_key(one) for one in found])


@post(
    "/api/staff/{account_id:uuid}/keys",
    operation_id="makeMachineKey",
    opt=only(MANAGERS),
    responses=told(NoSuchAccount, NotAMachine, RecordAway),
)
async def make_key(account_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.MadeKeyOut:
    """Make a key, shown once; former keys are good for another day."""
    made = await keys.make_key(account_id, request.user, parts.accounts)
    return wire.MadeKeyOut(key=_key(made.key), text=made.text)


@post(
    "/api/staff/{account_id:uuid}/keys/{key_id:uuid}/revoke",
    operation_id="revokeMachineKey",
    opt=only(MANAGERS),
    status_code=204,
    responses=told(NoSuchAccount, NotAMachine, NoSuchKey, RecordAway),
)
async def revoke_key(
    account_id: FromPath[UUID], key_id: FromPath[UUID], request: Logged, parts: Given[Parts]
) -> None:
    """End a key at once."""
    await keys.revoke_key(account_id, key_id, request.user, parts.accounts)


@get(
    "/api/machine/me",
    operation_id="machineMe",
    opt=machines(),
    responses=told(NotLoggedIn, TooManyCalls, RecordAway),
)
async def machine_me(request: Logged, parts: Given[Parts]) -> wire.MachineOut:
    """Say which machine calls."""
    return wire.MachineOut(
        id=str(request.user.subject_id), name=request.user.name, server_ms=parts.exam.clock.now_ms()
    )


ROUTES: Sequence[HTTPRouteHandler] = (
    accounts,
    create,
    change_role,
    _setting("disable", "Close an account and end all its log-ins", is_open=False),
    _setting("enable", "Open a closed account again", is_open=True),
    reset_password,
    reset_second_factor,
    logins,
    end_logins,
    machine_keys,
    make_key,
    revoke_key,
    machine_me,
)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise AccountNotSound(reason="no-such-role") from None


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _given(made: staff.Created, login: Login) -> wire.GivenOut:
    return wire.GivenOut(account=_row(made.account, login), password=made.password)


def _row(one: Account, login: Login) -> wire.AccountRow:
    return wire.AccountRow(
        id=str(one.id),
        login_name=one.login_name,
        name=one.name,
        role=str(one.role),
        institution_id=str(one.institution_id) if one.institution_id else None,
        institution=one.institution,
        employer=one.employer,
        made_ms=one.made_ms,
        disabled_ms=one.disabled_ms,
        must_change=one.must_change,
        second_factor=one.second_factor,
        own=one.id == login.subject_id,
    )


def _key(one: MachineKey) -> wire.KeyRow:
    return wire.KeyRow(id=str(one.id), hint=one.hint, made_ms=one.made_ms, until_ms=one.until_ms)
