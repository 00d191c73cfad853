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
