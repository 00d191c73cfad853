"""Whether this machine can draw Chinese: certificates and screenshots need a font for it."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
"""Where fonts are looked for when fontconfig is not there to be asked."""

_ASK_S: Final = 20.0
"""fontconfig may have to build its cache first."""


def has_chinese_font() -> bool:
    """Whether a font with simplified Chinese is installed."""
    asked = shutil.which("fc-list")
    if asked:
        words = [asked, ":lang=zh-cn", "family"]
        told = subprocess.run(words, capture_output=True, text=True, check=False, timeout=_ASK_S)  # noqa: S603 - found on PATH
        return bool(told.stdout.strip())
    return any(next(folder.rglob("*CJK*"), None) for folder in FOLDERS if folder.is_dir())
