"""Refusals of log-in and console use cases: each named for the fact."""

from uuid import UUID


class UseCaseRefused(Exception):
    """A use case says no."""


class LoginRefused(UseCaseRefused):
    """Name, number, code or password do not belong together. Which of them is never told."""

    def __init__(self) -> None:
        super().__init__("these do not belong together")


class TooManyCodes(UseCaseRefused):
    """A code was sent to this identity just now, or too often in the last hour."""

    def __init__(self, *, wait_ms: int) -> None:
        super().__init__(f"the next code in {wait_ms} ms")
        self.wait_ms = wait_ms


class TooManyFailures(UseCaseRefused):
    """Too many failed log-ins for this identity or from this address."""

    def __init__(self, *, wait_ms: int) -> None:
        super().__init__(f"too many failures; again in {wait_ms} ms")
        self.wait_ms = wait_ms


class NoSuchPool(UseCaseRefused):
    """No such pool, or not this institution's."""

    def __init__(self, pool_id: UUID) -> None:
        super().__init__(f"no pool {pool_id}")
        self.pool_id = pool_id


class PoolNotPublished(UseCaseRefused):
    """The pool has no published version yet."""

    def __init__(self, pool_id: UUID) -> None:
        super().__init__(f"pool {pool_id} has no published version")
        self.pool_id = pool_id


class NoSuchItem(UseCaseRefused):
    """No such item in this pool."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"no item {item_id}")
        self.item_id = item_id


class NoSuchComplaint(UseCaseRefused):
    """No open complaint of this id about a pool in reach."""

    def __init__(self, complaint_id: UUID) -> None:
        super().__init__(f"no open complaint {complaint_id}")
        self.complaint_id = complaint_id


class NoSuchBlueprint(UseCaseRefused):
    """No such blueprint."""

    def __init__(self, blueprint_id: UUID) -> None:
        super().__init__(f"no blueprint {blueprint_id}")
        self.blueprint_id = blueprint_id


class NoSuchProfile(UseCaseRefused):
    """No built-in profile bears this id."""

    def __init__(self, profile: str) -> None:
        super().__init__(f"no profile {profile!r}")
        self.profile = profile


class NoSuchSession(UseCaseRefused):
    """No such session, or not this institution's."""

    def __init__(self, session_id: UUID) -> None:
        super().__init__(f"no session {session_id}")
        self.session_id = session_id


class SessionNotPlannable(UseCaseRefused):
    """The times or the tenant of a new session do not fit together."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"this session cannot be planned: {reason}")
        self.reason = reason


class SessionStateWrong(UseCaseRefused):
    """The session is not in a state that allows this."""

    def __init__(self, *, state: str) -> None:
        super().__init__(f"the session is {state}")
        self.state = state


class NoPlacesLeft(UseCaseRefused):
    """More candidates than ticket numbers of one plan."""

    def __init__(self, *, places: int) -> None:
        super().__init__(f"a session takes {places} candidates")
        self.places = places


class SessionNotOver(UseCaseRefused):
    """Keys are corrected after the exam: the session is still open."""

    def __init__(self, *, closes_ms: int) -> None:
        super().__init__(f"the session closes at {closes_ms}")
        self.closes_ms = closes_ms


class NoSuchRuling(UseCaseRefused):
    """No such ruling, or it waits no longer."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no ruling {number} that waits")
        self.number = number


class RulingWaits(UseCaseRefused):
    """Another ruling on this session waits for its second person."""

    def __init__(self) -> None:
        super().__init__("another ruling on this session waits")


class SecondOfficerNeeded(UseCaseRefused):
    """Nobody agrees to what they proposed themselves."""

    def __init__(self) -> None:
        super().__init__("a second person must agree")


class NoSuchReview(UseCaseRefused):
    """No such score review, or it is done."""

    def __init__(self, review_id: UUID) -> None:
        super().__init__(f"no open score review {review_id}")
        self.review_id = review_id


class ReviewAsked(UseCaseRefused):
    """A review of this score is open, or was done since the score last changed."""

    def __init__(self) -> None:
        super().__init__("this score was already given in for review")


class NoSuchPerson(UseCaseRefused):
    """No such person, or not within the login's reach."""

    def __init__(self, person_id: UUID) -> None:
        super().__init__(f"no person {person_id}")
        self.person_id = person_id


class NoSuchEntry(UseCaseRefused):
    """No such employment, institution, request or session, not within reach, or decided already."""

    def __init__(self, entry_id: UUID) -> None:
        super().__init__(f"no entry {entry_id}")
        self.entry_id = entry_id


class AskedAlready(UseCaseRefused):
    """A request of this kind is open; it is decided first."""

    def __init__(self) -> None:
        super().__init__("such a request is open already")


class NotAValue(UseCaseRefused):
    """What a person asks the record to say is no such value."""

    def __init__(self, *, field: str) -> None:
        super().__init__(f"not a {field}")
        self.field = field


class NoSuchPurpose(UseCaseRefused):
    """Consent is not asked for such a purpose, or not with this text any more."""

    def __init__(self, purpose: str) -> None:
        super().__init__(f"no purpose {purpose!r}")
        self.purpose = purpose


class NoSuchSnapshot(UseCaseRefused):
    """No such picture of this attempt, or not within reach."""

    def __init__(self, snapshot_id: UUID) -> None:
        super().__init__(f"no snapshot {snapshot_id}")
        self.snapshot_id = snapshot_id


class PictureErased(UseCaseRefused):
    """The picture's key was deleted, or its bytes are gone: nobody can look at it any more."""

    def __init__(self, snapshot_id: UUID) -> None:
        super().__init__(f"snapshot {snapshot_id} cannot be opened any more")
        self.snapshot_id = snapshot_id
