"""What log-ins are given: ports, keys and limits."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from exam_api.ports import Armory, Clock, Live, Logins, People, Sealer, Sms


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginKeys:
    """Keys of log-ins; each is derived for its own purpose."""

    blind: Callable[[str], bytes]
    """Blind index of an identity number."""
    login: bytes
    """Hashes tokens and codes before they are kept."""
    ticket: bytes
    """Signs the ticket's QR."""
    older_blinds: tuple[Callable[[str], bytes], ...] = ()
    """Of former master secrets: a number may be kept under them until `rotate-keys` is through."""

    def token_hash(self, token: bytes) -> bytes:
        """What is kept of a login token: whoever reads the live store cannot log in with it."""
        return blake2b(token, key=self.login, digest_size=32, person=b"kaowu-login").digest()

    def code_hash(self, blind: bytes, code: str) -> bytes:
        """What is kept of a one-time code: useless without the key and for any other person."""
        return blake2b(blind + code.encode(), key=self.login, digest_size=32, person=b"kaowu-code").digest()

    def mark(self, kind: str, text: str) -> bytes:
        """A key of limits and indexes that tells nobody what it was made from."""
        tag = kind.encode().ljust(16, b"\0")
        return blake2b(text.encode(), key=self.login, digest_size=32, person=tag).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginParts:
    """Ports and keys of log-ins. Made by `wiring`."""

    clock: Clock
    logins: Logins
    armory: Armory
    live: Live
    people: People
    sms: Sms
    sealer: Sealer
    keys: LoginKeys
    password_fits: Callable[[str | None, str], Coroutine[Any, Any, bool]]
    """(stored hash or None, password): takes as long for an unknown account."""
    later: Callable[[Coroutine[Any, Any, None]], None]
    """Does something after the reply has left."""
    new_id: Callable[[], UUID]
    new_code: Callable[[], str]
    """Six random digits."""
    new_token: Callable[[], bytes]
    demo: bool
    """Codes may be shown in the reply."""


MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS

CODE_LIFE_MS: Final = 10 * MINUTE_MS
"""How long a one-time code is good."""

CODE_EVERY_MS: Final = MINUTE_MS
"""One code in this time for one identity."""

CODES_AN_HOUR: Final = 5
"""Codes in an hour for one identity: what a bad network needs, and no more than an SMS flood is worth."""

CANDIDATE_LIFE_MS: Final = 7 * 24 * HOUR_MS
"""How long a candidate stays logged in on a device: from the try-out week to the exam."""

STAFF_LIFE_MS: Final = 12 * HOUR_MS
"""How long staff stay logged in: one working day."""

FAILURES_OF_ONE: Final = 10
"""Failed log-ins of one identity in `FAILURE_WINDOW_MS`; then it is not even tried."""

FAILURE_WINDOW_MS: Final = 15 * MINUTE_MS
"""Time in which failures are counted."""

FAILURES_OF_ADDRESS: Final = 300
"""Failures from one address in the window: a classroom of 60 in which everybody errs five times.

Beyond it wrong log-ins are told so; right ones are never held back: a classroom must not lock itself out.
"""
