"""Ending with one sentence that says what to do."""

import sys
from typing import NoReturn


def refuse(zh: str, en: str) -> NoReturn:
    """Write the sentence in both languages to standard error and end with status 1."""
    sys.stderr.write(f"{zh}\n{en}\n")
    sys.exit(1)
