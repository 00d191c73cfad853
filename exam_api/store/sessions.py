"""Rows of sessions and the facts they stand for."""

from typing import Any, Final

from sqlalchemy import Row, Select, select

from exam_api.record import SessionFacts, SessionState
from exam_api.store.tables import (
    BlueprintRow,
    InstitutionRow,
    PoolVersionRow,
    SessionRow,
    table,
)

BLUEPRINT: Final = table(BlueprintRow)
INSTITUTION: Final = table(InstitutionRow)
SESSION: Final = table(SessionRow)
VERSION: Final = table(PoolVersionRow)

SAME: Final = (
    "id",
    "institution_id",
    "title",
    "channel",
    "profile",
    "profile_confirmed",
    "opens_ms",
    "entry_ms",
    "latest_entry_ms",
    "closes_ms",
    "length_ms",
    "earliest_hand_in_ms",
    "navigation",
    "takeover",
    "late_hold",
    "pass_centi",
    "full_centi",
    "room_code",
    "rehearsal",
)
"""What facts and row call by the same name."""

REAL: Final = SESSION.c.rehearsal.is_(False)
"""Condition of every list and figure over several sessions: no rehearsal counts."""

OF_REAL_HOUSE: Final = INSTITUTION.c.id.not_in(
    select(SESSION.c.institution_id).where(SESSION.c.rehearsal.is_(True))
)
"""Condition of every list of institutions: a rehearsal has one of its own for as long as it lasts."""


def with_facts(*more: Any) -> Select[Any]:  # noqa: ANN401 - any selectable
    """Ask for sessions with all that `facts_of` reads, and `more` columns."""
    whole = (
        SESSION.join(INSTITUTION, INSTITUTION.c.id == SESSION.c.institution_id)
        .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
        .join(BLUEPRINT, BLUEPRINT.c.id == SESSION.c.blueprint_id)
    )
    names = (
        INSTITUTION.c.name.label("institution"),
        VERSION.c.digest.label("pool_digest"),
        BLUEPRINT.c.digest.label("blueprint_digest"),
    )
    return select(SESSION, *names, *more).select_from(whole)


def facts_of(row: Row[Any]) -> SessionFacts:
    """The facts of a row of `with_facts`."""
    return SessionFacts(
        **{name: getattr(row, name) for name in SAME},
        institution=row.institution,
        pool_digest=row.pool_digest,
        blueprint_digest=row.blueprint_digest,
        state=SessionState(row.state),
    )


def session_row(facts: SessionFacts) -> dict[str, Any]:
    """The columns of a session that its facts say."""
    return {name: getattr(facts, name) for name in SAME} | {"state": facts.state.value}
