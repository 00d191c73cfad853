"""What rescoring, statistics and score reviews need of the record.

Every method may raise RecordAway. Adapters write the audit line in the same transaction.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

import msgspec

from exam_api.people import Reach
from exam_api.record import Result, SessionFacts
from scoring.corrections import Ruling

MOST_ATTEMPTS: Final = 10_000
"""Attempts of one session at most: ticket numbers end there (`enrollment.ticket`)."""


class RulingState(StrEnum):
    """Follows from the decision; never stored by itself."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"


class KeptRuling(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling with who proposed it and what the second person said."""

    session_id: UUID
    institution_id: UUID
    """Of the session."""
    ruling: Ruling
    proposed_by: UUID
    proposer: str
    proposed_ms: int
    state: RulingState = RulingState.PROPOSED
    decided_by: UUID | None = None
    decider: str = ""
    decided_ms: int = 0
    decided_reason: str = ""
    runs: int = 0
    """Score runs that the agreement made."""


class WaitingRuling(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed ruling in a list of what waits."""

    kept: KeptRuling
    session: str


class StoredPaper(msgspec.Struct, frozen=True):
    """One scored attempt with the paper it was scored on, as it lies in the record."""

    result: Result
    """The newest run."""
    packed: bytes
    """msgpack of `question_pools.draw.Paper`: item versions stand in it as text."""


class Timed(msgspec.Struct, frozen=True):
    """One held op, as far as times per slot go."""

    fence: int
    slot: int
    client_ms: int


class Named(msgspec.Struct, frozen=True):
    """A candidate as a list of consequences names them."""

    name: str
    ticket_no: str


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """A session with who owns the pool it is drawn from."""

    facts: SessionFacts
    pool_institution_id: UUID | None
    """None: the department."""
    scored: int
    """Attempts with a score."""


class Rulings(Protocol):
    """Rulings, the score runs they make, and the papers they are worked out from."""

    async def of_session(self, session_id: UUID) -> Sequence[KeptRuling]:
        """All of them, oldest first."""
        ...

    async def propose(self, kept: KeptRuling) -> bool:
        """Append it; False where another waits or came first: then nothing is written."""
        ...

    async def decline(self, kept: KeptRuling) -> bool:
        """Append the decision of `kept`; False where it was decided before."""
        ...

    async def agree(self, kept: KeptRuling, runs: Sequence[bytes]) -> bool:
        """Decision, runs (packed batches, see `pack_runs`) and audit line in one transaction.

        False where it was decided before, or somebody else appended a run meanwhile: nothing is written.
        """
        ...

    async def add_runs(self, runs: Sequence[bytes]) -> int:
        """Append runs of attempts that were scored beside a ruling. How many were new."""
        ...

    def papers(
        self, session_id: UUID, *, only: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredPaper]]:
        """Scored attempts in batches, in the order of their ids; `only` these, where given."""
        ...

    async def newest_runs(self, session_id: UUID) -> Mapping[UUID, int]:
        """By attempt the number of its newest run."""
        ...

    async def times(self, attempts: Sequence[UUID]) -> Mapping[UUID, Sequence[Timed]]:
        """Held ops of these attempts, in the order of fences and seqs."""
        ...

    async def names(self, attempts: Sequence[UUID]) -> Mapping[UUID, Named]: ...

    async def item_names(self, versions: Collection[str]) -> Mapping[str, str]:
        """By item version (hex) the id of its item."""
        ...

    async def waiting(self, reach: Reach) -> Sequence[WaitingRuling]:
        """Proposed rulings that nobody has decided, oldest first."""
        ...

    async def owned(self, session_id: UUID) -> Owned | None: ...

    async def all_owned(self, reach: Reach) -> Sequence[Owned]:
        """Sessions with a score whose pool lies in reach, newest first."""
        ...


class ReviewState(StrEnum):
    """Stored values."""

    OPEN = "open"
    DONE = "done"


class Differs(StrEnum):
    """What of a score does not follow from the record. Stored values."""

    OPS = "ops"
    """The recorded ops do not give the answers that were scored."""
    DIGEST = "digest"
    """The answers do not have the digest that the receipt states."""
    HEAD = "head"
    """The ops do not end in the head that the receipt states, or some are missing."""
    MARKS = "marks"
    """The answers do not give this score under the rulings in force."""


class ReviewOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What working a score out anew brought."""

    run: int
    """Of the score that stood."""
    differs: tuple[Differs, ...]
    """Empty: equal throughout."""
    stands_centi: int
    stands_passed: bool
    anew_centi: int
    anew_passed: bool
    ops: int
    """Recorded ops that were replayed."""
    rulings: int
    """Rulings in force."""

    @property
    def equal(self) -> bool:
        """The score follows from the record."""
        return not self.differs


class ScoreReview(msgspec.Struct, frozen=True, kw_only=True):
    """A request to work a score out anew, or what came of it."""

    id: UUID
    attempt_id: UUID
    session_id: UUID
    institution_id: UUID
    asked_by: str
    """`candidate` or `staff:<uuid>`."""
    asked_ms: int
    reason: str = ""
    state: ReviewState = ReviewState.OPEN
    outcome: ReviewOutcome | None = None
    done_by: UUID | None = None
    done_ms: int = 0


class ReviewLine(msgspec.Struct, frozen=True, kw_only=True):
    """A review in a list."""

    review: ScoreReview
    name: str
    ticket_no: str
    session: str
    institution: str


class WholeReview(msgspec.Struct, frozen=True, kw_only=True):
    """The review of a whole session, for its audit line."""

    session_id: UUID
    institution_id: UUID
    done_by: UUID
    done_ms: int
    checked: int
    equal: int


class HeldOps(msgspec.Struct, frozen=True):
    """What the record holds of one attempt's answers, canonical bytes."""

    held: bytes = b""
    late: bytes = b""
    """Late ops, where their request was accepted."""


class Reviews(Protocol):
    """Score reviews."""

    async def ask(self, review: ScoreReview) -> bool:
        """Open a request; False where one is open."""
        ...

    async def of_attempt(self, attempt_id: UUID) -> ScoreReview | None:
        """The latest."""
        ...

    async def review(self, review_id: UUID) -> ScoreReview | None: ...

    async def listed(self, reach: Reach, *, open_only: bool) -> Sequence[ReviewLine]:
        """Open ones first, then the latest."""
        ...

    async def done(self, review: ScoreReview) -> bool:
        """Keep the outcome and its audit line; False where it was done before."""
        ...

    async def done_whole(self, whole: WholeReview, reviews: Sequence[ScoreReview]) -> None:
        """Keep outcomes of a session: open requests are answered, others are new. One audit line."""
        ...

    async def ops(self, attempts: Sequence[UUID]) -> Mapping[UUID, HeldOps]:
        """What the scores of these attempts are worked out from."""
        ...

    async def open_of(self, session_id: UUID) -> Mapping[UUID, ScoreReview]:
        """Open requests of a session, by attempt."""
        ...
