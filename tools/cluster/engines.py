"""The engines of the cluster: six nodes of Redis, a primary and a standby of PostgreSQL, nginx in front."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import redis

from tools.bench.processes import ROOT
from tools.bench.servers import postgres_programs
from tools.cluster.machines import Machines, postgres_user
from tools.cluster.net import SUBNET

MASTERS: Final = 3

REDIS_PORT: Final = 6379

NODE_TIMEOUT_MS: Final = 2_000
"""As deploy/redis/redis.conf recommends: a master is given up after it."""

PRIMARY: Final = "pg1"
STANDBY: Final = "pg2"

DEPLOY: Final = ROOT / "deploy"

MIME: Final = Path("/etc/nginx/mime.types")

_ASK_S: Final = 2.0


class RedisNodes:
    """Three masters with a replica each."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self.addresses: dict[str, str] = {}

    @property
    def url(self) -> str:
        hosts = list(self.addresses.values())[:MASTERS]
        return "redis+cluster://" + ",".join(f"{host}:{REDIS_PORT}" for host in hosts)

    def start(self) -> None:
        """Start all with our own configuration file, and make them one cluster. Raises DidNotStart."""
        server = shutil.which("redis-server") or "redis-server"
        for number in range(1, 2 * MASTERS + 1):
            name = f"redis{number}"
            self.addresses[name] = self._machines.net.add(name, 20 + number)
            folder = self._machines.folder / name
            folder.mkdir()
            words = [server, str(DEPLOY / "redis" / "redis.conf"), "--bind", "0.0.0.0"]  # noqa: S104 - the node's own network
            words += ["--protected-mode", "no", "--dir", str(folder), "--cluster-enabled", "yes"]
            words += ["--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--cluster-require-full-coverage", "no"]
            self._machines.start(name, words)
        for name, host in self.addresses.items():
            self._machines.wait(name, lambda host=host: ask_redis(host, "PING") is not None)
        hosts = [f"{host}:{REDIS_PORT}" for host in self.addresses.values()]
        create = [shutil.which("redis-cli") or "redis-cli", "--cluster", "create", *hosts]
        create += ["--cluster-replicas", "1", "--cluster-yes"]
        subprocess.run(create, capture_output=True, timeout=60, check=True)
        for name, host in self.addresses.items():
            self._machines.wait(name, lambda host=host: "cluster_state:ok" in told(host, "CLUSTER", "INFO"))
        self._machines.wait("redis1", lambda: self.replicas_that_follow() == MASTERS)

    def a_master(self) -> str:
        """Name of a node that serves slots."""
        names = [name for name, host in self.addresses.items() if "role:master" in told(host, "INFO")]
        return names[0]

    def replicas_that_follow(self) -> int:
        """How many replicas have a master that answers them."""
        said = [told(host, "INFO") for host in self.addresses.values()]
        return sum("master_link_status:up" in one for one in said)


