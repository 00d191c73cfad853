"""`make lock`: compile the lock files, for every platform, with hashes and without addresses."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent

COMPILE: Final = (
    sys.executable,
    "-m",
    "uv",
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-annotate",
    "--no-header",
)

OURS: Final = "pyproject.toml"


def main() -> None:
    """Compile the runtime lock, the tests' lock on top of it, Locust's beside both, and the web build's."""
    for words in (
        (*COMPILE, OURS, "-o", "requirements.lock"),
        (*COMPILE, OURS, "--group", "dev", "-c", "requirements.lock", "-o", "requirements-dev.lock"),
        (*COMPILE, "--group", "load", "-c", "requirements-dev.lock", "-o", "requirements-load.lock"),
    ):
        subprocess.run(words, cwd=ROOT, check=True)
    subprocess.run(["npm", "run", "--silent", "lock"], cwd=ROOT / "web", check=True)  # noqa: S607 - npm of PATH


if __name__ == "__main__":
    main()
