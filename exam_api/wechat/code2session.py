"""WeChat's `code2session`: a log-in code in, the openid out; the session key is never kept nor logged."""

import asyncio
import urllib.error
import urllib.parse
import urllib.request
from typing import Final, cast

import msgspec
import structlog

from exam_api.account_ports import WeChat
from exam_api.accounts.errors import (
    WeChatAway,
    WeChatBusy,
    WeChatCodeRefused,
    WeChatOff,
    WeChatUserBlocked,
)

PATIENCE_S: Final = 4.0
"""How long WeChat may take: somebody looks at a turning wheel."""

REPLY_MOST: Final = 4096
"""Bytes of a reply that are read."""

PATH: Final = "/sns/jscode2session"

CODE_INVALID: Final = 40029
CODE_USED: Final = 40163
TOO_OFTEN: Final = 45011
USER_BLOCKED: Final = 40226
BUSY: Final = -1
WAIT_MS: Final = 60_000
"""WeChat counts calls by the minute."""

log = structlog.get_logger("wechat")


class Answer(msgspec.Struct, frozen=True):
    """What of a reply is read: the session key is left where it is."""

    openid: str = ""
    errcode: int = 0


class Code2Session(WeChat):
    """Asks WeChat over HTTP."""

    def __init__(self, *, url: str, app_id: str, secret: str, patience_s: float = PATIENCE_S) -> None:
        self._url = url
        self._app_id = app_id
        self._secret = secret
        self._patience_s = patience_s

    async def openid(self, code: str) -> str:
        """The identity behind a log-in code.

        Raises WeChatCodeRefused, WeChatUserBlocked, WeChatBusy, WeChatAway.
        """
        try:
            answer = await asyncio.to_thread(self._asked, code)
        except (OSError, urllib.error.URLError, msgspec.DecodeError) as wrong:
            # Not its text: an address with secret and code may stand in it.
            log.warning("wechat.away", why=type(wrong).__name__)
            raise WeChatAway from None
        match answer.errcode:
            case 0 if answer.openid:
                return answer.openid
            case c if c in {CODE_INVALID, CODE_USED}:
                raise WeChatCodeRefused
            case c if c == USER_BLOCKED:
                raise WeChatUserBlocked
            case c if c == TOO_OFTEN:
                raise WeChatBusy(wait_ms=WAIT_MS)
            case other:
                if other != BUSY:
                    log.warning("wechat.refused", errcode=other)
                raise WeChatAway

    def _asked(self, code: str) -> Answer:
        query = {
            "appid": self._app_id,
            "secret": self._secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        address = f"{self._url.rstrip('/')}{PATH}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=self._patience_s) as reply:  # noqa: S310 - settings allow http and https only
            body = cast("bytes", reply.read(REPLY_MOST))
        return msgspec.json.decode(body, type=Answer)


class NoWeChat(WeChat):
    """WeChat is off: no program is set."""

    async def openid(self, code: str) -> str:  # noqa: ARG002 - nothing is done with it
        """Raises WeChatOff."""
        raise WeChatOff
