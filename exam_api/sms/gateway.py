"""Short messages through an operator's HTTP gateway."""

import asyncio
import json
import ssl
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from typing import Final
from urllib.parse import urlsplit

import structlog

from exam_api.ports import Sms
from exam_api.sms.line import Line, NotHttp

PATIENCE_S: Final = 5.0
"""How long the gateway may take for one message; nobody waits for it."""

LINES_MAX: Final = 32
"""Connections to the gateway at once: further messages wait for one."""

WAIT_S: Final = 60.0
"""How long a message waits for a connection and its answer together: later the person has asked again."""

IDLE_S: Final = 15.0
"""How long a connection is kept without a message: firewalls forget idle ones and tell neither side."""

_PORTS: Final = {"http": 80, "https": 443}

log = structlog.get_logger("sms")


class HttpGateway(Sms):
    """Posts `{"phone", "text"}` as JSON. Fails silent: the person asks again, the log counts.

    Connections are kept, and live in the loop: a new one, with its TLS handshake, costs more than the whole
    log-in. Through a proxy each message has a thread and a connection of its own.
    """

    def __init__(self, url: str, *, token: str) -> None:
        where = urlsplit(url)
        self._url = url
        self._host = where.hostname or ""
        self._port = where.port or _PORTS[where.scheme]
        self._tls = ssl.create_default_context() if where.scheme == "https" else None
        self._headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        path = (where.path or "/") + (f"?{where.query}" if where.query else "")
        told = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        host = where.netloc.rpartition("@")[2]
        self._head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\n{told}content-length: ".encode()
        self._idle: list[Line] = []
        self._lines = asyncio.Semaphore(LINES_MAX)
        self._by_proxy = bool(urllib.request.getproxies()) and not urllib.request.proxy_bypass(self._host)

    async def send(self, phone: str, text: str) -> None:
        """Hand one message over."""
        body = json.dumps({"phone": phone, "text": text}).encode()
        try:
            if self._by_proxy:
                await asyncio.to_thread(self._post_by_proxy, body)
                return
            async with asyncio.timeout(WAIT_S), self._lines, asyncio.timeout(PATIENCE_S):
                await self._post(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))
        except (OSError, HTTPException) as refused:
            log.warning("sms.failed", why=type(refused).__name__)

    async def close(self) -> None:
        """Let the kept connections go; a message after this opens a new one."""
        idle, self._idle = self._idle, []
        for line in idle:
            line.abort()
        await asyncio.gather(*(line.closed for line in idle))

    async def _post(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        while self._idle:
            kept = self._idle.pop()
            if not kept.keeps:
                continue
            if loop.time() - kept.used_s > IDLE_S:
                kept.abort()
                continue
            try:
                await self._ask(kept, request)
            except (ConnectionError, NotHttp):
                break  # the gateway had let it go meanwhile: once more, on a new one
            return
        _, line = await loop.create_connection(Line, self._host, self._port, ssl=self._tls)
        await self._ask(line, request)

    async def _ask(self, line: Line, request: bytes) -> None:
        answer = await line.ask(request)
        if line.keeps:
            self._idle.append(line)
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

    async def close(self) -> None:
        """Nothing is open."""
