"""What a page reads of the service's replies, and no more."""

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus

import msgspec

from loadtest.steps import Reply


class Item(msgspec.Struct, frozen=True):
    """What a page needs of an item to answer it."""

    version: bytes
    kind: str
    options: int


class Shown(msgspec.Struct, frozen=True):
    """An item as a paper has it."""

    slot: int
    version: str
    kind: str
    options: list[msgspec.Raw]


class Paper(msgspec.Struct, frozen=True):
    """A paper as the page has it."""

    items: list[Shown]


class Exam(msgspec.Struct, frozen=True, rename="camel"):
    """One of a person's exams."""

    id: str
    spread_ms: int = 0
    """Pages start at some instant of this time after the opening."""


class Exams(msgspec.Struct, frozen=True):
    """The reply to the question for one's exams."""

    exams: list[Exam] = []


class ToldToWait(msgspec.Struct, frozen=True, rename="camel"):
    """A refusal that says to come again, and keeps the place in the line."""

    type: str
    again_ms: int
    turn: str


MUST_WAIT = "/problems/must-wait"
"""What such a refusal is called."""


def told_to_wait(reply: Reply) -> ToldToWait | None:
    """What somebody was told who must wait; None for every other reply."""
    if reply.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    try:
        told = msgspec.json.decode(reply.body, type=ToldToWait)
    except msgspec.DecodeError:
        return None
    return told if told.type == MUST_WAIT else None


class Begun(msgspec.Struct, frozen=True, rename="camel"):
    """The reply to a start."""

    fence: int
    seq: int
    paper: msgspec.Raw
    """`null` where a key came."""
    sync_every_ms: int
    paper_key: str | None = None


class Command(msgspec.Struct, frozen=True):
    no: int


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """The reply to a sync."""

    took: str
    fence: int
    seq: int
    head: str | None
    commands: list[Command] = []


class Photographed(msgspec.Struct, frozen=True, rename="camel"):
    """The reply to a camera picture."""

    next_ms: int


class Handed(msgspec.Struct, frozen=True):
    """The reply to a hand-in."""

    durable: bool
    receipt: str


def read_items(paper: bytes) -> Sequence[Item]:
    """The items of a paper by slot. Raises msgspec.DecodeError."""
    items = msgspec.json.decode(paper, type=Paper).items
    if [one.slot for one in items] != list(range(len(items))):
        raise msgspec.DecodeError("the slots of a paper are numbered from 0")
    return [_one_for_all(one.version, one.kind, len(one.options)) for one in items]


@lru_cache(maxsize=65_536)
def _one_for_all(version: str, kind: str, options: int) -> Item:
    """The same item is one object, whoever is asked it."""
    return Item(bytes.fromhex(version), kind, options)
