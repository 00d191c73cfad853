"""Passwords of staff: argon2id, in a thread, and as long for an unknown name as for a known one."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

PARALLEL_CHECKS: Final = 2
"""Checks at a time in one process: each takes 64 MB and a core for tens of ms; exams go first."""

TIME_COST: Final = 3
MEMORY_KIB: Final = 65_536
"""Argon2id as RFC 9106 recommends where memory is short; raised here, passwords are hashed anew at log-in."""

HASHED: Final = "$argon2"
"""How every stored text begins; what does not is no password at all."""

NO_PASSWORD: Final = "!"  # noqa: S105 - says that there is none
"""Stored for accounts that nobody logs in to with a password: machines."""


class Passwords:
    """The one way in which passwords are hashed and checked."""

    def __init__(self, *, time_cost: int = TIME_COST, memory_cost: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_cost)
        self._nobodys = ""
        self._turns = asyncio.Semaphore(PARALLEL_CHECKS)

    def hash(self, password: str) -> str:
        """The text that is stored."""
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """The text that is stored, made beside the loop."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    def stale(self, stored: str) -> bool:
        """Whether a stored text was made under other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one.

        None (no such account), and a text that is no hash (a machine's account), take as long and never fit.
        """
        if stored is not None and not stored.startswith(HASHED):
            stored = None
        async with self._turns:
            right = await asyncio.to_thread(self._check, stored, password)
        return right and stored is not None

    def _check(self, stored: str | None, password: str) -> bool:
        if not self._nobodys:  # made by the first check, whoever asks: it takes as long as a check
            self._nobodys = self._hasher.hash("nobody has this password")
        try:
            return self._hasher.verify(stored or self._nobodys, password)
        except (VerifyMismatchError, InvalidHashError):
            return False  # any other failure (no memory, no thread) is ours and is no wrong password
