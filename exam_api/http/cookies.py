"""The two tokens as cookies: which names they bear, how long they live, who may read them (no script)."""

import base64
import binascii
import secrets
from collections.abc import Iterable
from typing import Final

import msgspec
from litestar.datastructures import Cookie

TOKEN_BYTES: Final = 32
"""Random bytes of a login token: not to be guessed."""


class Cookies(msgspec.Struct, frozen=True):
    """Cookie names and attributes of this installation."""

    login: bytes
    attempt: bytes
    attributes: str
    device: bytes = b"kw_device"
    """Names no person and opens nothing: by it a device is known that somebody logged in on before."""

    def login_in(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The login token a request brings, decoded; None where it brings none that could be ours."""
        return _decoded(_found(self.login, headers), length=TOKEN_BYTES)

    def attempt_in(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The attempt token a request brings, as it stands."""
        return _found(self.attempt, headers)

    def device_in(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The text of the device's cookie, as it stands."""
        return _found(self.device, headers)

    def of_login(self, token: bytes, *, life_ms: int, device: str, device_life_ms: int) -> list[Cookie]:
        """Cookies for a new log-in, and for the device where it is to be known from now on."""
        given = [(self.login, shown(token), life_ms)]
        if device:
            given.append((self.device, device, device_life_ms))
        return [
            Cookie(
                key=name.decode(),
                value=value,
                max_age=life // 1000,
                path="/",
                secure="Secure" in self.attributes,
                httponly=True,
                samesite="strict",
            )
            for name, value, life in given
        ]

    def set_login(self, token: bytes, *, life_ms: int) -> str:
        """Set-Cookie for a login token."""
        return self._set(self.login, shown(token), life_ms=life_ms)

    def set_attempt(self, token: str, *, life_ms: int) -> str:
        """Set-Cookie for an attempt token."""
        return self._set(self.attempt, token, life_ms=life_ms)

    def end_all(self) -> list[Cookie]:
        """Cookies that remove both tokens."""
        secure = "Secure" in self.attributes
        return [
            Cookie(key=name.decode(), value="", max_age=0, secure=secure, httponly=True, samesite="strict")
            for name in (self.login, self.attempt)
        ]

    def _set(self, name: bytes, value: str, *, life_ms: int) -> str:
        return f"{name.decode()}={value}; Max-Age={life_ms // 1000}; {self.attributes}"


SECURE: Final = Cookies(
    b"__Host-kw_login",
    b"__Host-kw_attempt",
    "Path=/; HttpOnly; Secure; SameSite=Strict",
    b"__Host-kw_device",
)
"""Over TLS, and on localhost where browsers treat plain http as secure."""

PLAIN: Final = Cookies(b"kw_login", b"kw_attempt", "Path=/; HttpOnly; SameSite=Strict")
"""Over plain http, under the demo flag only: browsers refuse `__Host-` and Secure there."""


def new_token() -> bytes:
    """Make a login token."""
    return secrets.token_bytes(TOKEN_BYTES)


def shown(token: bytes) -> str:
    """A token as text: base64url without padding."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def _found(name: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    for header, value in headers:
        if header == b"cookie":
            for part in value.split(b";"):
                key, _, held = part.strip().partition(b"=")
                if key == name:
                    return held
    return None


def _decoded(text: bytes | None, *, length: int) -> bytes | None:
    if not text:
        return None
    try:
        token = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return token if len(token) == length else None
