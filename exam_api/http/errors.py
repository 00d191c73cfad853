"""What HTTP itself refuses, before any use case is asked."""


class HttpRefused(Exception):
    """The request does not reach a use case."""


class NotLoggedIn(HttpRefused):
    """No login token, or one that is unknown, ended or run out."""

    def __init__(self) -> None:
        super().__init__("log in first")


class NotAllowed(HttpRefused):
    """Logged in, but not in a role that may do this."""

    def __init__(self) -> None:
        super().__init__("this log-in may not do this")


class StepNeeded(HttpRefused):
    """The log-in is not whole: a code, another password or a second factor is still to be given."""

    def __init__(self, *, step: str) -> None:
        super().__init__(f"first finish the log-in: {step}")
        self.step = step


class AttemptTokenInvalid(HttpRefused):
    """No attempt token, or one that is forged or run out: start again to get one."""

    def __init__(self) -> None:
        super().__init__("the attempt token is missing, forged or run out")


class ForeignOrigin(HttpRefused):
    """A page of another origin asks to change something."""

    def __init__(self) -> None:
        super().__init__("only pages of this service may change something")


class NoSuchPage(HttpRefused):
    """Nothing is served under this path."""

    def __init__(self) -> None:
        super().__init__("nothing is served here")


class MethodNotServed(HttpRefused):
    """The path is served, but not with this method."""

    def __init__(self, *, allow: str) -> None:
        super().__init__(f"this path takes {allow}")
        self.allow = allow


class BodyTooLarge(HttpRefused):
    """The request's body is longer than the route takes."""

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"at most {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class BodyTooSlow(HttpRefused):
    """The request's body did not come in the time that its length allows."""

    def __init__(self, *, within_s: int) -> None:
        super().__init__(f"not within {within_s} s")
        self.within_s = within_s


class BadRequest(HttpRefused):
    """The request cannot be read as what the route takes."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class MustWait(HttpRefused):
    """More people want in than can be let in now: this one may ask again at that time, with its turn."""

    def __init__(self, *, again_ms: int, wait_ms: int, ahead: int, turn: str) -> None:
        super().__init__(f"about {ahead} people are before this one; ask again after {again_ms} ms")
        self.again_ms = again_ms
        self.wait_ms = wait_ms
        self.ahead = ahead
        self.turn = turn
