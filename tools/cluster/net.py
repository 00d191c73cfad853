"""Machines of paper: network namespaces on one bridge, which itself nobody outside can see."""

import ctypes
import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

NEW_NET: Final = 0x40000000
"""CLONE_NEWNET of unshare(2)."""

BRIDGE: Final = "kwbr"

SUBNET: Final = "10.97.0"
"""Addresses inside; the namespaces have no way out, so it may be used outside too."""

HUB: Final = f"{SUBNET}.1"
"""Where candidates and the short-message gateway are."""


class NoNamespaces(Exception):
    """This system does not let us make them."""


class Net:
    """One bridge in a namespace of our own, and a namespace for each node."""

    def __init__(self, ends: ExitStack) -> None:
        """Leave this machine's network for an empty one. Raises NoNamespaces."""
        self._ends = ends
        self._prefix = f"kw{os.getpid()}"
        self._numbers: dict[str, int] = {}
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(NEW_NET):
            raise NoNamespaces(os.strerror(ctypes.get_errno()))
        _ip("link", "set", "lo", "up")
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{HUB}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")

    def add(self, name: str, number: int) -> str:
        """A node; gives its address."""
        space, outer = self._space(name), f"v{number}"
        _ip("netns", "add", space)
        self._ends.callback(_ip, "netns", "del", space, check=False)
        self._numbers[name] = number
        _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", outer, "master", BRIDGE, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{SUBNET}.{number}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            _ip("-n", space, *words)
        return f"{SUBNET}.{number}"

    def inside(self, name: str, words: Sequence[str]) -> list[str]:
        """The command that runs on this node."""
        return ["ip", "netns", "exec", self._space(name), *words]

    def cut(self, name: str) -> None:
        """Pull the node's cable."""
        _ip("link", "set", f"v{self._numbers[name]}", "down")

    def join(self, name: str) -> None:
        """Plug it in again."""
        _ip("link", "set", f"v{self._numbers[name]}", "up")

    def _space(self, name: str) -> str:
        return f"{self._prefix}-{name}"


def _ip(*words: str, check: bool = True) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)  # noqa: S607 - iproute2's place differs
    if check and done.returncode:
        raise NoNamespaces(f"ip {' '.join(words)}: {done.stderr.strip()}")
