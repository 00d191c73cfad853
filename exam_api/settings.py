"""What an operator may set: one frozen struct, read once from variables named KAOWU_*."""

import difflib
import ipaddress
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

PREFIX: Final = "KAOWU_"
"""Every variable of ours starts with it; other variables are not read."""

SECRET_LENGTH_LEAST: Final = 32
"""Characters of the master secret: 32 hex characters carry 128 bits."""

SOCKET_PATH_LONGEST: Final = 107
"""Bytes of a unix socket's path that Linux accepts (sun_path less its closing zero)."""

SECRET_FILE: Final = "secret"  # noqa: S105 - the name of a file
"""Name, in the data folder, of the file that keeps the demo's master secret."""

_LISTS: Final = frozenset({"public_origins", "previous_secrets", "trusted_proxies"})


class SettingsRefused(Exception):
    """The variables do not make settings; the message says what to do, in Chinese and in English."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of one installation; `from_environ` makes them and fills in what is left out."""

    data_dir: Path = Path("var")
    """Folder for everything kept outside the database: embedded Redis, SQLite file, images."""
    database_url: str = ""
    """Address, `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; empty = a file in `data_dir`."""
    redis_url: str = ""
    """`redis://…`, `rediss://…`, `unix://…`; a cluster `redis+cluster://a:6379,b:6379` (`rediss+cluster`);
    empty = a private Redis in `data_dir`, started by `serve`."""
    secret: str = ""
    """Master secret that all keys are derived from; has no default outside the demo."""
    previous_secrets: tuple[str, ...] = ()
    """Master secrets of before, comma-separated: what they sealed opens until `rotate-keys` is through."""
    demo: bool = False
    """Show demo log-ins and codes; refuses to listen on addresses other than loopback and private ones."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8000
    """Port to listen on."""
    tls_cert: Path | None = None
    """PEM file of the certificate chain, when the service itself speaks TLS."""
    tls_key: Path | None = None
    """PEM file of the certificate's private key."""
    api_workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processes that answer HTTP requests; one for each core is the most that helps."""
    entry_places: Annotated[int, msgspec.Meta(ge=2, le=1024)] = 16
    """Log-ins, papers and starts that one process works on at once; further ones stand in line."""
    public_origins: tuple[str, ...] = ()
    """Origins (`https://exam.example`, comma-separated) of the pages; empty = the listening address."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies on other machines whose `X-Forwarded-For` is believed."""
    cookies_secure: bool | None = None
    """Send log-in cookies over TLS only; off in a demo without TLS, and refused to be off elsewhere."""
    web_dir: Path = Path(__file__).parent.parent / "web" / "dist"
    """Folder of the built pages."""
    support_phone: str = ""
    """Telephone number that pages show to candidates who need help; empty shows none."""
    sms_url: Annotated[str, msgspec.Meta(pattern="^(https?://.+)?$")] = ""
    """Gateway for one-time codes: takes POST of {"phone", "text"} as JSON; empty sends none."""
    sms_token: str = ""
    """Bearer token that the gateway asks for."""
    wechat_app_id: str = ""
    """Id of the WeChat mini program whose users may log in by WeChat; empty turns that off."""
    wechat_secret: str = ""
    """The mini program's secret."""
    wechat_url: Annotated[str, msgspec.Meta(pattern="^https?://.+$")] = "https://api.weixin.qq.com"
    """Where WeChat is asked who is behind a code."""
    log_kept_minutes: Annotated[int, msgspec.Meta(ge=1, le=10_080)] = 90
    """How long Redis keeps what is on record already; longer than the time between two backups."""
    metrics_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """Port on loopback where the worker shows its metrics; 0 = none."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level of the events that are written to the log."""

    def __post_init__(self) -> None:
        """Fill in what follows from other settings."""
        fill = msgspec.structs.force_setattr
        fill(self, "data_dir", self.data_dir.absolute())
        fill(self, "database_url", self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'kaowu.db'}")
        fill(self, "redis_url", self.redis_url or f"unix://{self.redis_socket}")
        fill(self, "public_origins", self.public_origins or self._own_origins())
        if self.cookies_secure is None:
            fill(self, "cookies_secure", not self.demo or self.tls_cert is not None)

    def __repr__(self) -> str:
        """Name the installation without its secret or the passwords inside addresses."""
        return f"Settings(data_dir={str(self.data_dir)!r}, host={self.host!r}, port={self.port})"

    @property
    def redis_socket(self) -> Path:
        """Where the embedded Redis listens."""
        return self.data_dir / "redis" / "redis.sock"

    @property
    def redis_is_embedded(self) -> bool:
        """Whether `serve` starts a Redis of its own."""
        return self.redis_url == f"unix://{self.redis_socket}"

    @property
    def database_is_sqlite(self) -> bool:
        """Whether the database is a file that only this machine can open."""
        return self.database_url.startswith("sqlite")

    def _own_origins(self) -> tuple[str, ...]:
        scheme = "https" if self.tls_cert else "http"
        names = ["127.0.0.1", "localhost", "[::1]"] if _is_loopback(self.host) else [_in_url(self.host)]
        return tuple(f"{scheme}://{name}:{self.port}" for name in names)


