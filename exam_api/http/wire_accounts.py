"""What pages and the service say to each other about accounts, second factors, log-ins and machines."""

from typing import Annotated

from msgspec import Meta

from exam_api.http.wire_attempt import Uuid, Wire

Password = Annotated[str, Meta(min_length=1, max_length=200)]
Code = Annotated[str, Meta(min_length=6, max_length=20)]
LoginName = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$")]
PersonName = Annotated[str, Meta(min_length=1, max_length=60)]
RoleName = Annotated[str, Meta(pattern="^[a-z-]{2,32}$")]


# --- the second step, and one's own account ----------------------------------------


class CodeStepIn(Wire, kw_only=True):
    """The code of the second factor, or a recovery code."""

    code: Code


class PasswordIn(Wire, kw_only=True):
    old: Password
    new: Password


class BeginSecondFactorIn(Wire, kw_only=True):
    """The password again: an open page alone enrols nobody's telephone."""

    password: Password


class BeginSecondFactorOut(Wire, kw_only=True):
    secret: str
    """Base32, for who cannot read the QR."""
    uri: str
    """What the QR says."""


class RecoveryCodesOut(Wire, kw_only=True):
    """Shown once."""

    codes: list[str]


class LoginRow(Wire, kw_only=True):
    """One open log-in."""

    id: Uuid
    agent: str
    """System and browser family; empty where the device named none."""
    since_ms: int
    seen_ms: int
    """When it was last used, to the minute."""
    until_ms: int
    here: bool
    """This very device."""


class LoginsOut(Wire, kw_only=True):
    server_ms: int
    logins: list[LoginRow]


class EndLoginIn(Wire, kw_only=True):
    id: Uuid


class EndLoginsIn(Wire, kw_only=True):
    """One log-in, or all of them."""

    id: Uuid | None = None


class EndedOut(Wire, kw_only=True):
    ended: int


class MyAccountOut(Wire, kw_only=True):
    login_name: str
    second_factor: bool
    second_factor_needed: bool
    codes_left: int


class WeChatIn(Wire, kw_only=True):
    """What `wx.login` gave."""

    code: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{8,128}$")]


# --- accounts of others ----------------------------------------


class AccountRow(Wire, kw_only=True):
    """An account as whoever manages it sees it."""

    id: Uuid
    login_name: str
    name: str
    role: str
    institution_id: Uuid | None = None
    institution: str
    employer: str
    made_ms: int
    disabled_ms: int
    """Since when it is closed; 0 = open."""
    must_change: bool
    second_factor: bool
    own: bool
    """The account of who asks."""


class TenantRow(Wire, kw_only=True):
    id: Uuid
    name: str


class AccountsOut(Wire, kw_only=True):
    server_ms: int
    roles: list[str]
    """Roles that who asks may give."""
    institutions: list[TenantRow]
    """Institutions to choose from; empty where the own one is meant."""
    accounts: list[AccountRow]


class AccountIn(Wire, kw_only=True):
    login_name: LoginName
    name: PersonName
    role: RoleName
    institution_id: Uuid | None = None
    employer_uscc: Annotated[str, Meta(max_length=24)] = ""
    """Of an employer's clerk."""
    employer_name: Annotated[str, Meta(max_length=120)] = ""


class GivenOut(Wire, kw_only=True):
    """An account and the password to hand over: shown once, changed at the first log-in."""

    account: AccountRow
    password: str
    """Empty for a machine: it has keys."""


class RoleIn(Wire, kw_only=True):
    role: RoleName
    institution_id: Uuid | None = None


# --- machines ----------------------------------------


class KeyRow(Wire, kw_only=True):
    id: Uuid
    hint: str
    """The key's last characters."""
    made_ms: int
    until_ms: int
    """Good until then; 0 = until it is rotated or revoked."""


class KeysOut(Wire, kw_only=True):
    server_ms: int
    keys: list[KeyRow]


class MadeKeyOut(Wire, kw_only=True):
    """A key, shown once."""

    key: KeyRow
    text: str


class MachineOut(Wire, kw_only=True):
    """What a machine learns about itself."""

    id: Uuid
    name: str
    server_ms: int
