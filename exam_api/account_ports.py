"""What accounts need of the outside: the record of accounts, factors and keys, and WeChat.

Every method of the record may raise RecordAway. Privileged acts take the actor: the adapter writes the audit
line in the same transaction.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.console_ports import Act, NamedInstitution
from exam_api.people import ArmedPerson, Reach, Role


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account on its way into the record."""

    id: UUID
    login_name: str
    """Small letters; of a machine its own name."""
    name: str
    role: Role
    institution_id: UUID | None
    employer_id: UUID | None
    password_hash: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as lists and rules need it; without its password."""

    id: UUID
    login_name: str
    name: str
    role: Role
    institution_id: UUID | None
    institution: str
    employer_id: UUID | None
    employer: str
    made_ms: int
    disabled_ms: int
    """Since when it is closed; 0 = open."""
    must_change: bool
    second_factor: bool


class NewEmployer(msgspec.Struct, frozen=True, kw_only=True):
    """An employer, to be found by its credit code or written down."""

    id: UUID
    uscc: str
    name: str


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor."""

    secret_sealed: bytes
    confirmed: bool
    last_step: int
    """The step whose code was used last: none before it is taken again."""
    codes_left: int


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What an account's password is checked against."""

    login_name: str
    name: str
    institution: str
    role: Role
    password_hash: str


class MachineKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a machine, without the key."""

    id: UUID
    hint: str
    """Its last four characters."""
    made_ms: int
    until_ms: int
    """Good until then; 0 = until it is rotated or revoked."""


class Accounts(Protocol):
    """Accounts of staff and machines. Made by `store.accounts`."""

    async def accounts(self, reach: Reach) -> Sequence[Account]:
        """By institution and name, those that are open first."""
        ...

    async def account(self, account_id: UUID) -> Account | None: ...

    async def institution(self, institution_id: UUID) -> str | None:
        """Name of an institution."""
        ...

    async def institutions(self) -> Sequence[NamedInstitution]:
        """All institutions, by name."""
        ...

    async def create(self, account: NewAccount, employer: NewEmployer | None, *, act: Act) -> bool:
        """False: the login name is taken. `employer` is kept with it, or found by its credit code."""
        ...

    async def set_role(
        self, account_id: UUID, *, role: Role, institution_id: UUID | None, act: Act
    ) -> None: ...

    async def set_open(self, account_id: UUID, *, is_open: bool, act: Act) -> None:
        """Close or open an account; one that is so already stays, without an audit line."""
        ...

    async def set_password(
        self, account_id: UUID, password_hash: str, *, must_change: bool, act: Act
    ) -> None: ...

    async def rehash(self, account_id: UUID, *, old: str, new: str) -> None:
        """The same password under newer parameters; nothing happens when it was changed meanwhile."""
        ...

    async def credential(self, account_id: UUID) -> Credential | None:
        """Of an open account."""
        ...

    async def note(self, what: str, account_id: UUID, *, act: Act, **body: str) -> None:
        """An audit line by itself: log-ins and what they were refused for."""
        ...


class Factors(Protocol):
    """Second factors. Made by `store.second_factors`."""

    async def factor(self, account_id: UUID) -> Factor | None: ...

    async def begin(self, account_id: UUID, secret_sealed: bytes, *, at_ms: int) -> bool:
        """Keep a secret that waits to be confirmed; False: a confirmed one is there."""
        ...

    async def use_step(self, account_id: UUID, step: int) -> bool:
        """Take a step once; False: it or a later one was taken before."""
        ...

    async def confirm(self, account_id: UUID, step: int, codes: Sequence[bytes], *, act: Act) -> bool:
        """The waiting secret becomes the second factor, with these recovery codes; False: none waits."""
        ...

    async def new_codes(self, account_id: UUID, codes: Sequence[bytes], *, act: Act) -> None:
        """These recovery codes take the place of all former ones."""
        ...

    async def use_code(self, account_id: UUID, code_hashes: Sequence[bytes], *, act: Act) -> bool:
        """Use up a recovery code; False: there is no such unused one."""
        ...

    async def remove(self, account_id: UUID, *, act: Act) -> None:
        """Take the second factor and its recovery codes away."""
        ...


class MachineKeys(Protocol):
    """Keys of machines. Made by `store.machine_keys`."""

    async def keys(self, account_id: UUID, *, now_ms: int) -> Sequence[MachineKey]:
        """Those that are good, newest first."""
        ...

    async def add(
        self, account_id: UUID, key: MachineKey, key_hash: bytes, *, others_until_ms: int, act: Act
    ) -> None:
        """A new key; all others of the machine end at that instant at the latest."""
        ...

    async def revoke(self, account_id: UUID, key_id: UUID, *, act: Act) -> bool:
        """End a key now; False: no such good key of this machine."""
        ...

    async def machine(self, key_hash: bytes, *, now_ms: int) -> Account | None:
        """The open machine account whose good key it is."""
        ...


class LinkedPerson(msgspec.Struct, frozen=True, kw_only=True):
    person: ArmedPerson
    blind: bytes
    """Blind index of the identity number, for the log-in."""


class WeChatLinks(Protocol):
    """Which WeChat identity belongs to whom, under a keyed hash. Made by `store.wechat_links`."""

    async def person(self, openid_hashes: Sequence[bytes]) -> LinkedPerson | None: ...

    async def link(self, openid_hash: bytes, person_id: UUID, *, act: Act) -> bool:
        """False: it is linked to another person."""
        ...

    async def unlink(self, person_id: UUID, *, act: Act) -> int:
        """Take all links of a person away; how many there were."""
        ...


class WeChat(Protocol):
    """What WeChat is asked. Made by `wechat.code2session`."""

    async def openid(self, code: str) -> str:
        """The identity behind a log-in code.

        Raises WeChatOff, WeChatCodeRefused, WeChatUserBlocked, WeChatBusy, WeChatAway.
        """
        ...
