"""Refusals of the machinery below the rules: a store that cannot be asked just now."""


class AwayError(Exception):
    """Something the service stands on does not answer; asking again later is right."""

    def __init__(self, what: str, *, retry_after_ms: int) -> None:
        super().__init__(f"{what} does not answer; ask again in {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms


class LiveAway(AwayError):
    """The live state does not answer. Nothing was promised; devices keep their ops and resend."""

    def __init__(self, *, retry_after_ms: int = 1000) -> None:
        super().__init__("the live state", retry_after_ms=retry_after_ms)


class ShardUnready(LiveAway):
    """The shard's node was restarted or replaced and its facts are not re-applied yet."""


class RecordAway(AwayError):
    """The database does not answer."""

    def __init__(self, *, retry_after_ms: int = 2000) -> None:
        super().__init__("the record", retry_after_ms=retry_after_ms)


class PicturesAway(AwayError):
    """Pictures cannot be written. The exam goes on without them; answers go another way."""

    def __init__(self, *, retry_after_ms: int = 30_000) -> None:
        super().__init__("the store of pictures", retry_after_ms=retry_after_ms)


class OthersFacts(Exception):
    """Refused because of what others told about a person (另有情形，请本人查询).

    Who asked is never told what it is; the person is (`person_notice`).
    """

    def __init__(self) -> None:
        super().__init__("something else is known about this person; they can ask for it themselves")


class ErasureHeld(Exception):
    """A person cannot be deleted yet: an exam lies ahead, an appeal may come, a hold stands."""

    def __init__(self, *, why: str, until_ms: int) -> None:
        super().__init__(f"cannot be deleted yet: {why}")
        self.why = why
        self.until_ms = until_ms
