"""Rooms that nobody can look at while a node of the live state is away: expiry waits there, up to the cap."""

from collections.abc import Collection, Sequence
from uuid import UUID

from exam_api.record import SessionFacts


class Unjudged:
    """What the last look at the rooms could not see; it remembers the sessions that it saw before."""

    def __init__(self) -> None:
        self._known: dict[UUID, SessionFacts] = {}
        self._unseen: Collection[UUID] = ()
        self._unlisted = False

    def __bool__(self) -> bool:
        """Whether anything could not be seen: else no attempt need be asked about."""
        return self._unlisted or bool(self._unseen)

    def sessions(self, listed: Sequence[UUID] | None) -> Sequence[UUID]:
        """The sessions to look at; those known before where the list itself is away (None)."""
        self._unlisted = listed is None
        if listed is None:
            return list(self._known)
        self._known = {one: self._known[one] for one in listed if one in self._known}
        return listed

    def seen(self, facts: SessionFacts) -> None:
        self._known[facts.id] = facts

    def looked(self, unseen: Collection[UUID]) -> None:
        """A look has ended; these rooms could not be judged."""
        self._unseen = unseen

    def may_be_owed(self, session_id: UUID) -> bool:
        """Whether time may be owed there that nobody could find: of a session not known, perhaps of desks."""
        known = self._known.get(session_id)
        if known is not None and known.channel != "desk":
            return False
        return session_id in self._unseen or (self._unlisted and known is None)
