"""`make check`: every check that needs no servers, two at a time, each with its time."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
BIN: Final = ROOT / ".venv" / "bin"

CHECKS: Final[Sequence[tuple[str, Sequence[str], str]]] = (
    ("format", (f"{BIN}/ruff", "format", "--check", "."), "."),
    ("lint", (f"{BIN}/ruff", "check", "--quiet", "."), "."),
    ("web types", ("node_modules/.bin/vue-tsc", "--noEmit"), "web"),
    ("types", (f"{BIN}/pyright",), "."),
    ("web lint", ("node_modules/.bin/eslint", "--max-warnings", "0", "."), "web"),
    ("house rules", (f"{BIN}/pytest", "tests/house", "-q", "-p", "no:cacheprovider"), "."),
    ("web types are the API's", ("npm", "run", "--silent", "types", "--", "--check"), "web"),
    ("import contracts", (f"{BIN}/lint-imports", "--no-cache"), "."),
    ("size of the exam screen", ("npm", "run", "--silent", "size"), "web"),
)
"""What is said, the command, the folder it runs in; the quick ones first, then the longest."""

AT_ONCE: Final = 2
"""Checks running at a time: the machine that counts has two cores."""


def run_check(check: tuple[str, Sequence[str], str]) -> bool:
    """Run one; a failure shows all that it said."""
    name, words, folder = check
    began = time.monotonic()
    environ = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(words, cwd=ROOT / folder, env=environ, capture_output=True, text=True, check=False)
    told = f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - began:.1f} s)"
    print(told if done.returncode == 0 else f"{told}\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode == 0


def main() -> None:
    """Run them all and end with status 1 when one failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        passed = list(pool.map(run_check, CHECKS))
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
