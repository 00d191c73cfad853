"""What the store refuses."""

from uuid import UUID


class NoSuchSource(Exception):
    """A session was to be drawn from a pool version or blueprint that is not on record."""

    def __init__(self, session_id: UUID) -> None:
        super().__init__(f"session {session_id} names a pool version or blueprint that is not on record")
        self.session_id = session_id


class NoSuchSession(Exception):
    """People were to be registered for a session that is not on record."""

    def __init__(self, session_id: UUID) -> None:
        super().__init__(f"session {session_id} is not on record")
        self.session_id = session_id
