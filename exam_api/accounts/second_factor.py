"""The second factor: time-based codes (RFC 6238) and recovery codes, with time and randomness handed in."""

import re
from hmac import compare_digest
from typing import Final

from pyotp.hotp import HOTP
from pyotp.totp import TOTP

STEP_MS: Final = 30_000
"""Length of one step: what every authenticator takes for granted."""

AROUND: Final = 1
"""Steps before and after the present one whose codes are taken: telephones' clocks are not exact."""

SECRET_CHARS: Final = 32
"""Base32 characters of a secret: 160 bits, as long as the HMAC's hash."""

ISSUER: Final = "考务 Kaowu"
"""Name under which authenticators list the account."""

CODES: Final = 10
"""Recovery codes of one enrolment."""

RECOVERY_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Characters of recovery codes: none that is read as another."""

RECOVERY_CHARS: Final = 10
"""Characters of one recovery code: 49 bits; tries are counted."""

_SIX: Final = re.compile(r"[0-9]{6}")
_BETWEEN: Final = re.compile(r"[\s-]")


def code_at(secret: str, step: int) -> str:
    """The code of a step."""
    return HOTP(secret).at(step)


def step_of(now_ms: int) -> int:
    """The step an instant lies in."""
    return now_ms // STEP_MS


def matching_step(secret: str, code: str, *, now_ms: int, last_step: int) -> int | None:
    """The step whose code it is, around now and after the last one that was used; None for a wrong code.

    Every step that could be meant is compared, so that the time taken tells nothing.
    """
    given = _BETWEEN.sub("", code)
    if _SIX.fullmatch(given) is None:
        return None
    here = step_of(now_ms)
    found: int | None = None
    for step in range(here - AROUND, here + AROUND + 1):
        fits = compare_digest(code_at(secret, step), given)
        if fits and step > last_step and found is None:
            found = step
    return found


def enrolment_uri(secret: str, *, login_name: str) -> str:
    """What the QR says: authenticators read it."""
    return TOTP(secret).provisioning_uri(name=login_name, issuer_name=ISSUER)


def plain_recovery(code: str) -> str:
    """A recovery code as it is hashed: without what people put between."""
    return _BETWEEN.sub("", code).upper()


def shown_recovery(code: str) -> str:
    """A recovery code as it is shown: two groups of five."""
    return f"{code[:5]}-{code[5:]}"
