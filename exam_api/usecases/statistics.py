"""How the items of a session did, for those who wrote them; never for candidates, never for a mark."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.people import Login
from exam_api.ruling_ports import Owned, StoredPaper, Timed
from exam_api.usecases.console_parts import scope_of
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.item_times import took
from exam_api.usecases.remark import SlotBook, standing
from exam_api.usecases.rescoring_parts import RescoringParts, for_authors
from exam_api.usecases.shelf import Marking, marking_of
from question_pools.draw import Paper
from question_pools.items import Item, version_of
from scoring.corrections import Correction, Voided, accepted
from scoring.item_stats import ExamStatistics, Flag, ItemFacts, ItemStatistics, Sat, statistics
from scoring.rescore import placed, rescored


class SessionStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a session with the items they are about. Holds keys."""

    owned: Owned
    figures: ExamStatistics
    """Items with a suspect key first, then the weakest."""
    items: Mapping[str, Item]
    """By item version."""
    in_force: Mapping[str, Correction]


async def statistics_sessions(login: Login, parts: RescoringParts) -> Sequence[Owned]:
    """Sessions with scores that were drawn from the login's pools. Raises RecordAway."""
    return await parts.rulings.all_owned(scope_of(login))


async def session_statistics(session_id: UUID, login: Login, parts: RescoringParts) -> SessionStatistics:
    """Work the figures out from the stored papers and the newest runs.

    Raises NoSuchSession, StatisticsNotSound, RecordAway.
    """
    owned = await for_authors(session_id, login, parts)
    planned = await parts.exam.plans.load(session_id)
    if planned is None:
        raise NoSuchSession(session_id)
    in_force = standing(await parts.rulings.of_session(session_id)).corrections
    gathered = Gathered(
        marking_of(planned), in_force, {version_of(item): item for item in planned.pool.items}
    )
    async for batch in parts.rulings.papers(session_id):
        times = await parts.rulings.times([one.result.attempt_id for one in batch])
        await parts.in_thread(gathered.take, batch, times)
    figures = await parts.in_thread(gathered.figures)
    return SessionStatistics(
        owned=owned,
        figures=figures,
        items={one.version: gathered.items[one.version] for one in figures.items},
        in_force=in_force,
    )


class Gathered:
    """What the statistics are made from, batch by batch."""

    def __init__(
        self, marking: Marking, in_force: Mapping[str, Correction], items: Mapping[str, Item]
    ) -> None:
        self.items = items
        self._marking = marking
        self._book = SlotBook(marking)
        # Voided items are shown as they were answered, and nothing is rescaled (docs/marking.md §7).
        self._keyed = {version: one for version, one in in_force.items() if not isinstance(one, Voided)}
        self._sat: list[Sat] = []
        self._facts: dict[str, ItemFacts] = {}
        self._text: dict[str, str] = {}

    def take(self, batch: Sequence[StoredPaper], times: Mapping[UUID, Sequence[Timed]]) -> None:
        """Mark these papers item by item."""
        for stored in batch:
            paper = msgspec.msgpack.decode(stored.packed, type=Paper)
            plan = self._book.plan(paper)
            # One text for each version, however many papers hold it.
            versions = tuple(self._text.setdefault(slot.version, slot.version) for slot in paper.slots)
            picked = chain.masks(stored.result.answers, len(versions))
            for version, slot in zip(versions, plan.slots, strict=True):
                if version not in self._facts:
                    self._facts[version] = self._fact(version, slot.worth_centi)
            score = rescored(plan, picked, placed(versions, self._keyed))
            self._sat.append(
                Sat(
                    versions=versions,
                    picked=picked,
                    marks=score.marks,
                    took_ms=took(times.get(stored.result.attempt_id, ()), len(versions)),
                )
            )

    def figures(self) -> ExamStatistics:
        """Work them out. Raises StatisticsNotSound."""
        found = statistics(self._facts.values(), self._sat)
        return msgspec.structs.replace(found, items=tuple(sorted(found.items, key=_first_to_look_at)))

    def _fact(self, version: str, worth_centi: int) -> ItemFacts:
        correction = self._keyed.get(version)
        key = self._marking.book.keys[version]
        if correction is not None and not isinstance(correction, Voided):
            key = 0
            for one in accepted(correction):
                key |= one
        return ItemFacts(
            version=version, key=key, options=len(self.items[version].options), worth_centi=worth_centi
        )


def _first_to_look_at(one: ItemStatistics) -> tuple[bool, bool, float]:
    weakness = one.corrected if one.corrected is not None else 1.0
    return (Flag.SUSPECT_KEY not in one.flags, not set(one.flags) - {Flag.FEW}, weakness)
