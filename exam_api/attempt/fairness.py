"""Fair time: which gaps of which seats were lost through no fault of the candidate, and what they are worth.

Lost is time in which the candidate could not answer. Being out of contact while the page goes on answering
is worth nothing, so a gap counts only when a page says afterwards that it was dead or blocked; what the page
says can make a gap shorter, never longer than the server's own silence.
"""

from bisect import bisect_left, bisect_right
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
    rooms = _rooms(gaps, seats)
    given: dict[UUID, int] = {}
    owed: dict[UUID, int] = {}
    for gap in gaps:
        given[gap.attempt_id] = given.get(gap.attempt_id, 0) + gap.given_ms
        owed[gap.attempt_id] = owed.get(gap.attempt_id, 0) + gap.owed_ms - gap.settled_ms
    verdicts: list[Verdict] = []
    for gap in sorted(gaps, key=lambda one: (one.from_ms, one.attempt_id)):
        room = rooms.get(gap.attempt_id)
        if room is None:
            continue
        lost = lost_ms(gap, since_ms=room.since_ms(gap), covered=covered.get(gap.attempt_id, ()))
        if gap.by:
            too_much = gap.given_ms + gap.settled_ms - gap.owed_ms - lost
            if gap.by == "rule" and too_much > SPREAD_MS:
                verdicts.append(_of(gap, Say.DEBIT, lost_ms=lost, ms=-too_much))
            continue
        say = room.said(gap, lost)
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


class _Room:
    """Gaps and seats of one room, sorted once, so that a gap finds those that began with it at once.

    A gap that lasted less than `LEAST_MS` is nobody's fellow; longer ones that begin within `SPREAD_MS` of
    each other overlap, and no seat has two of them.
    """

    def __init__(self, gaps: Iterable[Gap], seats: Iterable[Seat]) -> None:
        lasting = [gap for gap in gaps if not gap.to_ms or gap.to_ms - gap.from_ms >= LEAST_MS]
        at_work = [seat for seat in seats if seat.started_ms > 0]
        self._from = sorted(gap.from_ms for gap in lasting)
        self._blocked = sorted(gap.from_ms for gap in lasting if gap.ended is Ended.BLOCKED)
        self._open = sorted(gap.from_ms for gap in lasting if gap.ended is Ended.OPEN)
        self._started = sorted(seat.started_ms for seat in at_work)
        self._closed = sorted(seat.closed_ms for seat in at_work if seat.closed_ms)

    def since_ms(self, gap: Gap) -> int:
        """The last contact of any seat of the window: until then the room was at work."""
        at = bisect_right(self._from, gap.from_ms + SPREAD_MS)
        return max(self._from[at - 1], gap.from_ms) if at else gap.from_ms

    def said(self, gap: Gap, lost: int) -> Say:
        """What the room says of a gap that lost so much."""
        if gap.ended is Ended.ANSWERING or (gap.ended is Ended.BLOCKED and lost < LEAST_MS):
            return Say.NOTHING
        blocked, seats = _within(self._blocked, gap.from_ms), self._seats(gap)
        if gap.ended is Ended.BLOCKED and _enough(blocked, seats):
            return Say.RULE
        if _enough(blocked + _within(self._open, gap.from_ms), seats):
            return Say.WAIT
        return Say.ASK if gap.ended is Ended.BLOCKED else Say.NOTHING

    def _seats(self, gap: Gap) -> int:
        """Seats at work when the gap began, or that came to work within it."""
        came = bisect_right(self._started, gap.to_ms or gap.from_ms)
        return came - bisect_right(self._closed, gap.from_ms)


def _within(instants: Sequence[int], at_ms: int) -> int:
    return bisect_right(instants, at_ms + SPREAD_MS) - bisect_left(instants, at_ms - SPREAD_MS)


def _enough(many: int, seats: int) -> bool:
    return many >= SEATS_MIN and many >= SHARE * seats


def _rooms(gaps: Sequence[Gap], seats: Sequence[Seat]) -> Mapping[UUID, _Room]:
    """The room of each attempt; a phone outside rooms has one to itself."""
    sits: dict[str | UUID, list[Seat]] = {}
    place = {seat.attempt_id: seat.room or seat.attempt_id for seat in seats}
    for seat in seats:
        sits.setdefault(place[seat.attempt_id], []).append(seat)
    lost: dict[str | UUID, list[Gap]] = {}
    for gap in gaps:
        if gap.attempt_id in place:
            lost.setdefault(place[gap.attempt_id], []).append(gap)
    rooms = {each: _Room(found, sits[each]) for each, found in lost.items()}
    return {gap.attempt_id: rooms[place[gap.attempt_id]] for gap in gaps if gap.attempt_id in place}


def _overlap(from_ms: int, to_ms: int, covered: Sequence[Span]) -> int:
    """Length of the part of from..to that some span covers; spans may overlap."""
    at_ms, length = from_ms, 0
    for span in sorted(covered, key=lambda one: one.from_ms):
        begins, ends = max(at_ms, span.from_ms), min(to_ms, span.to_ms)
        if ends > begins:
            length += ends - begins
            at_ms = ends
    return length
