"""Running a program that ends when its parent ends, also when the parent is killed.

Used as `python -I tied.py PARENT_PID PROGRAM ARGUMENTS…`; needs the standard library only.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_SET_PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of Linux's <sys/prctl.h>."""


def end_with_parent(parent: int) -> bool:
    """Ask the kernel for SIGTERM when the parent ends; False when it has ended already.

    Systems other than Linux have no such call: there a killed supervisor leaves its children running.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    return os.getppid() == parent


def main() -> None:
    """Replace this process by the program."""
    parent, *words = sys.argv[1:]
    if end_with_parent(int(parent)):
        os.execv(words[0], words)  # noqa: S606 - the supervisor hands in the whole command


if __name__ == "__main__":
    main()
