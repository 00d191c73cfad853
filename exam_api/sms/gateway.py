"""Short messages through an operator's HTTP gateway."""

import asyncio
import json
import threading
import urllib.request
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

import structlog

from exam_api.ports import Sms

PATIENCE_S: Final = 5.0
"""How long the gateway may take; nobody waits for it, but threads are few."""

log = structlog.get_logger("sms")


class HttpGateway(Sms):
    """Posts `{"phone", "text"}` as JSON. Fails silent: the person asks again, the log counts.

    Each thread keeps its connection: a new one, with its TLS handshake, costs more than the whole log-in.
    """

    def __init__(self, url: str, *, token: str) -> None:
        self._url = url
        self._headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        self._own = threading.local()
        self._by_proxy = bool(urllib.request.getproxies())

    async def send(self, phone: str, text: str) -> None:
        """Hand one message over."""
        body = json.dumps({"phone": phone, "text": text}).encode()
        try:
            await asyncio.to_thread(self._post_by_proxy if self._by_proxy else self._post, body)
        except (OSError, HTTPException) as refused:
            log.warning("sms.failed", why=type(refused).__name__)

    def _post(self, body: bytes) -> None:
        kept: HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is not None and kept.sock is not None:
            try:
                self._ask(kept, body)
            except (ConnectionError, HTTPException):
                kept.close()  # the gateway had let it go meanwhile: once more, on a new one
            else:
                return
        where = urlsplit(self._url)
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        self._own.connection = kind(where.hostname or "", where.port, timeout=PATIENCE_S)
        self._ask(self._own.connection, body)

    def _ask(self, connection: HTTPConnection, body: bytes) -> None:
        where = urlsplit(self._url)
        path = (where.path or "/") + (f"?{where.query}" if where.query else "")
        try:
            connection.request("POST", path, body, self._headers)
            answer = connection.getresponse()
            answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise GatewayRefused(answer.status)

    def _post_by_proxy(self, body: bytes) -> None:
        request = urllib.request.Request(self._url, data=body, headers=self._headers, method="POST")  # noqa: S310 - settings allow http and https only
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - as above
            answer.read(1024)


class GatewayRefused(OSError):
    """The gateway answered, but did not take the message."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the gateway answered {status}")
        self.status = status


class Nowhere(Sms):
    """No gateway is set: codes cannot be sent, tickets still open log-ins."""

    async def send(self, phone: str, text: str) -> None:  # noqa: ARG002 - nothing of it may be logged
        """Say in the log that a message was not sent."""
        log.warning("sms.nowhere")
