"""What every command gets: the settings of this environment, and one way to say that something is refused."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import msgspec

from exam_api.log import start_logging
from exam_api.settings import Settings, from_environ, variable

FAILED = 1
"""Exit status when a command could not do its work; 2 means that it was called wrongly."""


def environ() -> Mapping[str, str]:
    """The variables of this process: handed to settings and to child processes."""
    return os.environ  # noqa: TID251 - an entry point hands its environment in


def settings(*, quiet: bool = True) -> Settings:
    """The settings, with the log set up by them; a quiet command writes errors only, beside its own words.

    Raises:
        SettingsRefused.
    """
    found = from_environ(environ())
    start_logging(msgspec.structs.replace(found, log_level="error") if quiet else found)
    return found


def models_folder() -> Path:
    """Where model files are installed; commands about them need no other setting."""
    folder = environ().get(variable("data_dir"), "").strip()
    return (Path(folder) if folder else Path("var")).absolute() / "models"


def refuse(sentence: str) -> NoReturn:
    """End with one sentence on standard error, in Chinese and in English."""
    sys.stderr.write("".join(f"kaowu: {line}\n" for line in sentence.splitlines()))
    sys.exit(FAILED)


def now_ms() -> int:
    """This machine's clock, for commands that examine the machine itself."""
    return time.time_ns() // 1_000_000  # noqa: TID251 - commands have no wired clock
