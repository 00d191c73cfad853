"""Ending with one sentence that says what to do."""

import sys
from typing import NoReturn


def refuse(sentence: str) -> NoReturn:
    """Write the sentence to standard error and end with status 1."""
    sys.stderr.write(f"{sentence}\n")
    sys.exit(1)
