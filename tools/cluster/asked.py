"""What `make cluster` was asked for, and whether it can run here."""

import shutil
from typing import Final

from tools.bench.servers import postgres_programs
from tools.cluster.engines import MIME
from tools.refuse import refuse
from tools.system import install

CANDIDATES: Final = 200

CANDIDATES_MOST: Final = 1_000
"""The nodes share this machine: more would measure only that."""

PROGRAMS: Final = {
    "nginx": "nginx",
    "redis-server": "redis-server",
    "redis-cli": "redis-tools",
    "ip": "iproute2",
    "setpriv": "util-linux",
    "openssl": "openssl",
}
"""Program → Debian's package."""


def asked_for(given: str) -> int:
    """How many candidates; ends the program with a sentence where that is no such number."""
    words = given.strip() or str(CANDIDATES)
    if not words.isascii() or not words.isdigit() or not 1 <= int(words) <= CANDIDATES_MOST:
        refuse(
            f"CANDIDATES 须为 1 到 {CANDIDATES_MOST} 的整数。",
            f"CANDIDATES is a number from 1 to {CANDIDATES_MOST}.",
        )
    return int(words)


def check_ground(*, platform: str, user_id: int) -> None:
    """See that nodes can be made here, and install what is missing; ends the program where they cannot."""
    if platform != "linux" or user_id != 0:
        refuse(
            "`make cluster` 把每个节点放进各自的网络命名空间，需要 Linux 与 root：请以 root 运行。",
            "`make cluster` puts every node into a network namespace of its own: run it on Linux, as root.",
        )
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    missing += [] if postgres_programs() else ["postgresql"]
    missing += [] if MIME.exists() or "nginx" in missing else ["nginx-common"]
    if missing:
        install(missing, what_for="make cluster")
