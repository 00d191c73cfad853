"""The demo's short messages: kept in memory, shown to whoever runs the demo, sent to nobody."""

from collections import deque
from typing import Final

from exam_api.ports import Sms

KEPT: Final = 200
"""Newest messages that are kept."""


class DemoOutbox(Sms):
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        self.sent: deque[tuple[str, str]] = deque(maxlen=KEPT)

    async def send(self, phone: str, text: str) -> None:
        """Keep (phone, text)."""
        self.sent.append((phone, text))

    async def close(self) -> None:
        """Nothing is open."""
