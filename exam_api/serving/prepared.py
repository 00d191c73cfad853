"""Remembering that schema and demo data are up to date, so that a second start need not look again."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

import exam_api
import migrations
from exam_api.settings import Settings

GOOD_FOR_MS: Final = 6 * 3_600_000
"""How long prepared demo data is taken for fresh: its sessions are open for 12 hours."""

FILE: Final = "prepared.json"
"""In the data folder."""

_SOURCES: Final = (Path(migrations.__file__).parent, Path(exam_api.__file__).parent / "demo")


class Prepared(msgspec.Struct, frozen=True):
    """What was prepared, and when."""

    what: str
    at_ms: int


def is_prepared(settings: Settings, *, now_ms: int) -> bool:
    """Whether the data folder's own database was prepared by this very code a short time ago.

    Always false for a database elsewhere: others may have changed it.
    """
    if not settings.database_is_sqlite or not Path(settings.database_url.partition(":///")[2]).exists():
        return False
    try:
        held = msgspec.json.decode((settings.data_dir / FILE).read_bytes(), type=Prepared)
    except (OSError, msgspec.MsgspecError):
        return False
    return held.what == _what(settings) and 0 <= now_ms - held.at_ms < GOOD_FOR_MS


def keep_prepared(settings: Settings, *, now_ms: int) -> None:
    """Remember it."""
    held = Prepared(what=_what(settings), at_ms=now_ms)
    (settings.data_dir / FILE).write_bytes(msgspec.json.encode(held))


def _what(settings: Settings) -> str:
    whole = hashlib.sha256(f"{settings.database_url}\n{settings.redis_url}\n{settings.demo}".encode())
    for folder in _SOURCES:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".json"}:
                whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
