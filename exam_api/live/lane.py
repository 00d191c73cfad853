"""What the live state asks of its way to Redis, be it one node or a cluster of them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

from exam_api.live.scripts import Script

Word: TypeAlias = bytes | str | int
"""One word of a command."""


class Lane(Protocol):
    """Calls go out at once and are answered in futures; refuses with `LiveAway` where nobody serves."""

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

    def command(self, *words: Word) -> "asyncio.Future[Any]":
        """Run a plain command; as `run`. Its keys lie in one slot."""
        ...

    def run_id_of(self, key: bytes) -> bytes:
        """Run id of the node that holds a key, as of the last connection; empty before the first."""
        ...

    def by_node(self, keys: Sequence[bytes]) -> Sequence[Sequence[bytes]]:
        """The keys in groups that one command may name: one group for each node."""
        ...
