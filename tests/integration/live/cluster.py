"""A Redis Cluster of three masters, with a replica each or none, on loopback, for tests that end a node."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis
from redis.cluster import RedisCluster as BlockingCluster

from tests.servers import unused_port

MASTERS = 3
PATIENT_MS = 15_000
"""Where nobody can take over, a node that is slow beside other work must not be given up by the others."""
SERVER = shutil.which("redis-server") or ""
CLI = shutil.which("redis-cli") or ""


@dataclass
class Node:
    """One server of the cluster."""

    port: int
    bus: int
    process: subprocess.Popen[bytes]


@dataclass
class Cluster:
    """Started at once, ended by `stop`."""

    folder: Path
    replicas: int = 1
    """Of each master."""
    nodes: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:MASTERS])

    def start(self) -> None:
        self.nodes = [self._node() for _ in range(MASTERS * (1 + self.replicas))]
        for node in self.nodes:
            until(lambda port=node.port: ask(port, "PING") is not None, f"node {node.port} answers")
        names = [f"127.0.0.1:{node.port}" for node in self.nodes]
        create = [CLI, "--cluster", "create", *names, "--cluster-yes"]
        create += ["--cluster-replicas", str(self.replicas)]
        subprocess.run(create, check=True, capture_output=True, timeout=60)
        for node in self.nodes:
            until(
                lambda port=node.port: "cluster_state:ok" in str(ask(port, "CLUSTER", "INFO")), "it is whole"
            )
        until(self._replicas_follow, "every replica follows its master")

    def start_one(self) -> str:
        """One master that serves every slot; its address as of a server alone."""
        self.nodes = [self._node()]
        port = self.nodes[0].port
        until(lambda: ask(port, "PING") is not None, "it answers")
        ask(port, "CLUSTER", "ADDSLOTS", *map(str, range(16_384)))
        until(lambda: _is_whole(port), "it is whole")
        return f"redis://127.0.0.1:{port}"

    def kill_a_master(self) -> int:
        """End one master as a crash does; returns its port."""
        with BlockingCluster(host="127.0.0.1", port=self.nodes[0].port) as client:
            port = int(client.get_primaries()[0].port)
        self.kill(port)
        return port

    def kill(self, port: int) -> None:
        """End one node as a crash does."""
        (node,) = (node for node in self.nodes if node.port == port)
        node.process.kill()
        node.process.wait()

    def start_again(self, port: int) -> None:
        """Start an ended node on its data."""
        (node,) = (node for node in self.nodes if node.port == port)
        node.process = self._begun(port, node.bus)
        for each in self.nodes:
            until(lambda port=each.port: _is_whole(port), "it is whole again")

    def stop(self) -> None:
        for node in self.nodes:
            node.process.kill()
            node.process.wait()

    def _node(self) -> Node:
        port, bus = unused_port(), unused_port()
        (self.folder / str(port)).mkdir(parents=True)
        return Node(port, bus, self._begun(port, bus))

    def _begun(self, port: int, bus: int) -> subprocess.Popen[bytes]:
        options = {
            "port": port,
            "cluster-port": bus,
            "dir": self.folder / str(port),
            "cluster-enabled": "yes",
            "cluster-node-timeout": 1000 if self.replicas else PATIENT_MS,
            "cluster-replica-validity-factor": 0,
            "cluster-require-full-coverage": "no",
            "appendonly": "yes",
            "save": "",
            "bind": "127.0.0.1",
        }
        words = [SERVER, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _replicas_follow(self) -> bool:
        told = [str(ask(node.port, "INFO", "replication")) for node in self.nodes]
        return sum("'master_link_status': 'up'" in one for one in told) == MASTERS * self.replicas


def _is_whole(port: int) -> bool:
    return "cluster_state:ok" in str(ask(port, "CLUSTER", "INFO"))


def ask(port: int, *words: str) -> object:
    """What a node says; None while it does not answer."""
    try:
        with redis.Redis(port=port, socket_timeout=2) as client:
            return client.execute_command(*words)
    except redis.RedisError:
        return None


def until(holds: object, what: str, patience_s: float = 30.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + patience_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, what
        time.sleep(0.05)
