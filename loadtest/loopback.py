"""The one place that decides where load may go: to this machine and nowhere else."""

import ipaddress
import socket


class NotLoopback(Exception):
    """Load was to be sent to another machine."""

    def __init__(self, host: str) -> None:
        super().__init__(f"load goes to this machine only, not to {host!r}")
        self.host = host


_DISCARD = 9
"""A port for asking the kernel which way an address lies; nothing is sent there."""


def require_loopback(host: str) -> str:
    """The address itself; a name, even localhost, is no address: a resolver decides where it leads.

    An address of a network card of this machine is as good: what is sent there never leaves the machine.

    Raises:
        NotLoopback: for everything else.
    """
    try:
        if ipaddress.ip_address(host).is_loopback or _is_own(host):
            return host
    except (ValueError, OSError):
        pass
    raise NotLoopback(host)


def _is_own(host: str) -> bool:
    """Whether the kernel would send from that very address: so it does to itself and to nobody else."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((host, _DISCARD))  # a datagram socket: this sends nothing
        return bool(probe.getsockname()[0] == host)
