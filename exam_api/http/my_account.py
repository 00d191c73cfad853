"""One's own account: the second step of a log-in, password, second factor, log-ins, WeChat."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from exam_api.accounts.errors import (
    CodeWrong,
    NoSecondFactor,
    NoSuchAccount,
    NoSuchLogin,
    PasswordWeak,
    PasswordWrong,
    SecondFactorNeeded,
    SecondFactorThere,
    WeChatAway,
    WeChatBusy,
    WeChatCodeRefused,
    WeChatNotLinked,
    WeChatOff,
    WeChatTaken,
    WeChatUserBlocked,
)
from exam_api.errors import LiveAway, RecordAway
from exam_api.http import wire_accounts as wire
from exam_api.http.bare import address_of
from exam_api.http.errors import NotLoggedIn
from exam_api.http.guards import CANDIDATE, EVERYONE, STAFF, Logged, anyone, only
from exam_api.http.logins import SMALL, Anybody, device_of, me_out, with_cookie
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.wire_attempt import MeOut
from exam_api.people import Login
from exam_api.usecases import my_account as mine
from exam_api.usecases.errors import LoginRefused, TooManyFailures
from exam_api.usecases.second_step import give_code
from exam_api.usecases.wechat_log_in import link_wechat, log_in_by_wechat, unlink_wechat

_WECHAT = (WeChatOff, WeChatCodeRefused, WeChatUserBlocked, WeChatBusy, WeChatAway)


@post(
    "/api/login/second",
    operation_id="giveSecondStep",
    opt=only(STAFF, steps=("code",), body_max=SMALL),
    status_code=200,
    responses=told(CodeWrong, NoSecondFactor, TooManyFailures, LoginRefused, LiveAway, RecordAway),
)
async def second(data: JSONBody[wire.CodeStepIn], request: Logged, parts: Given[Parts]) -> Response[MeOut]:
    """Do the second step of a log-in: a code of the authenticator, or a recovery code."""
    opened = await give_code(request.user, data.code, device_of(request, parts), parts.accounts)
    await parts.login.logins.end_of(request.user.subject_id, only=request.user.id)
    return with_cookie(opened, parts)


@get(
    "/api/my/account",
    operation_id="myAccount",
    opt=only(STAFF, steps=("password", "enroll")),
    responses=told(NoSuchAccount, RecordAway),
)
async def account(request: Logged, parts: Given[Parts]) -> wire.MyAccountOut:
    """Say how the own account is protected."""
    found = await mine.standing(request.user, parts.accounts)
    return wire.MyAccountOut(
        login_name=found.login_name,
        second_factor=found.second_factor,
        second_factor_needed=found.needed,
        codes_left=found.codes_left,
    )


@post(
    "/api/my/password",
    operation_id="changeMyPassword",
    opt=only(STAFF, steps=("password",), body_max=SMALL),
    status_code=200,
    responses=told(
        PasswordWrong, PasswordWeak, TooManyFailures, NoSuchAccount, LoginRefused, LiveAway, RecordAway
    ),
)
async def password(data: JSONBody[wire.PasswordIn], request: Logged, parts: Given[Parts]) -> Response[MeOut]:
    """Choose another password; every other log-in of the account ends."""
    opened = await mine.change_password(
        request.user,
        old=data.old,
        new=data.new,
        device=device_of(request, parts),
        parts=parts.accounts,
    )
    return with_cookie(opened, parts) if opened else Response(me_out(request.user, parts))


@post(
    "/api/my/second-factor/begin",
    operation_id="beginSecondFactor",
    opt=only(STAFF, steps=("enroll",), body_max=SMALL),
    status_code=200,
    responses=told(PasswordWrong, SecondFactorThere, TooManyFailures, NoSuchAccount, RecordAway),
)
async def begin(
    data: JSONBody[wire.BeginSecondFactorIn], request: Logged, parts: Given[Parts]
) -> wire.BeginSecondFactorOut:
    """Give the secret for an authenticator; it counts once a code of it was given."""
    begun = await mine.begin_second_factor(request.user, password=data.password, parts=parts.accounts)
    return wire.BeginSecondFactorOut(secret=begun.secret, uri=begun.uri)


@post(
    "/api/my/second-factor/confirm",
    operation_id="confirmSecondFactor",
    opt=only(STAFF, steps=("enroll",), body_max=SMALL),
    status_code=200,
    responses=told(
        CodeWrong, NoSecondFactor, TooManyFailures, NoSuchAccount, LoginRefused, LiveAway, RecordAway
    ),
)
async def confirm(
    data: JSONBody[wire.CodeStepIn], request: Logged, parts: Given[Parts]
) -> Response[wire.RecoveryCodesOut]:
    """Give the authenticator's first code; the reply bears the recovery codes, once."""
    done = await mine.confirm_second_factor(
        request.user, data.code, device_of(request, parts), parts.accounts
    )
    cookies = with_cookie(done.opened, parts).cookies if done.opened else []
    return Response(wire.RecoveryCodesOut(codes=list(done.codes)), cookies=cookies)


