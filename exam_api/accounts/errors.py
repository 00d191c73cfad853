"""Refusals of accounts: each named for the fact."""

from uuid import UUID


class AccountRefused(Exception):
    """An account is not changed, or not opened."""


class NoSuchAccount(AccountRefused):
    """No such account, or not one this login manages."""

    def __init__(self, account_id: UUID) -> None:
        super().__init__(f"no account {account_id}")
        self.account_id = account_id


class LoginNameTaken(AccountRefused):
    """Another account bears the login name."""

    def __init__(self, login_name: str) -> None:
        super().__init__("this login name is taken")
        self.login_name = login_name


class AccountNotSound(AccountRefused):
    """Role and tenant of an account do not fit together."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"this account cannot be: {reason}")
        self.reason = reason


class OwnAccount(AccountRefused):
    """Nobody changes their own role, or closes or opens their own account."""

    def __init__(self) -> None:
        super().__init__("somebody else must do this to your account")


class PasswordWeak(AccountRefused):
    """The password breaks a rule."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"this password is not taken: {reason}")
        self.reason = reason


class PasswordWrong(AccountRefused):
    """The present password, asked for again, is not right."""

    def __init__(self) -> None:
        super().__init__("the present password is not right")


class CodeWrong(AccountRefused):
    """A code of the second factor is not right, or was used before."""

    def __init__(self) -> None:
        super().__init__("the code is not right, or was used before")


class SecondFactorThere(AccountRefused):
    """The account has a second factor already."""

    def __init__(self) -> None:
        super().__init__("the account has a second factor already")


class SecondFactorNeeded(AccountRefused):
    """The role must have a second factor, so it is not taken away."""

    def __init__(self) -> None:
        super().__init__("this role must have a second factor")


class NoSecondFactor(AccountRefused):
    """The account has no second factor, or none that waits to be confirmed."""

    def __init__(self) -> None:
        super().__init__("the account has no second factor for this")


class NotAMachine(AccountRefused):
    """Keys are for machines, passwords and second factors for people."""

    def __init__(self) -> None:
        super().__init__("not for this kind of account")


class NoSuchKey(AccountRefused):
    """No such key of this machine, or it is no longer good."""

    def __init__(self, key_id: UUID) -> None:
        super().__init__(f"no key {key_id}")
        self.key_id = key_id


class TooManyCalls(AccountRefused):
    """A machine calls more often than it may."""

    def __init__(self, *, wait_ms: int) -> None:
        super().__init__(f"too many calls; again in {wait_ms} ms")
        self.wait_ms = wait_ms


class NoSuchLogin(AccountRefused):
    """No such open log-in of this person."""

    def __init__(self, login_id: UUID) -> None:
        super().__init__(f"no log-in {login_id}")
        self.login_id = login_id


class WeChatOff(AccountRefused):
    """This installation does not take log-ins by WeChat."""

    def __init__(self) -> None:
        super().__init__("log-in by WeChat is off")


class WeChatCodeRefused(AccountRefused):
    """WeChat does not know the code, or it was used or is too old."""

    def __init__(self) -> None:
        super().__init__("WeChat does not take this code")


class WeChatUserBlocked(AccountRefused):
    """WeChat holds this user to be a risk and gives no identity."""

    def __init__(self) -> None:
        super().__init__("WeChat gives no identity for this user")


class WeChatBusy(AccountRefused):
    """WeChat takes no more calls for this user or this program just now."""

    def __init__(self, *, wait_ms: int) -> None:
        super().__init__(f"WeChat takes no more calls; again in {wait_ms} ms")
        self.wait_ms = wait_ms


class WeChatAway(AccountRefused):
    """WeChat does not answer, or not as it should."""

    def __init__(self, *, retry_after_ms: int = 3000) -> None:
        super().__init__("WeChat does not answer")
        self.retry_after_ms = retry_after_ms


class WeChatNotLinked(AccountRefused):
    """This WeChat identity belongs to nobody here: log in another way first."""

    def __init__(self) -> None:
        super().__init__("this WeChat identity is not linked to a person")


class WeChatTaken(AccountRefused):
    """This WeChat identity is linked to another person."""

    def __init__(self) -> None:
        super().__init__("this WeChat identity is linked to another person")
