"""成绩复核: asked for by candidates, worked out by staff."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from enrollment.identity import mask_name
from exam_api.attempt.errors import AttemptNotFound
from exam_api.errors import RecordAway
from exam_api.http.guards import CANDIDATE, OFFICE, OFFICER, READERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_rescoring import outcome_out
from exam_api.http.wire_rescoring import (
    MyScoreReviewOut,
    ReviewOutcomeOut,
    ScoreReviewIn,
    ScoreReviewRow,
    ScoreReviewsOut,
    SessionReviewOut,
)
from exam_api.ruling_ports import ReviewLine, ScoreReview
from exam_api.usecases.errors import NoSuchReview, NoSuchSession, ReviewAsked
from exam_api.usecases.score_reviews import (
    ask_review,
    list_reviews,
    may_ask,
    my_review,
    review_session,
    run_review,
)
from exam_api.visible import Field, Sight, sight_of_session


@get(
    "/api/my/exams/{attempt_id:uuid}/review",
    operation_id="myScoreReview",
    opt=only(CANDIDATE),
    responses=told(AttemptNotFound, RecordAway),
)
async def mine(attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> MyScoreReviewOut:
    """Say how the review of the candidate's own score stands."""
    review = await my_review(attempt_id, request.user, parts.rescoring)
    return _mine(review, asking=await may_ask(attempt_id, request.user, parts.rescoring))


@post(
    "/api/my/exams/{attempt_id:uuid}/review",
    operation_id="askScoreReview",
    opt=only(CANDIDATE),
    status_code=200,
    responses=told(AttemptNotFound, ReviewAsked, RecordAway),
)
async def ask(
    attempt_id: FromPath[UUID], data: JSONBody[ScoreReviewIn], request: Logged, parts: Given[Parts]
) -> MyScoreReviewOut:
    """Ask for the own score to be worked out anew from the record (申请成绩复核)."""
    review = await ask_review(attempt_id, request.user, data.reason, parts.rescoring)
    return _mine(review, asking=False)


@get(
    "/api/reviews",
    operation_id="listScoreReviews",
    opt=only(READERS, reads="reviews"),
    responses=told(RecordAway),
)
async def listed(
    request: Logged, parts: Given[Parts], *, open_only: Annotated[bool, QueryParameter(name="open")] = False
) -> ScoreReviewsOut:
    """List score reviews in reach, open ones first."""
    found = await list_reviews(request.user, parts.rescoring, open_only=open_only)
    return ScoreReviewsOut(
        reviews=[_row(one, sight_of_session(request.user, one.review.institution_id)) for one in found]
    )


@post(
    "/api/reviews/{review_id:uuid}/run",
    operation_id="runScoreReview",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchReview, AttemptNotFound, RecordAway),
)
async def run(review_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> ReviewOutcomeOut:
    """Work one score out anew from the record and keep what came of it; the candidate sees it."""
    done = await run_review(review_id, request.user, parts.rescoring)
    outcome = outcome_out(done.outcome)
    if outcome is None:
        raise NoSuchReview(review_id)
    return outcome


@post(
    "/api/sessions/{session_id:uuid}/review",
    operation_id="reviewSession",
    opt=only(OFFICER),
    status_code=200,
    responses=told(NoSuchSession, RecordAway),
)
async def whole(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> SessionReviewOut:
    """Work every score of a session out anew; open requests are answered by it."""
    found = await review_session(session_id, request.user, parts.rescoring)
    return SessionReviewOut(
        checked=found.checked, equal=found.equal, differing=[str(one.attempt_id) for one in found.differing]
    )


ROUTES: Sequence[HTTPRouteHandler] = (mine, ask, listed, run, whole)


def _mine(review: ScoreReview | None, *, asking: bool) -> MyScoreReviewOut:
    if review is None:
        return MyScoreReviewOut(state="none", asked_ms=0, done_ms=0, outcome=None, may_ask=asking)
    return MyScoreReviewOut(
        state=review.state,
        asked_ms=review.asked_ms,
        done_ms=review.done_ms,
        outcome=outcome_out(review.outcome),
        may_ask=asking,
    )


def _row(one: ReviewLine, sight: Sight) -> ScoreReviewRow:
    review = one.review
    return ScoreReviewRow(
        id=str(review.id),
        attempt_id=str(review.attempt_id),
        session_id=str(review.session_id),
        session=one.session,
        institution=one.institution,
        name=sight.text(Field.NAME, one.name, mask_name(one.name)),
        ticket_no=sight.text(Field.TICKET, one.ticket_no),
        by_candidate=review.asked_by == "candidate",
        asked_ms=review.asked_ms,
        reason=review.reason,
        state=review.state,
        done_ms=review.done_ms,
        outcome=outcome_out(review.outcome) if sight.may(Field.SCORE) else None,
    )
