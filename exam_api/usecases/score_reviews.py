"""成绩复核: a candidate asks, staff have the score worked out anew from the record, the candidate is told."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AttemptNotFound
from exam_api.people import Login
from exam_api.record import Result
from exam_api.ruling_ports import (
    ReviewLine,
    ReviewOutcome,
    ReviewState,
    ScoreReview,
    StoredPaper,
    WholeReview,
)
from exam_api.usecases.console_parts import actor_of, reaches, scope_of
from exam_api.usecases.errors import NoSuchReview, NoSuchSession, ReviewAsked
from exam_api.usecases.recheck import rechecked
from exam_api.usecases.rescoring_parts import RescoringParts
from exam_api.usecases.under_rulings import standing_of


class SessionReview(msgspec.Struct, frozen=True, kw_only=True):
    """What the review of a whole session brought."""

    checked: int
    equal: int
    differing: Sequence[ScoreReview]


async def ask_review(attempt_id: UUID, login: Login, reason: str, parts: RescoringParts) -> ScoreReview:
    """A candidate gives the own score in for review; once for each score.

    Raises AttemptNotFound (not theirs, or no score), ReviewAsked, RecordAway.
    """
    newest = await _own_result(attempt_id, login, parts)
    if not _free(await parts.reviews.of_attempt(attempt_id), newest):
        raise ReviewAsked
    review = ScoreReview(
        id=parts.exam.new_id(),
        attempt_id=attempt_id,
        session_id=newest.session_id,
        institution_id=newest.institution_id,
        asked_by=actor_of(login),
        asked_ms=parts.exam.clock.now_ms(),
        reason=reason.strip(),
    )
    if not await parts.reviews.ask(review):
        raise ReviewAsked
    return review


async def my_review(attempt_id: UUID, login: Login, parts: RescoringParts) -> ScoreReview | None:
    """The latest review of a candidate's own score; None: none was asked for.

    Raises AttemptNotFound, RecordAway.
    """
    await _own_result(attempt_id, login, parts)
    return await parts.reviews.of_attempt(attempt_id)


async def may_ask(attempt_id: UUID, login: Login, parts: RescoringParts) -> bool:
    """Whether a candidate may give the score in for review now. Raises AttemptNotFound, RecordAway."""
    newest = await _own_result(attempt_id, login, parts)
    return _free(await parts.reviews.of_attempt(attempt_id), newest)


async def list_reviews(login: Login, parts: RescoringParts, *, open_only: bool) -> Sequence[ReviewLine]:
    """Reviews in reach, open ones first. Raises RecordAway."""
    return await parts.reviews.listed(scope_of(login), open_only=open_only)


async def run_review(review_id: UUID, login: Login, parts: RescoringParts) -> ScoreReview:
    """Work one score out anew and keep what came of it.

    Raises NoSuchReview, AttemptNotFound, RecordAway.
    """
    review = await parts.reviews.review(review_id)
    if review is None or review.state is not ReviewState.OPEN or not reaches(login, review.institution_id):
        raise NoSuchReview(review_id)
    async for batch in parts.rulings.papers(review.session_id, only=(review.attempt_id,)):
        for _, outcome in await _outcomes(review.session_id, batch, parts):
            done = _done(review, outcome, login, parts)
            if not await parts.reviews.done(done):
                raise NoSuchReview(review_id)
            return done
    raise AttemptNotFound(review.attempt_id)


async def review_session(session_id: UUID, login: Login, parts: RescoringParts) -> SessionReview:
    """Work every score of a session out anew; open requests are answered by it.

    Raises NoSuchSession, RecordAway.
    """
    owned = await parts.rulings.owned(session_id)
    if owned is None or not reaches(login, owned.facts.institution_id):
        raise NoSuchSession(session_id)
    asked = await parts.reviews.open_of(session_id)
    checked = equal = 0
    kept: list[ScoreReview] = []
    async for batch in parts.rulings.papers(session_id):
        for stored, outcome in await _outcomes(session_id, batch, parts):
            checked += 1
            equal += outcome.equal
            open_one = asked.get(stored.result.attempt_id)
            if open_one is not None or not outcome.equal:
                review = open_one or _fresh(stored.result, login, parts)
                kept.append(_done(review, outcome, login, parts))
    whole = WholeReview(
        session_id=session_id,
        institution_id=owned.facts.institution_id,
        done_by=login.subject_id,
        done_ms=parts.exam.clock.now_ms(),
        checked=checked,
        equal=equal,
    )
    await parts.reviews.done_whole(whole, kept)
    differing = [one for one in kept if one.outcome is not None and not one.outcome.equal]
    return SessionReview(checked=checked, equal=equal, differing=differing)


async def _outcomes(
    session_id: UUID, batch: Sequence[StoredPaper], parts: RescoringParts
) -> Sequence[tuple[StoredPaper, ReviewOutcome]]:
    marking = await parts.exam.shelf.marking(session_id)
    under = await standing_of(session_id, parts.exam)
    ops = await parts.reviews.ops([one.result.attempt_id for one in batch])

    def all_of_them() -> list[tuple[StoredPaper, ReviewOutcome]]:
        return [(one, rechecked(one, ops[one.result.attempt_id], marking, under)) for one in batch]

    return await parts.in_thread(all_of_them)


async def _own_result(attempt_id: UUID, login: Login, parts: RescoringParts) -> Result:
    owned = await parts.sittings.own(login.subject_id)
    runs = await parts.exam.results.of_attempt(attempt_id)
    if all(one.id != attempt_id for one in owned) or not runs:
        raise AttemptNotFound(attempt_id)
    if login.session_id not in {None, runs[-1].session_id}:
        raise AttemptNotFound(attempt_id)
    return runs[-1]


def _free(last: ScoreReview | None, newest: Result) -> bool:
    return last is None or (last.outcome is not None and last.outcome.run < newest.run)


def _fresh(result: Result, login: Login, parts: RescoringParts) -> ScoreReview:
    return ScoreReview(
        id=parts.exam.new_id(),
        attempt_id=result.attempt_id,
        session_id=result.session_id,
        institution_id=result.institution_id,
        asked_by=actor_of(login),
        asked_ms=parts.exam.clock.now_ms(),
    )


def _done(review: ScoreReview, outcome: ReviewOutcome, login: Login, parts: RescoringParts) -> ScoreReview:
    return msgspec.structs.replace(
        review,
        state=ReviewState.DONE,
        outcome=outcome,
        done_by=login.subject_id,
        done_ms=parts.exam.clock.now_ms(),
    )
