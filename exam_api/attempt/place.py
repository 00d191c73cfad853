"""Places in the chains of an attempt, and ops that lie between two of them."""

from typing import Final

import msgspec

from exam_api.attempt.chain import OP_BYTES


class Place(msgspec.Struct, frozen=True, order=True):
    """Everything up to it, older fences included."""

    fence: int
    seq: int


NOTHING: Final = Place(1, 0)
"""Before the first op of an attempt: no op needs to be on record to have reached it."""


EVERYTHING: Final = Place(1 << 32, 0)
"""Behind the last op of any attempt: a fence has 32 bits."""


class Said(msgspec.Struct, frozen=True):
    """Where a page says that its chain ends."""

    seq: int
    head: bytes


class HeldOps(msgspec.Struct, frozen=True, kw_only=True):
    """Ops that count, one after the other, as one call brought them."""

    fence: int
    base: int
    """Seq before the first."""
    ops: bytes
    """Canonical."""
    at_ms: int
    """When the server had them."""

    @property
    def begin(self) -> Place:
        """What they follow on."""
        return Place(self.fence, self.base)

    @property
    def end(self) -> Place:
        """The last of them."""
        return Place(self.fence, self.base + len(self.ops) // OP_BYTES)
