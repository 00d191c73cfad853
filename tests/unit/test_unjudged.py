"""Which sessions expiry waits for while rooms cannot be looked at."""

from typing import Any, cast
from uuid import UUID

import msgspec

from exam_api.record import SessionFacts
from exam_api.usecases.unjudged import Unjudged

DESK, PHONE, NEW = UUID(int=1), UUID(int=2), UUID(int=3)


class _Facts(msgspec.Struct):
    id: UUID
    channel: str


def _known() -> Unjudged:
    """After a look that saw a room of desks and a session of phones."""
    unjudged = Unjudged()
    unjudged.sessions([DESK, PHONE])
    for one in (_Facts(DESK, "desk"), _Facts(PHONE, "phone")):
        unjudged.seen(cast("SessionFacts", cast("Any", one)))
    unjudged.looked(())
    return unjudged


def _owed(unjudged: Unjudged) -> set[UUID]:
    return {one for one in (DESK, PHONE, NEW) if unjudged.may_be_owed(one)}


def test_where_every_room_was_seen_nothing_waits() -> None:
    unjudged = _known()
    assert not unjudged
    assert _owed(unjudged) == set()


def test_a_session_that_was_not_seen_waits_unless_it_is_known_to_be_of_phones() -> None:
    unjudged = _known()
    unjudged.sessions([DESK, PHONE, NEW])
    unjudged.looked({DESK, PHONE, NEW})
    assert unjudged
    assert _owed(unjudged) == {DESK, NEW}


def test_where_the_list_is_away_known_sessions_are_looked_at_and_unknown_ones_wait() -> None:
    unjudged = _known()
    assert unjudged.sessions(None) == [DESK, PHONE]
    unjudged.looked(())
    assert _owed(unjudged) == {NEW}


def test_when_the_list_is_back_nothing_waits_any_more() -> None:
    unjudged = _known()
    unjudged.sessions(None)
    unjudged.looked({DESK})
    unjudged.sessions([DESK, PHONE])
    unjudged.looked(())
    assert not unjudged
