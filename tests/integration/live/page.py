"""A candidate's page as the live state sees it: ops in order, their chain, every head kept until the end."""

from hashlib import sha256
from struct import pack
from uuid import UUID, uuid4

from exam_api.attempt.model import ArmedAttempt, Op, OpKind, SyncAsk, Takeover
from exam_api.people import Login, Role

NOW = 1_763_778_600_000
MINUTE = 60_000
SESSION = UUID(int=0xE5E5)
SLOTS = 12


def armed(attempt_id: UUID, **changes: object) -> ArmedAttempt:
    facts: dict[str, object] = {
        "attempt_id": attempt_id,
        "session_id": SESSION,
        "institution_id": UUID(int=1),
        "person_id": UUID(int=2),
        "label": "张三|000000001|12",
        "paper": b"paper of " + attempt_id.bytes,
        "paper_digest": b"d" * 32,
        "slots": SLOTS,
        "opens_ms": NOW,
        "latest_entry_ms": NOW + 30 * MINUTE,
        "closes_ms": NOW + 120 * MINUTE,
        "length_ms": 60 * MINUTE,
        "earliest_hand_in_ms": 0,
        "takeover": Takeover.OWN,
        "late_hold": True,
    }
    return ArmedAttempt(**(facts | changes))  # type: ignore[arg-type]


class Page:
    """One device under one fence. Heads are computed here again, independently of `attempt.chain`."""

    def __init__(self, attempt_id: UUID, fence: int = 1) -> None:
        self.attempt_id = attempt_id
        self.fence = fence
        self.ops: list[bytes] = []
        self.heads = [sha256(b"kaowu-chain-1" + attempt_id.bytes + pack(">I", fence)).digest()]
        self.masks: dict[int, int] = {}

    @property
    def seq(self) -> int:
        return len(self.ops)

    def answer(self, slot: int, mask: int) -> "Page":
        self._make(Op(self.seq + 1, OpKind.ANSWER, slot, bytes([slot]) * 16, mask, NOW + self.seq))
        self.masks[slot] = mask
        return self

    def answers(self, count: int) -> "Page":
        for _ in range(count):
            self.answer(self.seq % SLOTS, self.seq % 31 + 1)
        return self

    def hand_in(self) -> "Page":
        self._make(Op(self.seq + 1, OpKind.HAND_IN, 0, bytes(16), 0, NOW))
        return self

    def ask(self, base: int = 0, upto: int | None = None, **changes: object) -> SyncAsk:
        """A sync of ops base+1 … upto."""
        upto = self.seq if upto is None else upto
        facts: dict[str, object] = {
            "attempt_id": self.attempt_id,
            "fence": self.fence,
            "base": base,
            "ops": b"".join(self.ops[base:upto]),
            "heads": b"".join(self.heads[base : upto + 1]),
            "events": b"",
            "ack_command": 0,
            "now_ms": NOW + 1_000,
            "source": "aa",
        }
        return SyncAsk(**(facts | changes))  # type: ignore[arg-type]

    @property
    def head(self) -> bytes:
        """As the live state tells it: empty at seq 0."""
        return self.heads[-1] if self.ops else b""

    def packed(self, after: int, upto: int | None = None) -> bytes:
        return b"".join(self.ops[after:upto])

    def _make(self, op: Op) -> None:
        raw = pack(">IIBH", self.fence, op.seq, op.kind, op.slot) + op.version
        raw += pack(">IQ", op.mask, op.client_ms)
        self.ops.append(raw)
        self.heads.append(sha256(self.heads[-1] + raw).digest())


def masks_of(answers: bytes) -> dict[int, int]:
    """Slot → mask of those that bear an answer."""
    found = {at // 4: int.from_bytes(answers[at : at + 4], "big") for at in range(0, len(answers), 4)}
    return {slot: mask for slot, mask in found.items() if mask}


def candidate(*, until_ms: int) -> Login:
    """Somebody who is logged in."""
    return Login(
        id=uuid4(),
        role=Role.CANDIDATE,
        subject_id=uuid4(),
        institution_id=None,
        name="考生",
        since_ms=NOW,
        until_ms=until_ms,
    )
