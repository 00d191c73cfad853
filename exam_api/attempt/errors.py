"""Refusals of an attempt: each named for the fact, with what the candidate needs to know."""

from uuid import UUID


class AttemptError(Exception):
    """The rules of the attempt say no."""


class AttemptNotFound(AttemptError):
    """No such attempt, or not this person's."""

    def __init__(self, attempt_id: UUID) -> None:
        super().__init__(f"no attempt {attempt_id} for this log-in")
        self.attempt_id = attempt_id


class NotYetOpen(AttemptError):
    """The session has not begun."""

    def __init__(self, *, until_ms: int) -> None:
        super().__init__(f"opens at {until_ms}")
        self.until_ms = until_ms


class TooLateToEnter(AttemptError):
    """The latest entry has passed without a start."""

    def __init__(self, *, closed_ms: int) -> None:
        super().__init__(f"entry closed at {closed_ms}")
        self.closed_ms = closed_ms


class SealedTooOften(AttemptError):
    """The sealed paper was fetched often enough; the start gives the paper also without it."""

    def __init__(self, *, wait_ms: int) -> None:
        super().__init__(f"no sealed paper for {wait_ms} ms")
        self.wait_ms = wait_ms


class TakeoverNeeded(AttemptError):
    """Another device writes this attempt; going on here needs what the policy asks for."""

    def __init__(self, *, policy: str) -> None:
        super().__init__(f"another device writes; policy {policy}")
        self.policy = policy


class TakeoverCodeWrong(AttemptError):
    """The invigilator's code does not fit, or is dead after five wrong tries."""

    def __init__(self) -> None:
        super().__init__("the takeover code is wrong")


class AlreadyClosed(AttemptError):
    """Handed in or ended before."""

    def __init__(self, *, closed_ms: int) -> None:
        super().__init__(f"closed at {closed_ms}")
        self.closed_ms = closed_ms


class Forked(AttemptError):
    """Two histories under one fence: the device's chain is not the one that is held."""

    def __init__(self, *, held: int) -> None:
        super().__init__(f"the chain differs at seq {held}")
        self.held = held


class Behind(AttemptError):
    """The ops given do not reach what is held: resend from `held`."""

    def __init__(self, *, held: int) -> None:
        super().__init__(f"held up to seq {held}")
        self.held = held


class NotWriting(AttemptError):
    """Another device took over; this one can only show."""

    def __init__(self, *, fence: int) -> None:
        super().__init__(f"the writing fence is {fence}")
        self.fence = fence


class TooEarly(AttemptError):
    """Handing in is not allowed before `until_ms`."""

    def __init__(self, *, until_ms: int) -> None:
        super().__init__(f"hand-in is open from {until_ms}")
        self.until_ms = until_ms


class VerdictAwaited(AttemptError):
    """The room may have lost time: the deadline may still move, nothing is handed in for the clock's sake."""

    retry_after_ms = 3_000

    def __init__(self, *, until_ms: int) -> None:
        super().__init__(f"held until {until_ms}")
        self.until_ms = until_ms


class NoLostTime(AttemptError):
    """No gap of this attempt waits for a request or a decision."""

    def __init__(self, attempt_id: UUID) -> None:
        super().__init__(f"no lost time of {attempt_id} to decide")
        self.attempt_id = attempt_id


class BeyondCap(AttemptError):
    """More than an institution may give one attempt; a department officer may."""

    def __init__(self, *, most_ms: int) -> None:
        super().__init__(f"at most {most_ms} ms more")
        self.most_ms = most_ms


class BadOp(AttemptError):
    """An op that no honest page makes: wrong slot, version, option or order, or back where only forward."""

    def __init__(self, *, seq: int, reason: str) -> None:
        super().__init__(f"op {seq}: {reason}")
        self.seq = seq
        self.reason = reason


class NoSuchRequest(AttemptError):
    """No late request is open for this attempt."""

    def __init__(self, attempt_id: UUID) -> None:
        super().__init__(f"no open late request for {attempt_id}")
        self.attempt_id = attempt_id


class MoveNotAllowed(AttemptError):
    """The table of moves has no row for this."""

    def __init__(self, *, state: str, move: str) -> None:
        super().__init__(f"{move} is not possible when {state}")
        self.state = state
        self.move = move