class PostgresPair:
    """A primary and its synchronous standby: a commit is on both disks before it is answered."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._bin = postgres_programs() or Path()
        self._user = postgres_user()
        self._hosts: dict[str, str] = dict.fromkeys((PRIMARY, STANDBY), "")

    @property
    def url(self) -> str:
        """Both addresses: whichever takes writes is connected to."""
        hosts = "&".join(f"host={host}:5432" for host in self._hosts.values())
        return f"postgresql+asyncpg://kaowu@/postgres?{hosts}&target_session_attrs=read-write"

    def start(self) -> None:
        """Primary, base backup, standby. Raises DidNotStart."""
        for number, name in enumerate(self._hosts, start=31):
            self._hosts[name] = self._machines.net.add(name, number)
            folder = self._machines.folder / name
            folder.mkdir()
            shutil.chown(folder, self._user.uid, self._user.gid)
        words = [str(self._bin / "initdb"), "-D", self._data(PRIMARY), "-U", "kaowu", "-A", "trust"]
        words += ["--no-sync", "-E", "UTF8", "--locale=C", "--no-instructions", "--data-checksums"]
        self._machines.run(PRIMARY, words, user=self._user)
        access = Path(self._data(PRIMARY)) / "pg_hba.conf"
        with access.open("a", encoding="ascii") as lines:
            lines.write(f"host all all {SUBNET}.0/24 trust\nhost replication all {SUBNET}.0/24 trust\n")
        self._serve(PRIMARY, {"synchronous_standby_names": "*"})
        copy = [
            str(self._bin / "pg_basebackup"),
            "-h",
            self._hosts[PRIMARY],
            "-U",
            "kaowu",
            "-R",
            "-c",
            "fast",
        ]
        self._machines.run(STANDBY, [*copy, "-D", self._data(STANDBY)], user=self._user)
        self._serve(STANDBY, {})
        self._machines.wait(
            STANDBY, lambda: "sync" in self.ask(PRIMARY, "select sync_state from pg_stat_replication")
        )

    def promote(self) -> None:
        """Make the standby the primary with the script that operators have."""
        script = str(DEPLOY / "postgresql" / "promote.sh")
        copy = self._machines.folder / "promote.sh"
        shutil.copy(script, copy)
        copy.chmod(0o755)
        words = ["env", "PGUSER=kaowu", str(copy), self._data(STANDBY), str(self._bin)]
        self._machines.run(STANDBY, words, user=self._user)

    def ask(self, name: str, statement: str) -> str:
        """What a server answers; empty while it does not."""
        words = [str(self._bin / "psql"), "-X", "-A", "-t", "-q", "-h", self._hosts[name], "-U", "kaowu"]
        done = subprocess.run(
            [*words, "-d", "postgres", "-c", statement],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        return done.stdout.strip()

    def _data(self, name: str) -> str:
        return str(self._machines.folder / name / "data")

    def _serve(self, name: str, more: Mapping[str, str]) -> None:
        folder = self._machines.folder / name
        options = {
            "listen_addresses": self._hosts[name],
            "unix_socket_directories": str(folder),
            "fsync": "on",
            "synchronous_commit": "on",
            "shared_buffers": "64MB",
            "max_connections": "120",
            "wal_log_hints": "on",
            **more,
        }
        words = [str(self._bin / "postgres"), "-D", self._data(name)]
        words += [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        self._machines.start(name, words, user=self._user)
        self._machines.wait(name, lambda: self.ask(name, "select 1") == "1")


def start_front(machines: Machines, *, behind: Sequence[str]) -> str:
    """Start nginx with deploy/nginx before these services; gives its address. Raises DidNotStart."""
    host = machines.net.add("front", 10)
    folder = machines.folder / "front"
    shutil.copytree(DEPLOY / "nginx", folder)
    shutil.copy(MIME, folder)
    key, certificate = folder / "key.pem", folder / "cert.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    words += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=exam.example"]
    machines.run("front", words)
    servers = "".join(f"    server {one}:8000 max_fails=3 fail_timeout=2s;\n" for one in behind)
    _swap(
        folder / "kaowu.conf",
        {
            "    server 127.0.0.1:8000 max_fails=3 fail_timeout=2s;\n": servers,
            "/etc/kaowu/tls/fullchain.pem": str(certificate),
            "/etc/kaowu/tls/key.pem": str(key),
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2 backlog=4096;\n": "",
        },
    )
    swaps = {"/run/nginx.pid": str(folder / "nginx.pid"), "/var/log/nginx": str(folder)}
    smaller = {"worker_rlimit_nofile 131072;": "", "worker_connections 65536;": "worker_connections 4096;"}
    _swap(folder / "nginx.conf", {**swaps, **smaller})
    nginx = shutil.which("nginx") or "nginx"
    words = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    machines.start("front", words)
    return host


def ask_redis(host: str, *words: str) -> object:
    """What a node says; None while it does not answer."""
    client: Any = redis.Redis(
        host=host, port=REDIS_PORT, socket_timeout=_ASK_S, socket_connect_timeout=_ASK_S
    )
    try:
        connection = client.connection_pool.get_connection()
        connection.send_command(*words)
        return connection.read_response()
    except (redis.RedisError, OSError):
        return None
    finally:
        client.close()


def told(host: str, *words: str) -> str:
    """What a node says, as text."""
    said = ask_redis(host, *words)
    return said.decode(errors="replace") if isinstance(said, bytes) else ""


def _swap(path: Path, pairs: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
