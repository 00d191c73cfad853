"""Managing other people's accounts; whoever loses a right loses every open log-in with it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from enrollment.uscc import parse_uscc
from exam_api.account_ports import Account, NewAccount, NewEmployer
from exam_api.accounts.errors import (
    AccountNotSound,
    LoginNameTaken,
    NoSuchAccount,
    NoSuchLogin,
    NotAMachine,
    OwnAccount,
)
from exam_api.accounts.policy import account_reach, check_tenant, manages
from exam_api.console_ports import NamedInstitution
from exam_api.passwords import NO_PASSWORD
from exam_api.people import Login, Role
from exam_api.usecases.account_parts import AccountParts


class CreateAsk(msgspec.Struct, frozen=True, kw_only=True):
    login_name: str
    name: str
    role: Role
    institution_id: UUID | None
    employer_uscc: str
    """Of an employer's clerk; "" for everybody else."""
    employer_name: str


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """An account and the password to hand over, shown once; "" for a machine, which has keys."""

    account: Account
    password: str


async def list_accounts(login: Login, parts: AccountParts) -> Sequence[Account]:
    """Raises RecordAway."""
    found = await parts.accounts.accounts(account_reach(login))
    return [one for one in found if manages(login, one.role, one.institution_id)]


async def tenants(login: Login, parts: AccountParts) -> Sequence[NamedInstitution]:
    """Institutions a login may give accounts to; none are named to an institution's own administrator."""
    return [] if login.role is Role.INSTITUTION_ADMIN else await parts.accounts.institutions()


async def managed(account_id: UUID, login: Login, parts: AccountParts) -> Account:
    """An account the login manages. Raises NoSuchAccount, RecordAway."""
    account = await parts.accounts.account(account_id)
    if account is None or not manages(login, account.role, account.institution_id):
        raise NoSuchAccount(account_id)
    return account


async def create_account(ask: CreateAsk, login: Login, parts: AccountParts) -> Created:
    """Make an account with a password that its owner must change.

    Raises AccountNotSound, LoginNameTaken, NotACreditCode, RecordAway.
    """
    tenant = login.institution_id if login.role is Role.INSTITUTION_ADMIN else ask.institution_id
    check_tenant(ask.role, of_institution=tenant is not None, of_employer=bool(ask.employer_uscc))
    await _check_given(ask.role, tenant, login, parts)
    employer = None
    if ask.employer_uscc:
        if not ask.employer_name.strip():
            raise AccountNotSound(reason="employer-has-no-name")
        code = parse_uscc(ask.employer_uscc).code
        employer = NewEmployer(id=parts.login.new_id(), uscc=code, name=ask.employer_name.strip())
    is_machine = ask.role is Role.CE_PLATFORM
    password = "" if is_machine else parts.new_password()
    account = NewAccount(
        id=parts.login.new_id(),
        login_name=ask.login_name.strip().lower(),
        name=ask.name.strip(),
        role=ask.role,
        institution_id=tenant,
        employer_id=None,
        password_hash=NO_PASSWORD if is_machine else await parts.hash_password(password),
    )
    if not await parts.accounts.create(account, employer, act=parts.act(login)):
        raise LoginNameTaken(account.login_name)
    return Created(account=await managed(account.id, login, parts), password=password)


async def change_role(
    account_id: UUID, *, role: Role, institution_id: UUID | None, login: Login, parts: AccountParts
) -> Account:
    """Give another role or tenant; all log-ins of the account end.

    Raises NoSuchAccount, OwnAccount, AccountNotSound, RecordAway, LiveAway.
    """
    account = await _of_another(account_id, login, parts)
    tenant = login.institution_id if login.role is Role.INSTITUTION_ADMIN else institution_id
    if (role is Role.CE_PLATFORM) != (account.role is Role.CE_PLATFORM):
        raise AccountNotSound(reason="machine-and-person")
    check_tenant(role, of_institution=tenant is not None, of_employer=account.employer_id is not None)
    await _check_given(role, tenant, login, parts)
    await parts.accounts.set_role(account_id, role=role, institution_id=tenant, act=parts.act(login))
    await parts.login.logins.end_of(account_id)
    return await managed(account_id, login, parts)


async def set_open(account_id: UUID, *, is_open: bool, login: Login, parts: AccountParts) -> Account:
    """Open or close an account; closing ends all its log-ins, also when it was closed before.

    Raises NoSuchAccount, OwnAccount, RecordAway; LiveAway: closed, but ask again to end the log-ins.
    """
    await _of_another(account_id, login, parts)
    await parts.accounts.set_open(account_id, is_open=is_open, act=parts.act(login))
    if not is_open:
        await parts.login.logins.end_of(account_id)
    return await managed(account_id, login, parts)


async def reset_password(account_id: UUID, login: Login, parts: AccountParts) -> Created:
    """Give a password that its owner must change; all log-ins of the account end.

    Raises NoSuchAccount, OwnAccount, NotAMachine, RecordAway, LiveAway.
    """
    account = await _of_another(account_id, login, parts)
    if account.role is Role.CE_PLATFORM:
        raise NotAMachine
    password = parts.new_password()
    hashed = await parts.hash_password(password)
    await parts.accounts.set_password(account_id, hashed, must_change=True, act=parts.act(login))
    await parts.login.logins.end_of(account_id)
    return Created(account=await managed(account_id, login, parts), password=password)


async def reset_second_factor(account_id: UUID, login: Login, parts: AccountParts) -> Account:
    """Take the second factor of somebody who lost it away; all log-ins of the account end.

    Raises NoSuchAccount, OwnAccount, RecordAway, LiveAway.
    """
    await _of_another(account_id, login, parts)
    await parts.factors.remove(account_id, act=parts.act(login))
    await parts.login.logins.end_of(account_id)
    return await managed(account_id, login, parts)


async def logins_of(account_id: UUID, login: Login, parts: AccountParts) -> Sequence[Login]:
    """Open log-ins of an account. Raises NoSuchAccount, RecordAway, LiveAway."""
    await managed(account_id, login, parts)
    return await parts.login.logins.of_subject(account_id)


async def end_logins_of(account_id: UUID, login_id: UUID | None, login: Login, parts: AccountParts) -> int:
    """End one log-in of an account, or all (None). How many.

    Raises NoSuchAccount, NoSuchLogin, RecordAway, LiveAway.
    """
    await managed(account_id, login, parts)
    ended = await parts.login.logins.end_of(account_id, only=login_id)
    if login_id is not None and not ended:
        raise NoSuchLogin(login_id)
    await parts.accounts.note("login.ended", account_id, act=parts.act(login), count=str(ended))
    return ended


async def _of_another(account_id: UUID, login: Login, parts: AccountParts) -> Account:
    account = await managed(account_id, login, parts)
    if account_id == login.subject_id:
        raise OwnAccount
    return account


async def _check_given(role: Role, tenant: UUID | None, login: Login, parts: AccountParts) -> None:
    """Raises AccountNotSound where the login does not give this role, or the tenant is none."""
    if not manages(login, role, tenant):
        raise AccountNotSound(reason="role-not-yours-to-give")
    if tenant is not None and await parts.accounts.institution(tenant) is None:
        raise AccountNotSound(reason="no-such-institution")
