"""Signing hand-in receipts: those that are due in one turn of the event loop share a signature."""

import asyncio

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.attempt.receipt import sign_all


class Signing:
    """Gathers what one commit has woken; nobody waits for more to come."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._waiting: dict[bytes, list[asyncio.Future[str]]] = {}

    async def sign(self, body: bytes) -> str:
        """The receipt with that body as text; the same statement asked for twice at once gets one text."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._sign_all)
        signed: asyncio.Future[str] = loop.create_future()
        self._waiting.setdefault(body, []).append(signed)
        return await signed

    def _sign_all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for text, futures in zip(sign_all(list(waiting), self._key), waiting.values(), strict=True):
            for one in futures:
                if not one.done():  # its caller may have gone
                    one.set_result(text)
