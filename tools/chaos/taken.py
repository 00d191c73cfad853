"""What one candidate can show in the end, and what the service says when it refuses."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from exam_api.attempt.receipt import Said
from exam_api.http.wire_attempt import Paper, SubmitOut
from tools.bench.load import Reply
from tools.chaos.line import KeptOp
from tools.chaos.network import body_of, retry_after_s


class Problem(Exception):
    """The service refused a call."""

    def __init__(self, reply: Reply) -> None:
        told = _told(reply)
        self.status = reply.status
        self.slug = str(told.get("type", "")).rpartition("/")[2]
        self.told = told
        self.wait_s = retry_after_s(reply)
        super().__init__(f"{reply.status} {self.slug}")


@dataclass
class Taken:
    """What one candidate can show in the end: every op made, every receipt got, on whatever phone."""

    attempt_id: UUID
    paper: Paper | None = None
    lines: dict[int, list[KeptOp]] = field(default_factory=dict[int, list[KeptOp]])
    """By fence: everything that was tapped."""
    acked: dict[int, int] = field(default_factory=dict[int, int])
    """By fence: highest seq that a receipt was given for."""
    macs: list[tuple[Said, str]] = field(default_factory=list[tuple[Said, str]])
    false_heads: int = 0
    """Receipts whose head is not the one this phone computed."""
    forks: int = 0
    hand_ins: list[SubmitOut] = field(default_factory=list[SubmitOut])
    """Every reply to a hand-in."""
    refusals: dict[str, int] = field(default_factory=dict[str, int])
    sealed_starts: int = 0
    """Starts that brought a key, and it opened the paper that lay on the phone."""
    result_page: SubmitOut | None = None
    """What was told when everything was over."""


def _told(reply: Reply) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body_of(reply), type=dict[str, Any])
    except msgspec.DecodeError:
        return {}
    return told
