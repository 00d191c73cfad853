"""Parts of accounts."""

import secrets

from exam_api.account_ports import WeChat
from exam_api.accounts.devices import ID_BYTES, KnownDevice
from exam_api.accounts.second_factor import RECOVERY_ALPHABET, RECOVERY_CHARS, SECRET_CHARS
from exam_api.keys import Purpose, derive
from exam_api.passwords import Passwords
from exam_api.settings import Settings
from exam_api.store.accounts import AccountStore
from exam_api.store.machine_keys import MachineKeyStore
from exam_api.store.second_factors import FactorStore
from exam_api.store.wechat_links import WeChatLinkStore
from exam_api.usecases.account_parts import AccountParts
from exam_api.usecases.login_parts import LoginParts
from exam_api.wechat.code2session import Code2Session, NoWeChat
from exam_api.wiring.ground import Ground

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
GROUPS, GROUP_CHARS = 3, 4
"""A password that is handed over: 12 characters, 59 bits, in groups to be read out."""


def account_parts(
    settings: Settings, ground: Ground, login: LoginParts, passwords: Passwords
) -> AccountParts:
    """What accounts are given."""
    every = (settings.secret, *settings.previous_secrets)
    return AccountParts(
        login=login,
        accounts=AccountStore(ground.database),
        factors=FactorStore(ground.database),
        machine_keys=MachineKeyStore(ground.database),
        links=WeChatLinkStore(ground.database),
        wechat=_wechat(settings),
        devices=KnownDevice(ground.keys[Purpose.KNOWN_DEVICE]),
        recovery_keys=tuple(derive(one, Purpose.RECOVERY_CODE) for one in every),
        identity_keys=tuple(derive(one, Purpose.WECHAT_IDENTITY) for one in every),
        hash_password=passwords.hashed,
        stale_hash=passwords.stale,
        new_secret=lambda: _drawn(BASE32, SECRET_CHARS),
        new_password=lambda: "-".join(_drawn(RECOVERY_ALPHABET, GROUP_CHARS).lower() for _ in range(GROUPS)),
        new_recovery=lambda: _drawn(RECOVERY_ALPHABET, RECOVERY_CHARS),
        new_key=lambda: secrets.token_bytes(32),
        new_device=lambda: secrets.token_bytes(ID_BYTES),
        forced=not settings.demo,
    )


def _drawn(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _wechat(settings: Settings) -> WeChat:
    if not settings.wechat_app_id:
        return NoWeChat()
    return Code2Session(url=settings.wechat_url, app_id=settings.wechat_app_id, secret=settings.wechat_secret)
