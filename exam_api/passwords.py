"""Passwords of staff: argon2id, in a thread, and as long for an unknown name as for a known one."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PARALLEL_CHECKS: Final = 2
"""Checks at a time in one process: each takes 64 MB and a core for tens of ms; exams go first."""


class Passwords:
    """The one way in which passwords are hashed and checked."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobodys = ""
        self._turns = asyncio.Semaphore(PARALLEL_CHECKS)

    def hash(self, password: str) -> str:
        """The text that is stored."""
        return self._hasher.hash(password)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; None (no such account) takes as long and is never right."""
        async with self._turns:
            right = await asyncio.to_thread(self._check, stored, password)
        return right and stored is not None

    def _check(self, stored: str | None, password: str) -> bool:
        if not self._nobodys:  # made by the first check, whoever asks: it takes as long as a check
            self._nobodys = self._hasher.hash("nobody has this password")
        try:
            return self._hasher.verify(stored or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