def from_environ(environ: Mapping[str, str]) -> Settings:
    """Read the settings; the demo's secret is made once and kept in the data folder.

    Raises:
        SettingsRefused: for an unknown name, a value of the wrong kind, or a combination that is not safe.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in environ.items()
        if name.startswith(PREFIX) and value.strip()
    }
    _refuse_unknown(given)
    settings = _converted(given)
    if settings.demo:
        _refuse_open_demo(settings)
        if not settings.secret:
            settings = msgspec.structs.replace(settings, secret=_kept_secret(settings.data_dir))
    _refuse_unsafe(settings)
    return settings


def variable(field: str) -> str:
    """Name of the variable that sets a field."""
    return PREFIX + field.upper()


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name not in Settings.__struct_fields__:
            near = difflib.get_close_matches(name, Settings.__struct_fields__, n=1)
            zh = f"是否想写 {variable(near[0])}？" if near else "设置项见 docs/operations.md。"
            en = f"did you mean {variable(near[0])}?" if near else "docs/operations.md lists the settings."
            raise SettingsRefused(
                f"没有 {variable(name)} 这个设置；{zh}\n{variable(name)} is not a setting; {en}"
            )


def _converted(given: Mapping[str, str]) -> Settings:
    raw: dict[str, Any] = dict(given)
    for name in _LISTS & raw.keys():
        raw[name] = [part.strip() for part in str(raw[name]).split(",") if part.strip()]
    try:
        return msgspec.convert(raw, Settings, strict=False, dec_hook=_decoded)
    except msgspec.ValidationError as refused:
        what, _, where = str(refused).partition(" - at `$.")
        name = variable(where.rstrip("`[.0123456789]"))
        raise SettingsRefused(f"{name} 的值不正确。\n{name}: {what[:1].lower()}{what[1:]}.") from None


def _decoded(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser()
    raise TypeError(kind.__name__)


def _refuse_open_demo(settings: Settings) -> None:
    if _is_loopback(settings.host):
        return
    try:
        address = ipaddress.ip_address(settings.host)
    except ValueError:
        address = None
    if address is None or address.is_unspecified or not address.is_private:
        raise SettingsRefused(
            f"演示会向所有人显示账号，因此不监听 {settings.host}："
            "请把 KAOWU_HOST 设为 127.0.0.1 或本机的内网地址，或关闭 KAOWU_DEMO。\n"
            f"The demo shows its log-ins to everyone, so it does not listen on {settings.host}: "
            "set KAOWU_HOST to 127.0.0.1 or to a private address of this machine, or turn KAOWU_DEMO off."
        )


def _refuse_unsafe(settings: Settings) -> None:
    if len(settings.secret) < SECRET_LENGTH_LEAST:
        raise SettingsRefused(
            f"必须设置 KAOWU_SECRET：至少 {SECRET_LENGTH_LEAST} 个随机字符，"
            "例如 `openssl rand -hex 32` 的输出；请备份，丢失后无法读出已存的身份证号。\n"
            f"KAOWU_SECRET must be set to at least {SECRET_LENGTH_LEAST} random characters, for example what "
            "`openssl rand -hex 32` prints; keep a copy, without it stored identity numbers cannot be read."
        )
    if any(len(one) < SECRET_LENGTH_LEAST for one in settings.previous_secrets):
        raise SettingsRefused(
            f"KAOWU_PREVIOUS_SECRETS 中每一项至少 {SECRET_LENGTH_LEAST} 个字符，用逗号分隔。\n"
            f"KAOWU_PREVIOUS_SECRETS lists former secrets, comma-separated, each of at least "
            f"{SECRET_LENGTH_LEAST} characters."
        )
    for one in settings.trusted_proxies:
        _refuse_no_network(one)
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SettingsRefused(
            "KAOWU_TLS_CERT 与 KAOWU_TLS_KEY 须同时设置或同时不设。\n"
            "KAOWU_TLS_CERT and KAOWU_TLS_KEY belong together: set both or neither."
        )
    if bool(settings.wechat_app_id) != bool(settings.wechat_secret):
        raise SettingsRefused(
            "KAOWU_WECHAT_APP_ID 与 KAOWU_WECHAT_SECRET 须同时设置或同时不设。\n"
            "KAOWU_WECHAT_APP_ID and KAOWU_WECHAT_SECRET belong together: set both or neither."
        )
    if not settings.demo and not settings.cookies_secure:
        raise SettingsRefused(
            "KAOWU_COOKIES_SECURE=false 只可用于演示：请删除。\n"
            "KAOWU_COOKIES_SECURE=false is for the demo only: remove it."
        )
    if settings.redis_is_embedded and len(str(settings.redis_socket).encode()) > SOCKET_PATH_LONGEST:
        raise SettingsRefused(
            f"{settings.redis_socket} 的路径超过套接字允许的 {SOCKET_PATH_LONGEST} 字节："
            "请把 KAOWU_DATA_DIR 设为较短的路径。\n"
            f"The path of {settings.redis_socket} is longer than the {SOCKET_PATH_LONGEST} bytes "
            "a socket may have: set KAOWU_DATA_DIR to a shorter path."
        )


def _refuse_no_network(given: str) -> None:
    try:
        ipaddress.ip_network(given)
    except ValueError:
        raise SettingsRefused(
            f"KAOWU_TRUSTED_PROXIES 中的 {given} 不是地址或网段，例如 10.1.0.4 或 10.1.0.0/24。\n"
            f"KAOWU_TRUSTED_PROXIES: {given} is no address or network, as 10.1.0.4 or 10.1.0.0/24 are."
        ) from None


def _kept_secret(data_dir: Path) -> str:
    """The demo's secret, made at the first call; readable by its owner only."""
    path = data_dir / SECRET_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_name(f"{SECRET_FILE}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32), encoding="ascii")
            try:
                path.hardlink_to(fresh)  # of two that start together the first one's secret stays
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as refused:
        raise SettingsRefused(
            f"数据目录 {data_dir} 不可用：请把 KAOWU_DATA_DIR 设为可写的目录。\n"
            f"The data folder {data_dir} cannot be used ({refused.strerror}): "
            "set KAOWU_DATA_DIR to a folder this user may write to."
        ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
