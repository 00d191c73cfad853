"""The one place that decides where load may go: to this machine and nowhere else."""

import ipaddress


class NotLoopback(Exception):
    """Load was to be sent to another machine."""

    def __init__(self, host: str) -> None:
        super().__init__(f"load goes to this machine only, not to {host!r}")
        self.host = host


def require_loopback(host: str) -> str:
    """The address itself; a name, even localhost, is no address: a resolver decides where it leads.

    Raises:
        NotLoopback: for everything else.
    """
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise NotLoopback(host)
