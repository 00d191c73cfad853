"""What a person of the load test wants next, and what came of it: the language between habits and drivers."""

from collections.abc import Generator
from typing import TypeAlias

import msgspec


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Send one request and wait for its reply."""

    name: str
    """By which it is counted."""
    method: str
    path: str
    body: bytes = b""
    cookie: str = ""
    kind: str = "application/json"
    """What the body is."""
    turn: str = ""
    """Proof of how long this has waited, from a reply that said to wait."""
    of_gateway: bool = False
    """To the phone's short messages, not to the service; such calls are not counted."""


class Wait(msgspec.Struct, frozen=True):
    """Do nothing until then, in seconds from the beginning."""

    until_s: float


class Listen(msgspec.Struct, frozen=True, kw_only=True):
    """Hold an event stream open beside everything else, until a Drop or the end."""

    path: str
    cookie: str


class Drop(msgspec.Struct, frozen=True):
    """All connections are gone: the network went, or the page was left."""


class Reply(msgspec.Struct, frozen=True):
    """What came back; status 0 = nothing did."""

    status: int
    body: bytes = b""
    cookies: tuple[str, ...] = ()
    """`name=value` of each cookie that was set."""
    retry_after_s: float = 0.0
    sealed: str = ""
    """Name of the sealed paper that this is."""


Step: TypeAlias = Ask | Wait | Listen | Drop

Steps: TypeAlias = Generator[Step, Reply | None, None]
"""A driver sends the reply to an Ask, and None to everything else."""
