"""Fair time: which gaps of which seats were lost through no fault of the candidate, and what they are worth.

Lost is time in which the candidate could not answer. Being out of contact while the page goes on answering
is worth nothing, so a gap counts only when a page says afterwards that it was dead or blocked; what the page
says can make a gap shorter, never longer than the server's own silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum, unique
from fractions import Fraction
from typing import Final
from uuid import UUID

import msgspec

CAP_MS: Final = 15 * 60_000
"""Most that one attempt is given by rule or by an institution; beyond it only a department officer gives."""

SHARE: Final = Fraction(3, 5)
"""Share of a room's seats that must have lost the same window before time is given by rule."""

SEATS_MIN: Final = 5
"""Seats that must have lost it, however small the room."""

SPREAD_MS: Final = 12_000
"""Gaps that begin within this time began together: a page is heard every 10 s, so the last contact before a
cut lies up to 10 s before it."""

SILENT_MS: Final = 11_000
"""Silence from which on a page may be dead: one heartbeat was missed."""

UNASKED_MS: Final = 2_000
"""A page that lives asks at its deadline; one that was not heard so long after it may be dead."""

LEAST_MS: Final = 15_000
"""Shorter gaps are ordinary life of a network and of a reload."""

ASK_FROM_MS: Final = 60_000
"""From here on a candidate is offered the one-tap request."""


@unique
class Cause(StrEnum):
    """Why the candidate could not answer. Stored values."""

    PAGE_DEAD = "page-dead"
    START_BLOCKED = "start-blocked"
    PAPER_BLOCKED = "paper-blocked"
    HAND_IN_BLOCKED = "hand-in-blocked"


@unique
class Ended(StrEnum):
    """What is known of a gap. Stored values."""

    OPEN = "open"
    """Not heard of yet: dead, or answering offline."""
    BLOCKED = "blocked"
    """The page came back and says that it could not answer."""
    ANSWERING = "answering"
    """The page came back and had gone on answering, or never said otherwise."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One silence of one attempt, as the server saw it, with what came to light afterwards."""

    attempt_id: UUID
    from_ms: int
    """Last contact before."""
    to_ms: int = 0
    """First contact after; 0 while open."""
    ended: Ended = Ended.OPEN
    cause: Cause = Cause.PAGE_DEAD
    claimed_ms: int = -1
    """How long the page says it could not answer; -1: it does not know (another device, lost storage)."""
    last_op_ms: int = 0
    """Latest op whose client time lies inside: until then the page answered."""
    most_ms: int = -1
    """Most that can have been lost whatever the gap's length; -1: no bound."""
    by: str = ""
    """Who decided: `rule`, `staff:<uuid>`, or empty."""
    given_ms: int = 0
    owed_ms: int = 0
    """Debit: given, and shown afterwards not to have been lost. Time is never taken back."""
    settled_ms: int = 0
    """Part of debits of this attempt that was kept back from this gap's credit."""


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt in its room."""

    attempt_id: UUID
    room: str | None
    """None: a phone outside rooms."""
    started_ms: int
    """0: not started."""
    closed_ms: int = 0


class Span(msgspec.Struct, frozen=True):
    """Time that is made up for already: a credit of the service, a pause."""

    from_ms: int
    to_ms: int


@unique
class Say(StrEnum):
    """What the rule says of a gap. Wire values."""

    WAIT = "wait"
    """A window is open: it may turn out to be the room's; nobody of it is handed in before."""
    RULE = "rule"
    """Lost by the room: given at once."""
    ASK = "ask"
    """Lost, perhaps: a person asks, a person decides."""
    NOTHING = "nothing"
    DEBIT = "debit"
    """More was given than was lost: kept back from what is given next."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule says of one gap."""

    attempt_id: UUID
    from_ms: int
    say: Say
    lost_ms: int = 0
    """What was lost, before cap and debits."""
    ms: int = 0
    """RULE: what is given now. DEBIT: negative."""
    settled_ms: int = 0
    """RULE: debits that were kept back."""


def judge(
    gaps: Sequence[Gap], seats: Sequence[Seat], *, covered: Mapping[UUID, Sequence[Span]]
) -> tuple[Verdict, ...]:
    """A verdict on every gap that nobody has decided, and debits on those that were decided too high.

    The order in which gaps were reported changes nothing; entering the verdicts and judging again gives none
    that gives more.
    """
    rooms = {seat.attempt_id: seat for seat in seats}
    fellows = _by_room(gaps, rooms)
    given: dict[UUID, int] = {}
    owed: dict[UUID, int] = {}
    for gap in gaps:
        given[gap.attempt_id] = given.get(gap.attempt_id, 0) + gap.given_ms
        owed[gap.attempt_id] = owed.get(gap.attempt_id, 0) + gap.owed_ms - gap.settled_ms
    verdicts: list[Verdict] = []
    for gap in sorted(gaps, key=lambda one: (one.from_ms, one.attempt_id)):
        seat = rooms.get(gap.attempt_id)
        room = seat.room if seat else None
        together = [one for one in fellows.get(room, ()) if _same_window(gap, one)] if room else []
        since_ms = max((one.from_ms for one in together), default=gap.from_ms)
        lost = lost_ms(gap, since_ms=since_ms, covered=covered.get(gap.attempt_id, ()))
        if gap.by:
            too_much = gap.given_ms + gap.settled_ms - gap.owed_ms - lost
            if gap.by == "rule" and too_much > SPREAD_MS:
                verdicts.append(_of(gap, Say.DEBIT, lost_ms=lost, ms=-too_much))
            continue
        say = _said(gap, together, _seats_in(gap, room, seats), lost)
        if say is not Say.RULE:
            verdicts.append(_of(gap, say, lost_ms=lost))
            continue
        own = gap.attempt_id
        due = min(lost, max(0, CAP_MS - given[own]))
        settled = min(due, max(0, owed[own]))
        given[own] += due - settled
        owed[own] -= settled
        verdicts.append(_of(gap, Say.RULE, lost_ms=lost, ms=due - settled, settled_ms=settled))
    return tuple(verdicts)


