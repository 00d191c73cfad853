"""Machines: their keys, and the log-in a call with a key stands for."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.account_ports import Account, MachineKey
from exam_api.accounts.errors import NoSuchKey, NotAMachine, TooManyCalls
from exam_api.people import Login, Role
from exam_api.usecases.account_parts import HOUR_MS, MINUTE_MS, AccountParts, machine_hash
from exam_api.usecases.staff_accounts import managed

PREFIX: Final = "kwm_"
"""How every key begins: scanners of other people's repositories find one that was left lying about."""

HINT_CHARS: Final = 4
OVERLAP_MS: Final = 24 * HOUR_MS
"""How long a machine's former key is good beside a new one: long enough to change it without an outage."""

CALLS_A_MINUTE: Final = 120
"""Calls of one machine; a batch takes many records, so no more are needed."""


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, shown once."""

    key: MachineKey
    text: str


async def list_keys(account_id: UUID, login: Login, parts: AccountParts) -> Sequence[MachineKey]:
    """Raises NoSuchAccount, NotAMachine, RecordAway."""
    await _machine(account_id, login, parts)
    return await parts.machine_keys.keys(account_id, now_ms=parts.login.clock.now_ms())


async def make_key(account_id: UUID, login: Login, parts: AccountParts) -> MadeKey:
    """Make a key; the former ones are good for another day.

    Raises NoSuchAccount, NotAMachine, RecordAway.
    """
    await _machine(account_id, login, parts)
    text = PREFIX + urlsafe_b64encode(parts.new_key()).rstrip(b"=").decode()
    now_ms = parts.login.clock.now_ms()
    key = MachineKey(id=parts.login.new_id(), hint=text[-HINT_CHARS:], made_ms=now_ms, until_ms=0)
    await parts.machine_keys.add(
        account_id,
        key,
        machine_hash(text.encode()),
        others_until_ms=now_ms + OVERLAP_MS,
        act=parts.act(login),
    )
    return MadeKey(key=key, text=text)


async def revoke_key(account_id: UUID, key_id: UUID, login: Login, parts: AccountParts) -> None:
    """End a key at once. Raises NoSuchAccount, NotAMachine, NoSuchKey, RecordAway."""
    await _machine(account_id, login, parts)
    if not await parts.machine_keys.revoke(account_id, key_id, act=parts.act(login)):
        raise NoSuchKey(key_id)


async def machine_login(text: bytes, parts: AccountParts) -> Login | None:
    """Whom a key stands for, asked of the record at every call: a revoked key is over at once.

    Raises TooManyCalls, RecordAway.
    """
    if not text.startswith(PREFIX.encode()):
        return None
    now_ms = parts.login.clock.now_ms()
    account = await parts.machine_keys.machine(machine_hash(text), now_ms=now_ms)
    if account is None:
        return None
    if await parts.login.logins.over_limit(
        "machine", account.id.bytes, limit=CALLS_A_MINUTE, window_ms=MINUTE_MS
    ):
        raise TooManyCalls(wait_ms=MINUTE_MS)
    return Login(
        id=account.id,
        role=Role.CE_PLATFORM,
        subject_id=account.id,
        institution_id=None,
        name=account.name,
        since_ms=now_ms,
        until_ms=now_ms + MINUTE_MS,
    )


async def _machine(account_id: UUID, login: Login, parts: AccountParts) -> Account:
    account = await managed(account_id, login, parts)
    if account.role is not Role.CE_PLATFORM:
        raise NotAMachine
    return account
