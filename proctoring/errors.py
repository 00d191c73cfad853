"""Refusals of what a camera sent: each named for the fact."""


class ProctoringRefused(Exception):
    """The rules about pictures say no. The exam itself goes on."""


class NotASnapshot(ProctoringRefused):
    """The bytes are not one plain JPEG picture of a size that a phone's page sends."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a snapshot: {reason}")
        self.reason = reason
        """A `snapshot.Fault`."""


class NoConsentToPhotos(ProctoringRefused):
    """The candidate did not agree to pictures, or took it back; an invigilator checks on the spot."""

    def __init__(self) -> None:
        super().__init__("this candidate has not agreed to pictures")


class TooManySnapshots(ProctoringRefused):
    """The last picture of this attempt came only just now."""

    def __init__(self, *, wait_ms: int) -> None:
        super().__init__(f"the next picture in {wait_ms} ms")
        self.wait_ms = wait_ms
