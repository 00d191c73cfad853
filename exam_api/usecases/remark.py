"""Marking stored papers anew under the rulings in force."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from exam_api.attempt import chain
from exam_api.record import Result
from exam_api.ruling_ports import KeptRuling, RulingState, StoredPaper
from exam_api.usecases.shelf import Marking
from question_pools.draw import Paper
from scoring.corrections import Correction, Ruling, in_force
from scoring.errors import NothingLeft
from scoring.paper import MarkPlan, MarkSlot, PaperScore
from scoring.rescore import placed, rescored

CAUSE = "rescored"
"""What a score run says made it."""


class Standing(msgspec.Struct, frozen=True):
    """The rulings of a session that were agreed to, and what follows from them."""

    history: tuple[Ruling, ...]
    corrections: Mapping[str, Correction]

    @property
    def number(self) -> int | None:
        """Of the newest ruling: what a run made now is marked with."""
        return self.history[-1].number if self.history else None


class SlotBook:
    """Mark plans of many papers of one session: what is known of an item in a section is looked up once."""

    def __init__(self, marking: Marking) -> None:
        self._marking = marking
        self._slots: dict[tuple[str, int], MarkSlot] = {}
        self._head: MarkPlan | None = None

    def plan(self, paper: Paper) -> MarkPlan:
        """As `Marking.plan`."""
        held = self._slots
        try:
            slots = tuple([held[slot.version, slot.section] for slot in paper.slots])
        except KeyError:
            fresh = self._marking.plan(paper)
            for slot, its in zip(paper.slots, fresh.slots, strict=True):
                held[slot.version, slot.section] = its
            self._head = fresh
            return fresh
        head = self._head
        if head is None:  # an empty paper came first
            return self._marking.plan(paper)
        return MarkPlan(slots, head.sections, head.pass_centi, head.parts)


def standing(kept: Sequence[KeptRuling]) -> Standing:
    """What is in force of all rulings of a session."""
    history = tuple(one.ruling for one in kept if one.state is RulingState.AGREED)
    return Standing(history, in_force(history))


def marked(
    marking: Marking | SlotBook, paper: Paper, answers: bytes, corrections: Mapping[str, Correction]
) -> PaperScore:
    """The score of one paper under corrections by item version.

    Raises NothingLeft.
    """
    versions = [slot.version for slot in paper.slots]
    picked = chain.masks(answers, len(versions))
    return rescored(marking.plan(paper), picked, placed(versions, corrections))


def needles(versions: Collection[str]) -> tuple[bytes, ...]:
    """Item versions as they stand in a packed paper."""
    return tuple(version.encode() for version in sorted(versions))


def holds(packed: bytes, wanted: Sequence[bytes]) -> bool:
    """Whether a packed paper holds one of the items; unpacking it costs a hundred times as much."""
    return any(one in packed for one in wanted)


def changed(
    batch: Sequence[StoredPaper],
    marking: Marking,
    under: Standing,
    *,
    touched: Collection[str],
    at_ms: int,
) -> list[Result]:
    """The score runs that a batch of attempts gets: of those whose score is another now.

    Args:
        touched: item versions that are corrected otherwise than before; papers without any stay as they are.

    Raises NothingLeft.
    """
    wanted, book = needles(touched), SlotBook(marking)
    fresh: list[Result] = []
    for stored in batch:
        if not holds(stored.packed, wanted):
            continue
        paper = msgspec.msgpack.decode(stored.packed, type=Paper)
        score = marked(book, paper, stored.result.answers, under.corrections)
        if score != stored.result.score:
            fresh.append(next_run(stored.result, score, under, at_ms=at_ms))
    return fresh


def changed_but_impossible(
    batch: Sequence[StoredPaper], marking: Marking, under: Standing, *, at_ms: int
) -> list[Result]:
    """As `changed` for attempts that came after a ruling: one it leaves nothing of keeps its own score."""
    fresh: list[Result] = []
    for stored in batch:
        try:
            fresh += changed([stored], marking, under, touched=tuple(under_ever(under)), at_ms=at_ms)
        except NothingLeft:
            continue
    return fresh


def under_ever(under: Standing) -> set[str]:
    """Item versions that any ruling corrected, also one that was taken back."""
    return {version for ruling in under.history for version in ruling.corrections}


def next_run(result: Result, score: PaperScore, under: Standing, *, at_ms: int) -> Result:
    """The score run that follows on one."""
    return msgspec.structs.replace(
        result, run=result.run + 1, cause=CAUSE, score=score, ruling=under.number, scored_ms=at_ms
    )


def packed_runs(results: Sequence[Result]) -> bytes:
    """A batch as it waits for its transaction: a tenth of what it takes as objects."""
    return msgspec.msgpack.encode(results)
