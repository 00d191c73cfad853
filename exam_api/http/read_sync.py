"""Reading a sync without regular expressions: they cost more than all the rest of reading it.

What is read here is what `SyncIn` describes. The digits of heads and versions are looked at by turning them
into bytes and back; whatever is not as it should be is read again by `SyncIn`, which says what is wrong.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from exam_api.http.wire_attempt import EventIn, Mask, SyncIn, Wire

_HEAD_DIGITS: Final = 64
_VERSION_DIGITS: Final = 32


class OpRead(Wire, kw_only=True, gc=False):
    """`OpIn` whose version has the right length."""

    seq: Annotated[int, Meta(ge=1, le=1_000_000)]
    kind: Annotated[int, Meta(ge=1, le=2)] = 1
    slot: Annotated[int, Meta(ge=0, lt=1000)]
    version: Annotated[str, Meta(min_length=_VERSION_DIGITS, max_length=_VERSION_DIGITS)]
    mask: Mask
    client_ms: Annotated[int, Meta(ge=0, lt=1 << 53)]


class SyncRead(Wire, kw_only=True, gc=False):
    """`SyncIn` whose head has the right length."""

    base: Annotated[int, Meta(ge=0, le=1_000_000)]
    base_head: Annotated[str, Meta(min_length=_HEAD_DIGITS, max_length=_HEAD_DIGITS)] | None = None
    ops: Annotated[list[OpRead], Meta(max_length=300)] = msgspec.field(default_factory=list[OpRead])
    events: Annotated[list[EventIn], Meta(max_length=32)] = msgspec.field(default_factory=list[EventIn])
    ack_command: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    want_side: bool = False


_read: Final = msgspec.json.Decoder(SyncRead).decode
_read_strictly: Final = msgspec.json.Decoder(SyncIn).decode


def read_sync(body: bytes) -> SyncRead | SyncIn:
    """A sync as it came. Raises msgspec.DecodeError, UnicodeDecodeError as `SyncIn` would."""
    try:
        said = _read(body)
        hexes = _is_hex(said.base_head or "")
        for op in said.ops:
            hexes = hexes and _is_hex(op.version)
        if hexes:
            return said
    except ValueError:  # msgspec's refusals descend from it
        return _read_strictly(body)
    return _read_strictly(body)


def _is_hex(digits: str) -> bool:
    """Whether these are small hex digits and nothing else. Raises ValueError for others."""
    return bytes.fromhex(digits).hex() == digits