def lost_ms(gap: Gap, *, since_ms: int = 0, covered: Sequence[Span] = ()) -> int:
    """Time in which the candidate could not answer and which nothing else makes up for."""
    if gap.ended is not Ended.BLOCKED:
        return 0
    begins = max(gap.from_ms, since_ms, gap.last_op_ms)
    if gap.claimed_ms >= 0:
        begins = max(begins, gap.to_ms - gap.claimed_ms)
    length = max(0, gap.to_ms - begins - _overlap(begins, gap.to_ms, covered))
    return min(length, gap.most_ms) if gap.most_ms >= 0 else length


def entered(gap: Gap, verdict: Verdict) -> Gap:
    """The gap after the verdict has been entered into the ledger."""
    if verdict.say is Say.RULE:
        return msgspec.structs.replace(gap, by="rule", given_ms=verdict.ms, settled_ms=verdict.settled_ms)
    if verdict.say is Say.DEBIT:
        return msgspec.structs.replace(gap, owed_ms=gap.owed_ms - verdict.ms)
    return gap


def gained_ms(ledger: Iterable[int]) -> int:
    """What signed entries move the deadline by: debits are kept back from later credits, never taken.

    So the remaining time never falls faster than real time.
    """
    return sum(ms for ms in ledger if ms > 0)


def hold_until_ms(deadline_ms: int, given_ms: int) -> int:
    """How long an attempt in an open window is not handed in for its candidate: up to the cap."""
    return deadline_ms + max(0, CAP_MS - given_ms)


def is_silent(*, last_seen_ms: int, deadline_ms: int, now_ms: int) -> bool:
    """Whether a running page may be dead."""
    unasked = last_seen_ms < deadline_ms and now_ms > deadline_ms + UNASKED_MS
    return unasked or now_ms - last_seen_ms > SILENT_MS


def _of(gap: Gap, say: Say, *, lost_ms: int, ms: int = 0, settled_ms: int = 0) -> Verdict:
    return Verdict(
        attempt_id=gap.attempt_id, from_ms=gap.from_ms, say=say, lost_ms=lost_ms, ms=ms, settled_ms=settled_ms
    )


def _said(gap: Gap, together: Sequence[Gap], seats: int, lost: int) -> Say:
    blocked = {one.attempt_id for one in together if one.ended is Ended.BLOCKED}
    silent = {one.attempt_id for one in together if one.ended is Ended.OPEN}
    if gap.ended is Ended.ANSWERING or (gap.ended is Ended.BLOCKED and lost < LEAST_MS):
        return Say.NOTHING
    if gap.ended is Ended.BLOCKED and _enough(len(blocked), seats):
        return Say.RULE
    if _enough(len(blocked | silent), seats):
        return Say.WAIT
    return Say.ASK if gap.ended is Ended.BLOCKED else Say.NOTHING


def _enough(many: int, seats: int) -> bool:
    return many >= SEATS_MIN and many >= SHARE * seats


def _by_room(gaps: Sequence[Gap], rooms: Mapping[UUID, Seat]) -> Mapping[str | None, Sequence[Gap]]:
    found: dict[str | None, list[Gap]] = {}
    for gap in gaps:
        seat = rooms.get(gap.attempt_id)
        if seat is not None:
            found.setdefault(seat.room, []).append(gap)
    return found


def _same_window(gap: Gap, other: Gap) -> bool:
    """Whether they began together and went on beside each other."""
    if abs(gap.from_ms - other.from_ms) > SPREAD_MS:
        return False
    return (other.to_ms or gap.from_ms + 1) > gap.from_ms and (gap.to_ms or other.from_ms + 1) > other.from_ms


def _seats_in(gap: Gap, room: str | None, seats: Sequence[Seat]) -> int:
    """Seats of the room that were at work when the gap began, or came to work within it."""
    until_ms = gap.to_ms or gap.from_ms
    return sum(
        seat.room == room
        and 0 < seat.started_ms <= until_ms
        and (not seat.closed_ms or seat.closed_ms > gap.from_ms)
        for seat in seats
    )


def _overlap(from_ms: int, to_ms: int, covered: Sequence[Span]) -> int:
    """Length of the part of from..to that some span covers; spans may overlap."""
    at_ms, length = from_ms, 0
    for span in sorted(covered, key=lambda one: one.from_ms):
        begins, ends = max(at_ms, span.from_ms), min(to_ms, span.to_ms)
        if ends > begins:
            length += ends - begins
            at_ms = ends
    return length