@post(
    "/api/my/second-factor/codes",
    operation_id="newRecoveryCodes",
    opt=only(STAFF, body_max=SMALL),
    status_code=200,
    responses=told(
        CodeWrong, NoSecondFactor, TooManyFailures, NoSuchAccount, LoginRefused, LiveAway, RecordAway
    ),
)
async def codes(
    data: JSONBody[wire.CodeStepIn], request: Logged, parts: Given[Parts]
) -> wire.RecoveryCodesOut:
    """Give fresh recovery codes, once; the former ones are worth nothing."""
    fresh = await mine.new_recovery_codes(request.user, data.code, device_of(request, parts), parts.accounts)
    return wire.RecoveryCodesOut(codes=list(fresh))


@post(
    "/api/my/second-factor/remove",
    operation_id="removeSecondFactor",
    opt=only(STAFF, body_max=SMALL),
    status_code=204,
    responses=told(
        SecondFactorNeeded,
        CodeWrong,
        NoSecondFactor,
        TooManyFailures,
        NoSuchAccount,
        LoginRefused,
        LiveAway,
        RecordAway,
    ),
)
async def remove(data: JSONBody[wire.CodeStepIn], request: Logged, parts: Given[Parts]) -> None:
    """Take the own second factor away, where the role may be without."""
    await mine.remove_second_factor(request.user, data.code, device_of(request, parts), parts.accounts)


@get("/api/my/logins", operation_id="myLogins", opt=only(EVERYONE), responses=told(NotLoggedIn, LiveAway))
async def logins(request: Logged, parts: Given[Parts]) -> wire.LoginsOut:
    """List the own open log-ins."""
    found = await parts.login.logins.of_subject(request.user.subject_id)
    return wire.LoginsOut(
        server_ms=parts.exam.clock.now_ms(), logins=[login_row(one, request.user) for one in found]
    )


@post(
    "/api/my/logins/end",
    operation_id="endMyLogin",
    opt=only(EVERYONE),
    status_code=204,
    responses=told(NoSuchLogin, LiveAway),
)
async def end_login(data: JSONBody[wire.EndLoginIn], request: Logged, parts: Given[Parts]) -> None:
    """End one of the own log-ins."""
    await mine.end_login(request.user, UUID(data.id), parts.accounts)


@post(
    "/api/my/logins/end-others",
    operation_id="endMyOtherLogins",
    opt=only(EVERYONE),
    status_code=200,
    responses=told(LiveAway),
)
async def end_others(request: Logged, parts: Given[Parts]) -> wire.EndedOut:
    """End every own log-in but this one."""
    ended = await parts.login.logins.end_of(request.user.subject_id, but=request.user.id)
    return wire.EndedOut(ended=ended)


@post(
    "/api/logout/everywhere",
    operation_id="logOutEverywhere",
    opt=only(EVERYONE),
    status_code=204,
    responses=told(LiveAway),
)
async def out_everywhere(request: Logged, parts: Given[Parts]) -> Response[None]:
    """End every own log-in, this one too. A running attempt goes on where its own token is."""
    await parts.login.logins.end_of(request.user.subject_id)
    return Response(None, status_code=204, cookies=parts.cookies.end_all())


@post(
    "/api/login/wechat",
    operation_id="logInByWeChat",
    opt=anyone(body_max=SMALL),
    status_code=200,
    responses=told(*_WECHAT, WeChatNotLinked, TooManyFailures, LiveAway, RecordAway),
)
async def by_wechat(data: JSONBody[wire.WeChatIn], request: Anybody, parts: Given[Parts]) -> Response[MeOut]:
    """Log in the candidate to whom this WeChat identity is linked."""
    address = address_of(request.scope)
    return with_cookie(await log_in_by_wechat(data.code, address=address, parts=parts.accounts), parts)


@post(
    "/api/my/wechat",
    operation_id="linkWeChat",
    opt=only(CANDIDATE, body_max=SMALL),
    status_code=204,
    responses=told(*_WECHAT, WeChatTaken, RecordAway),
)
async def link(data: JSONBody[wire.WeChatIn], request: Logged, parts: Given[Parts]) -> None:
    """Link this WeChat identity to the candidate, for later log-ins."""
    await link_wechat(request.user, data.code, parts.accounts)


@post(
    "/api/my/wechat/end",
    operation_id="unlinkWeChat",
    opt=only(CANDIDATE),
    status_code=204,
    responses=told(RecordAway),
)
async def unlink(request: Logged, parts: Given[Parts]) -> None:
    """Take the candidate's WeChat links away."""
    await unlink_wechat(request.user, parts.accounts)


ROUTES: Sequence[HTTPRouteHandler] = (
    second,
    account,
    password,
    begin,
    confirm,
    codes,
    remove,
    logins,
    end_login,
    end_others,
    out_everywhere,
    by_wechat,
    link,
    unlink,
)


def login_row(one: Login, asker: Login) -> wire.LoginRow:
    """A log-in as its owner, or who manages the account, sees it."""
    return wire.LoginRow(
        id=str(one.id),
        agent=one.agent,
        since_ms=one.since_ms,
        seen_ms=max(one.since_ms, one.seen_ms),
        until_ms=one.until_ms,
        here=one.id == asker.id,
    )
