"""Statistics, previews, rulings and reviews as the wire says them."""

from collections.abc import Mapping, Sequence
from typing import Final

from enrollment.identity import mask_name
from exam_api.http.wire_rescoring import (
    ItemFigures,
    MovedRow,
    OptionFigures,
    PickOut,
    ReviewOutcomeOut,
    RulingCorrectionIn,
    RulingCorrectionOut,
    RulingPreviewOut,
    RulingRow,
    StatisticsOut,
    StatisticsSession,
    WayOut,
)
from exam_api.people import Login, Role
from exam_api.ruling_ports import KeptRuling, Owned, ReviewOutcome
from exam_api.usecases.console_parts import reaches
from exam_api.usecases.preview_ruling import Candidate, Preview, Way
from exam_api.usecases.remark import standing
from exam_api.usecases.rescoring_parts import owns
from exam_api.usecases.statistics import SessionStatistics
from exam_api.visible import Field, Sight, sight_of_session
from question_pools.items import Item
from scoring.corrections import Correction, KeyChanged, KeysAccepted, Voided, VoidPolicy, accepted
from scoring.errors import CorrectionNotSound
from scoring.item_stats import ItemStatistics
from scoring.radius import Remedy

ROWS: Final = 500
"""Candidates of one remedy sent to a page."""


def session_out(owned: Owned, login: Login) -> StatisticsSession:
    """A session as authors see it."""
    facts = owned.facts
    office = login.role in {Role.OFFICER, Role.INSTITUTION_ADMIN}
    return StatisticsSession(
        id=str(facts.id),
        title=facts.title,
        institution=facts.institution,
        opens_ms=facts.opens_ms,
        closes_ms=facts.closes_ms,
        scored=owned.scored,
        may_rule=office and owns(login, owned.pool_institution_id) and reaches(login, facts.institution_id),
    )


def statistics_out(found: SessionStatistics, login: Login) -> StatisticsOut:
    """All figures of a session."""
    figures = found.figures
    sure = figures.reliability
    return StatisticsOut(
        session=session_out(found.owned, login),
        candidates=figures.candidates,
        complete=figures.complete,
        alpha=sure.alpha if sure else None,
        kr20=sure.kr20 if sure else None,
        sem_centi=sure.sem_centi if sure else None,
        items=[
            _item(one, found.items[one.version], found.in_force.get(one.version)) for one in figures.items
        ],
    )


def corrections_in(given: Sequence[RulingCorrectionIn]) -> Mapping[str, Correction]:
    """Corrections by item version.

    Raises CorrectionNotSound.
    """
    found = {one.version: _correction(one) for one in given}
    if len(found) != len(given):
        raise CorrectionNotSound("one item is corrected twice in one ruling")
    return found


def preview_out(
    found: Preview, login: Login, *, new_key: int | None, key: int, took_ms: int
) -> RulingPreviewOut:
    """All remedies side by side."""
    facts, item = found.owned.facts, found.item
    sight = sight_of_session(login, facts.institution_id)
    return RulingPreviewOut(
        took_ms=took_ms,
        session=session_out(found.owned, login),
        pass_centi=facts.pass_centi,
        full_centi=facts.full_centi,
        version=found.version,
        item_id=item.id,
        kind=item.kind.value,
        stem=item.stem,
        options=[option.text for option in item.options],
        key=key,
        new_key=new_key,
        saw=found.saw,
        picks=[PickOut(mask=mask, count=count) for mask, count in sorted(found.picks.items())],
        candidates=found.candidates,
        passed=found.passed,
        bins=list(found.bins),
        ways=[_way(remedy, way, sight) for remedy, way in found.ways.items()],
    )


def ruling_rows(kept: Sequence[KeptRuling], login: Login, names: Mapping[str, str]) -> list[RulingRow]:
    """The history of a session, newest first."""
    taken_back = {one.takes_back for one in standing(kept).history}
    agreed = {one.number for one in standing(kept).history}
    return [
        RulingRow(
            number=one.ruling.number,
            reason=one.ruling.reason,
            corrections=[
                _correction_out(version, correction, names.get(version, version))
                for version, correction in sorted(one.ruling.corrections.items(), key=_first)
            ],
            takes_back=one.ruling.takes_back,
            proposer=one.proposer,
            proposed_ms=one.proposed_ms,
            own=one.proposed_by == login.subject_id,
            state=one.state,
            decider=one.decider,
            decided_ms=one.decided_ms,
            decided_reason=one.decided_reason,
            runs=one.runs,
            in_force=one.ruling.number in agreed - taken_back and one.ruling.takes_back is None,
        )
        for one in reversed(kept)
    ]


