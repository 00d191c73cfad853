"""What a password must be: long enough, none of the commonest, not made from who its owner is."""

import re
from typing import Final

from exam_api.accounts.errors import PasswordWeak

LEAST: Final = 10
"""Characters of a password; what they are is free: composition rules only make people predictable."""

MOST: Final = 200
"""Characters that are hashed; a longer text would be work for nothing."""

DIFFERENT: Final = 5
"""Different characters at least: `aaaaaaaaaa` and `1212121212` are none."""

LEFT: Final = 5
"""Characters that must be left when everything common or known is taken out."""

RUN: Final = 4
"""So many neighbours in a row (on the keyboard, in the alphabet, in digits) count as one common piece."""

ROWS: Final = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc",
)
"""Rows in which neighbours lie: forwards and backwards."""

_COMMON: Final = """
password passw0rd p@ssw0rd p@ssword pass word secret letmein welcome admin administrator root
user guest login test demo default changeme change master manager system server office iloveyou
woaini woaiwojia wodemima mima nihao beijing qinghai xining zhongguo china dragon monkey
sunshine football superman princess hello love summer winter spring autumn kaowu kaoshi
examination exam jiankao peixun jigou renshichu yunwei 5201314 1314520 520520 147258369 147258
159357 112233 123123 123321 888888 666666 000000 111111 huawei wechat weixin taobao alibaba
qwer asdf zxcv
"""
COMMON: Final = tuple(sorted(_COMMON.split(), key=len, reverse=True))
"""Pieces of the passwords that are tried first; written by us, the longest first."""

YEAR: Final = re.compile(r"(19|20)\d\d")


def check_password(password: str, *, known: tuple[str, ...]) -> None:
    """Raises PasswordWeak where a password breaks a rule.

    Args:
        password: what the person chose.
        known: what everybody may know of its owner: login name, name, institution.
    """
    if len(password) < LEAST:
        raise PasswordWeak(reason="password-short")
    if len(password) > MOST:
        raise PasswordWeak(reason="password-long")
    text = password.casefold()
    if len(set(text)) < DIFFERENT:
        raise PasswordWeak(reason="password-common")
    rest = text
    for word in sorted({word.strip().casefold() for word in known}, key=len, reverse=True):
        if len(word) > 1:
            rest = rest.replace(word, "")
    if len(rest) < len(text) and len(_uncommon(rest)) < LEFT:
        raise PasswordWeak(reason="password-like-owner")
    if len(_uncommon(text)) < LEFT:
        raise PasswordWeak(reason="password-common")


def _uncommon(text: str) -> str:
    """What is left of a password when its common pieces are taken out."""
    for word in COMMON:
        text = text.replace(word, "")
    text = YEAR.sub("", text)
    for row in ROWS:
        for line in (row, row[::-1]):
            for size in range(len(line), RUN - 1, -1):
                for start in range(len(line) - size + 1):
                    text = text.replace(line[start : start + size], "")
    return text
