"""What the live state asks of its way to Redis, be it one node or a cluster of them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeAlias

from exam_api.live.scripts import Script

Word: TypeAlias = bytes | str | int
"""One word of a command."""


def word(said: Word) -> bytes:
    """A word as it goes over the wire."""
    if isinstance(said, int):
        said = b"%d" % said
    elif isinstance(said, str):
        said = said.encode()
    return b"$%d\r\n%b\r\n" % (len(said), said)


_SMALL: Final = tuple(word(small) for small in range(1024))


def number(said: int) -> bytes:
    """`word` of a number that is nearly always small."""
    return _SMALL[said] if 0 <= said < len(_SMALL) else word(said)


class Lane(Protocol):
    """Calls go out at once and are answered in futures; refuses with `LiveAway` where nobody serves."""

    apart: bool
    """Whether one command may name keys of one slot only: so it is in a cluster."""

    async def open(self) -> None:
        """Connect, and keep connecting from now on.

        Raises:
            LiveAway: when it took longer than one call may; the lane goes on trying.
        """
        ...

    async def close(self) -> None:
        """Refuse what is under way and let the connections go."""
        ...

    def run(self, script: Script, keys: Sequence[bytes], args: Sequence[Word]) -> "asyncio.Future[Any]":
        """Run a script. The future brings the reply, or raises `LiveAway`, `ShardUnready`, `ScriptBroken`."""
        ...

    def run_said(self, script: Script, key: bytes, words: int, said: bytes) -> "asyncio.Future[Any]":
        """As `run`, its words put together by the caller.

        Args:
            key: the first key.
            words: how many: the number of keys, the keys, the arguments.
            said: `word` of each of them, one after the other.
        """
        ...

    def command(self, *words: Word) -> "asyncio.Future[Any]":
        """Run a plain command; as `run`. Its keys lie in one slot."""
        ...

    def run_id_of(self, key: bytes) -> bytes:
        """Run id of the node that holds a key, as of the last connection; empty before the first."""
        ...

    def by_node(self, keys: Sequence[bytes]) -> Sequence[Sequence[bytes]]:
        """The keys in groups that one command may name: one group for each node."""
        ...