def outcome_out(outcome: ReviewOutcome | None) -> ReviewOutcomeOut | None:
    """What working a score out anew brought."""
    if outcome is None:
        return None
    return ReviewOutcomeOut(
        equal=outcome.equal,
        differs=[str(one) for one in outcome.differs],
        run=outcome.run,
        stands_centi=outcome.stands_centi,
        stands_passed=outcome.stands_passed,
        anew_centi=outcome.anew_centi,
        anew_passed=outcome.anew_passed,
        ops=outcome.ops,
        rulings=outcome.rulings,
    )


def moved_row(one: Candidate, sight: Sight) -> MovedRow:
    """A candidate whose score would change, as far as somebody sees them."""
    return MovedRow(
        id=one.moved.attempt_id,
        name=sight.text(Field.NAME, one.named.name, mask_name(one.named.name)),
        ticket_no=sight.text(Field.TICKET, one.named.ticket_no),
        before_centi=one.moved.before_centi,
        after_centi=one.moved.after_centi,
        passed_before=one.moved.passed_before,
        passes_after=one.moved.passes_after,
    )


def _first(pair: tuple[str, Correction]) -> str:
    return pair[0]


def _item(one: ItemStatistics, item: Item, correction: Correction | None) -> ItemFigures:
    return ItemFigures(
        version=one.version,
        item_id=item.id,
        kind=item.kind.value,
        outline=item.outline,
        stem=item.stem,
        pictures=list(item.pictures),
        corrected_by=_kind(correction),
        seen=one.seen,
        blank=one.blank,
        p=one.p,
        point_biserial=one.point_biserial,
        corrected=one.corrected,
        d27=one.d27,
        alpha_without=one.alpha_without,
        median_ms=one.median_ms,
        flags=[str(flag) for flag in one.flags],
        options=[
            OptionFigures(
                text=option.text,
                picture=option.picture,
                right=row.right,
                count=row.count,
                share=row.share,
                mean_total_centi=row.mean_total_centi,
                point_biserial=row.point_biserial,
                idle=row.idle,
            )
            for option, row in zip(item.options, one.options, strict=True)
        ],
    )


def _kind(correction: Correction | None) -> str:
    match correction:
        case None:
            return ""
        case KeyChanged():
            return "key_changed"
        case KeysAccepted():
            return "keys_accepted"
        case Voided():
            return "voided"


def _way(remedy: Remedy, way: Way, sight: Sight) -> WayOut:
    return WayOut(
        remedy=remedy,
        keys=_keys(way.correction),
        changed=len(way.moved),
        won=way.won,
        lost=way.lost,
        certificates=0,
        impossible=way.impossible,
        passed=way.passed,
        bins=list(way.bins),
        rows=[moved_row(one, sight) for one in way.moved[:ROWS]] if sight.may(Field.SCORE) else [],
    )


def _keys(correction: Correction) -> list[int]:
    return [] if isinstance(correction, Voided) else list(accepted(correction))


def _correction(given: RulingCorrectionIn) -> Correction:
    match Remedy(given.remedy):
        case Remedy.NEW_KEY:
            if len(given.keys) != 1:
                raise CorrectionNotSound("a changed key is one key")
            return KeyChanged(given.keys[0])
        case Remedy.ACCEPT_SEVERAL:
            return KeysAccepted(tuple(given.keys))
        case Remedy.FULL_MARKS:
            return Voided(VoidPolicy.FULL_MARKS)
        case Remedy.REMOVE_RESCALE:
            return Voided(VoidPolicy.REMOVE_RESCALE)


def _correction_out(version: str, correction: Correction, item_id: str) -> RulingCorrectionOut:
    match correction:
        case KeyChanged():
            remedy = Remedy.NEW_KEY
        case KeysAccepted():
            remedy = Remedy.ACCEPT_SEVERAL
        case Voided(policy=VoidPolicy.FULL_MARKS):
            remedy = Remedy.FULL_MARKS
        case Voided():
            remedy = Remedy.REMOVE_RESCALE
    return RulingCorrectionOut(version=version, item_id=item_id, remedy=remedy, keys=_keys(correction))
