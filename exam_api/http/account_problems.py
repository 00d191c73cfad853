"""How refusals of accounts are told."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from enrollment.errors import NotACreditCode
from exam_api.accounts import errors as accounts
from exam_api.http.problem_row import ABSENT, GONE, NO, OFTEN, Row

ACCOUNTS: Final[Mapping[type[Exception], Row]] = {
    accounts.NoSuchAccount: Row("no-such-account", ABSENT, "No such account", "没有这个账号"),
    accounts.LoginNameTaken: Row("login-name-taken", NO, "The login name is taken", "登录名已被使用"),
    accounts.AccountNotSound: Row(
        "account-not-sound", NO, "This account cannot be", "账号设置不成立", ("reason",)
    ),
    accounts.OwnAccount: Row("own-account", NO, "Not to your own account", "不能对自己的账号这样操作"),
    accounts.PasswordWeak: Row(
        "password-weak", HTTPStatus.BAD_REQUEST, "The password is too weak", "密码不符合要求", ("reason",)
    ),
    accounts.PasswordWrong: Row(
        "password-wrong", HTTPStatus.FORBIDDEN, "The password is not right", "当前密码不正确"
    ),
    accounts.CodeWrong: Row("code-wrong", HTTPStatus.FORBIDDEN, "The code is not right", "验证码不正确"),
    accounts.SecondFactorThere: Row(
        "second-factor-there", NO, "A second factor is there already", "已启用两步验证"
    ),
    accounts.SecondFactorNeeded: Row(
        "second-factor-needed", NO, "This role needs a second factor", "您的角色必须使用两步验证"
    ),
    accounts.NoSecondFactor: Row("no-second-factor", NO, "No second factor", "没有可用的两步验证"),
    accounts.NotAMachine: Row("not-a-machine", NO, "Not for this kind of account", "此类账号不适用"),
    accounts.NoSuchKey: Row("no-such-key", ABSENT, "No such key", "没有这个密钥"),
    accounts.TooManyCalls: Row(
        "too-many-calls", OFTEN, "Too many calls", "调用过于频繁", ("wait_ms",), "wait_ms"
    ),
    accounts.NoSuchLogin: Row("no-such-login", ABSENT, "No such log-in", "没有这个登录"),
    accounts.WeChatOff: Row("wechat-off", NO, "Log-in by WeChat is off", "未开通微信登录"),
    accounts.WeChatCodeRefused: Row(
        "wechat-code-refused", HTTPStatus.UNAUTHORIZED, "WeChat refuses the code", "微信登录凭证无效"
    ),
    accounts.WeChatUserBlocked: Row(
        "wechat-user-blocked", HTTPStatus.FORBIDDEN, "WeChat refuses this user", "微信限制了此用户"
    ),
    accounts.WeChatBusy: Row(
        "wechat-busy", OFTEN, "WeChat takes no more calls", "微信登录过于频繁", ("wait_ms",), "wait_ms"
    ),
    accounts.WeChatAway: Row(
        "wechat-away", GONE, "WeChat does not answer", "微信暂无应答", wait="retry_after_ms"
    ),
    accounts.WeChatNotLinked: Row(
        "wechat-not-linked", HTTPStatus.UNAUTHORIZED, "Not linked to a person", "此微信未绑定考生"
    ),
    accounts.WeChatTaken: Row("wechat-taken", NO, "Linked to another person", "此微信已绑定另一位考生"),
    NotACreditCode: Row(
        "credit-code-wrong", HTTPStatus.BAD_REQUEST, "Not a credit code", "统一社会信用代码有误", ("reason",)
    ),
}
"""Rows of the one table in `problems`."""
