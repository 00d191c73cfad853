"""WeChat: linking an identity to the person who is logged in, and logging in by it later."""

from typing import Final

from exam_api.accounts.devices import network_of
from exam_api.accounts.errors import WeChatNotLinked, WeChatTaken
from exam_api.people import Login
from exam_api.usecases.account_parts import MINUTE_MS, AccountParts
from exam_api.usecases.errors import TooManyFailures
from exam_api.usecases.log_in import Known, Opened, open_candidate

CALLS_OF_ADDRESS: Final = 120
"""Log-ins by WeChat in a minute from one address, a classroom twice over: WeChat counts our calls too."""


async def log_in_by_wechat(code: str, *, address: str, parts: AccountParts) -> Opened:
    """Log in the person to whom the identity behind the code is linked.

    Raises WeChatOff, WeChatCodeRefused, WeChatUserBlocked, WeChatBusy, WeChatAway, WeChatNotLinked,
    TooManyFailures, RecordAway, LiveAway.
    """
    mark = parts.login.keys.mark("wechat-address", network_of(address))
    if await parts.login.logins.over_limit("wechat", mark, limit=CALLS_OF_ADDRESS, window_ms=MINUTE_MS):
        raise TooManyFailures(wait_ms=MINUTE_MS)
    openid = await parts.wechat.openid(code)
    linked = await parts.links.person(parts.identity(openid))
    if linked is None:
        raise WeChatNotLinked
    return await open_candidate(Known(person=linked.person, blind=linked.blind), parts.login)


async def link_wechat(login: Login, code: str, parts: AccountParts) -> None:
    """Link the identity behind the code to the person who is logged in.

    Raises WeChatOff, WeChatCodeRefused, WeChatUserBlocked, WeChatBusy, WeChatAway, WeChatTaken, RecordAway.
    """
    openid = await parts.wechat.openid(code)
    hashes = parts.identity(openid)
    linked = await parts.links.person(hashes)
    if linked is not None and linked.person.person_id != login.subject_id:
        raise WeChatTaken
    if not await parts.links.link(hashes[0], login.subject_id, act=parts.act(login)):
        raise WeChatTaken


async def unlink_wechat(login: Login, parts: AccountParts) -> None:
    """Take every link of the person away. Raises RecordAway."""
    await parts.links.unlink(login.subject_id, act=parts.act(login))
