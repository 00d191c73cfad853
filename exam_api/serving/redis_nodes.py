"""What the doctor asks of Redis: the one server of an address, or every node of a cluster."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from exam_api.live.cluster_lane import SCHEMES

ASK_S: Final = 3.0
"""How long one node may take to answer."""

GONE: Final = frozenset({"fail", "noaddr", "handshake"})
"""Flags of a node that the others have given up."""


class NodeTold(msgspec.Struct, frozen=True):
    """What one server says of itself."""

    name: str
    """`host:port` in a cluster; empty where there is one server only."""
    version: str
    kept: Mapping[str, str]
    """Settings on which it depends whether something is kept: `appendonly`, `maxmemory-policy`."""
    last_write_ok: bool
    skew_ms: int
    """How far its clock is from ours."""


class ClusterTold(msgspec.Struct, frozen=True):
    """How a cluster stands."""

    nodes: Sequence[NodeTold]
    silent: Sequence[str]
    """Nodes that belong to it and do not answer."""
    alone: Sequence[str]
    """Masters without a replica that could take over."""
    whole: bool
    """Whether every slot is served."""


def ask_server(url: str, *, now_ms: Callable[[], int], name: str = "") -> NodeTold:
    """Ask one server. Raises RedisError, OSError."""
    client: Any = _client(url)
    try:
        told: dict[str, Any] = client.info()
        kept: dict[str, str] = {**client.config_get("appendonly"), **client.config_get("maxmemory-policy")}
        before_ms = now_ms()
        seconds, micros = client.time()
        skew_ms = (before_ms + now_ms()) // 2 - (int(seconds) * 1000 + int(micros) // 1000)
    finally:
        client.close()
    return NodeTold(
        name, str(told["redis_version"]), kept, told.get("aof_last_write_status", "ok") == "ok", skew_ms
    )


def ask_cluster(url: str, *, now_ms: Callable[[], int]) -> ClusterTold:
    """Ask the first node of an address that answers for all others, then each of them.

    Raises RedisError, OSError when none of the address answers.
    """
    seen, whole = _map_of(url)
    told: list[NodeTold] = []
    silent = [name for name, row in seen.items() if GONE & set(row["flags"].split(","))]
    for name in sorted(seen.keys() - set(silent)):
        try:
            told.append(ask_server(_node_url(url, name), now_ms=now_ms, name=name))
        except (RedisError, OSError):
            silent.append(name)
    followed = {row["master_id"] for name, row in seen.items() if name not in silent}
    alone = [
        name
        for name, row in sorted(seen.items())
        if name not in silent and "master" in row["flags"] and row["slots"] and row["node_id"] not in followed
    ]
    return ClusterTold(told, sorted(silent), alone, whole)


def _map_of(url: str) -> tuple[dict[str, dict[str, Any]], bool]:
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    last: Exception = OSError("no node is named")
    for name in hosts:
        client: Any = _client(_node_url(url, name))
        try:
            seen: dict[str, dict[str, Any]] = client.execute_command("CLUSTER NODES")
            state: dict[str, str] = client.execute_command("CLUSTER INFO")
        except (RedisError, OSError) as away:
            last = away
        else:
            return seen, state["cluster_state"] == "ok"
        finally:
            client.close()
    raise last


def _node_url(url: str, name: str) -> str:
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    return f"{SCHEMES[parts.scheme]}://{login}{at}{name}"


def _client(url: str) -> Any:  # noqa: ANN401 - redis-py's client is not typed
    return Redis.from_url(url, socket_timeout=ASK_S, socket_connect_timeout=ASK_S)  # pyright: ignore[reportUnknownMemberType]
