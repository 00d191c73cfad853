"""Before a key is corrected: whom every remedy would move, side by side. Changes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.people import Login
from exam_api.ruling_ports import Named, Owned, StoredPaper
from exam_api.usecases.errors import NoSuchSession, SessionNotOver
from exam_api.usecases.remark import SlotBook, holds, needles, standing
from exam_api.usecases.rescoring_parts import RescoringParts, for_rulers
from exam_api.usecases.shelf import Marking, marking_of
from question_pools.draw import Paper
from question_pools.items import Item, Kind, version_of
from scoring.corrections import Correction, Voided, accepted, check_correction
from scoring.errors import CorrectionNotSound
from scoring.radius import Attempted, Fault, Moved, Remedy, radii, remedies

BINS: Final = 20
"""Bars of the picture of scores, each a twentieth of the full points; full points have one of their own."""


class PreviewAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One faulty item, and what the same ruling already does about others."""

    session_id: UUID
    login: Login
    version: str
    new_key: int | None
    """None: no answer is right."""
    others: Mapping[str, Correction]


class Candidate(msgspec.Struct, frozen=True):
    """Somebody whose score would change."""

    moved: Moved
    named: Named


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy and what it would do."""

    correction: Correction
    moved: tuple[Candidate, ...]
    """Whose total changes: passes won or lost first, then by how near they come to the pass mark."""
    won: int
    lost: int
    impossible: int
    """Papers of which it would leave nothing in a section; with any it cannot be applied."""
    passed: int
    bins: tuple[int, ...]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """All remedies beside each other. Holds keys."""

    owned: Owned
    item: Item
    version: str
    candidates: int
    saw: int
    picks: Mapping[int, int]
    """How many gave each answer, by mask, of those who saw the item."""
    passed: int
    """Now."""
    bins: tuple[int, ...]
    ways: Mapping[Remedy, Way]


async def preview_ruling(ask: PreviewAsk, parts: RescoringParts) -> Preview:
    """Mark every attempt under each remedy, on top of what is in force.

    Raises NoSuchSession, SessionNotOver, CorrectionNotSound, RecordAway.
    """
    owned, items, marking = await ruled_session(ask.session_id, ask.login, parts)
    item = items.get(ask.version)
    if item is None:
        raise CorrectionNotSound("the session's pool does not hold this item")
    fault = Fault(ask.version, marking.book.keys[ask.version], ask.new_key)
    chosen = remedies(fault)
    for correction in chosen.values():
        check_corrections({ask.version: correction, **ask.others}, items)
    in_force = standing(await parts.rulings.of_session(ask.session_id)).corrections
    ways = {
        remedy: {**in_force, **ask.others, ask.version: correction} for remedy, correction in chosen.items()
    }
    survey = Survey(marking, ways, ask.version, full_centi=owned.facts.full_centi)
    async for batch in parts.rulings.papers(ask.session_id):
        await parts.in_thread(survey.take, batch)
    named = await parts.rulings.names(survey.moved_ids())
    pass_centi = owned.facts.pass_centi
    return Preview(
        owned=owned,
        item=item,
        version=ask.version,
        candidates=survey.candidates,
        saw=survey.saw,
        picks=dict(survey.picks),
        passed=survey.passed,
        bins=tuple(survey.bins),
        ways={
            remedy: survey.way(remedy, correction, named, pass_centi) for remedy, correction in chosen.items()
        },
    )


async def ruled_session(
    session_id: UUID, login: Login, parts: RescoringParts
) -> tuple[Owned, Mapping[str, Item], Marking]:
    """A finished session that the login may rule on, with its items and keys.

    Raises NoSuchSession, SessionNotOver, RecordAway.
    """
    owned = await for_rulers(session_id, login, parts)
    if parts.exam.clock.now_ms() < owned.facts.closes_ms:
        raise SessionNotOver(closes_ms=owned.facts.closes_ms)
    planned = await parts.exam.plans.load(session_id)
    if planned is None:
        raise NoSuchSession(session_id)
    return owned, {version_of(item): item for item in planned.pool.items}, marking_of(planned)


def check_corrections(corrections: Mapping[str, Correction], items: Mapping[str, Item]) -> None:
    """See that every correction fits its item: its options, and one option only where one may be chosen.

    Raises CorrectionNotSound.
    """
    for version, correction in corrections.items():
        item = items.get(version)
        if item is None:
            raise CorrectionNotSound("the session's pool does not hold this item")
        check_correction(correction, options=len(item.options))
        if isinstance(correction, Voided) or item.kind is Kind.MULTI:
            continue
        if any(key.bit_count() != 1 for key in accepted(correction)):
            raise CorrectionNotSound("a key of several options for an item where one is chosen")


class Survey:
    """Goes over the attempts of a session once, batch by batch; keeps those whose total changes."""

    def __init__(
        self,
        marking: Marking,
        ways: Mapping[Remedy, Mapping[str, Correction]],
        version: str,
        *,
        full_centi: int,
    ) -> None:
        self.candidates = 0
        self.saw = 0
        self.passed = 0
        self.bins = [0] * (BINS + 1)
        self.picks: Counter[int] = Counter()
        self._book = SlotBook(marking)
        self._ways = ways
        self._version = version
        self._full_centi = full_centi
        self._needles = needles({version for way in ways.values() for version in way})
        self._moved: dict[Remedy, list[Moved]] = {way: [] for way in ways}
        self._impossible: Counter[Remedy] = Counter()
        self._passed: Counter[Remedy] = Counter()
        self._bins: dict[Remedy, list[int]] = {way: [0] * (BINS + 1) for way in ways}

    def take(self, batch: Sequence[StoredPaper]) -> None:
        """Count these attempts; a paper without a corrected item keeps its score (docs/marking.md §8.2)."""
        touched: list[Attempted] = []
        for stored in batch:
            score = stored.result.score
            self.candidates += 1
            self.passed += score.passed
            self.bins[self._bin(score.total_centi)] += 1
            if holds(stored.packed, self._needles):
                touched.append(self._attempted(stored))
            else:
                for way in self._ways:
                    self._passed[way] += score.passed
                    self._bins[way][self._bin(score.total_centi)] += 1
        for way, radius in radii(touched, self._ways).items():
            self._impossible[way] += len(radius.impossible)
            self._moved[way] += radius.changed
            for one in radius.moved:
                self._passed[way] += one.passes_after
                self._bins[way][self._bin(one.after_centi)] += 1

    def moved_ids(self) -> Sequence[UUID]:
        """Attempts whose total some remedy changes."""
        return sorted({UUID(one.attempt_id) for moved in self._moved.values() for one in moved})

    def way(
        self, remedy: Remedy, correction: Correction, named: Mapping[UUID, Named], pass_centi: int
    ) -> Way:
        """What one remedy would do."""
        moved = sorted(
            self._moved[remedy],
            key=lambda one: (not one.flips, one.passes_after, abs(one.after_centi - pass_centi)),
        )
        nobody = Named("", "")
        return Way(
            correction=correction,
            moved=tuple(Candidate(one, named.get(UUID(one.attempt_id), nobody)) for one in moved),
            won=sum(one.flips and one.passes_after for one in moved),
            lost=sum(one.flips and one.passed_before for one in moved),
            impossible=self._impossible[remedy],
            passed=self._passed[remedy],
            bins=tuple(self._bins[remedy]),
        )

    def _attempted(self, stored: StoredPaper) -> Attempted:
        paper = msgspec.msgpack.decode(stored.packed, type=Paper)
        versions = tuple(slot.version for slot in paper.slots)
        picked = chain.masks(stored.result.answers, len(versions))
        if self._version in versions:
            self.saw += 1
            self.picks[picked[versions.index(self._version)]] += 1
        return Attempted(
            attempt_id=str(stored.result.attempt_id),
            versions=versions,
            plan=self._book.plan(paper),
            picked=picked,
            stands=stored.result.score,
        )

    def _bin(self, total_centi: int) -> int:
        return min(total_centi * BINS // self._full_centi, BINS) if self._full_centi else 0
