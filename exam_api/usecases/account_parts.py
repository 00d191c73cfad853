"""What accounts are given: their record, WeChat, randomness and keys."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from uuid import UUID

from exam_api.account_ports import Accounts, Factors, MachineKeys, WeChat, WeChatLinks
from exam_api.accounts.devices import KnownDevice
from exam_api.console_ports import Act
from exam_api.people import Login
from exam_api.usecases.console_parts import actor_of
from exam_api.usecases.login_parts import LoginParts


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountParts:
    """Ports, keys and randomness of accounts. Made by `wiring`."""

    login: LoginParts
    accounts: Accounts
    factors: Factors
    machine_keys: MachineKeys
    links: WeChatLinks
    wechat: WeChat
    devices: KnownDevice
    recovery_keys: Sequence[bytes]
    """Hash recovery codes: today's key, then those of former secrets."""
    identity_keys: Sequence[bytes]
    """Hash WeChat identities: today's key, then those of former secrets."""
    hash_password: Callable[[str], Awaitable[str]]
    stale_hash: Callable[[str], bool]
    new_secret: Callable[[], str]
    """Base32 text of a second factor's secret."""
    new_password: Callable[[], str]
    """A password to be given to somebody who then chooses their own."""
    new_recovery: Callable[[], str]
    new_key: Callable[[], bytes]
    new_device: Callable[[], bytes]
    forced: bool
    """Roles that must have a second factor are held to it; the demo only offers it."""

    def act(self, login: Login) -> Act:
        """Who does something now: for the audit line."""
        return Act(actor=actor_of(login), at_ms=self.login.clock.now_ms())

    def recovery(self, account_id: UUID, code: str) -> Sequence[bytes]:
        """What is kept of a recovery code: under today's key, and what was kept under former ones."""
        told = account_id.bytes + code.encode()
        return [_hashed(told, key, b"recovery") for key in self.recovery_keys]

    def identity(self, openid: str) -> Sequence[bytes]:
        """What is kept of a WeChat identity: under today's key, and what was kept under former ones."""
        return [_hashed(openid.encode(), key, b"wechat") for key in self.identity_keys]


def machine_hash(key: bytes) -> bytes:
    """What is kept of a machine's key: 256 random bits need no key of ours, and survive its rotation."""
    return blake2b(key, digest_size=32, person=b"machine").digest()


def _hashed(told: bytes, key: bytes, person: bytes) -> bytes:
    return blake2b(told, key=key, digest_size=32, person=person).digest()


def factor_context(account_id: UUID) -> bytes:
    """Context under which the secret of an account's second factor is sealed."""
    return b"second-factor" + account_id.bytes


MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS

HALF_LIFE_MS: Final = 10 * MINUTE_MS
"""How long a log-in waits for its next step."""

FAILURES_OF_ACCOUNT: Final = 30
"""Failures of one login name from devices that are not known, in `SLOW_MS`: then the name is slowed down."""

SLOW_MS: Final = HOUR_MS
"""Time in which failures of a name are counted, and how long it is slow from the first of them on."""

FAILURES_WHEN_SLOW: Final = 3
"""Failures that a name and address have in the window while the name is slow; known devices keep theirs."""

CODE_FAILURES: Final = 5
"""Wrong codes of one account from one address or known device in the window."""

CODE_FAILURES_OF_ACCOUNT: Final = 30
"""Wrong codes of one account in an hour from devices that are not known: 30 of a million, three fit."""
