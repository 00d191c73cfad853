"""The way to a Redis Cluster: one lane to each master, the map of slots kept by redis-py's cluster client.

A call goes to the master of its first key's slot. What a node refuses because the map is old (MOVED), a slot
is on its way (ASK, TRYAGAIN) or nobody serves it (CLUSTERDOWN) is answered `LiveAway`: the page asks again,
its outbox is the retry. Meanwhile the map is fetched anew.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import urlsplit

import structlog
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.crc import key_slot
from redis.exceptions import RedisError

from exam_api.errors import LiveAway
from exam_api.live.lane import Lane, Word
from exam_api.live.redis_lane import DEADLINE_S, IN_FLIGHT_MAX, RedisLane
from exam_api.live.scripts import Script

SCHEMES: Final = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
"""Scheme of a cluster's address → scheme of its nodes'; several nodes to begin with stand behind commas."""

REFRESH_S: Final = 30.0
"""How often the map of slots is fetched anew when nobody complains."""

REFRESH_PAUSE_S: Final = 0.2
"""Pause between two fetches when something is wrong: a failover takes seconds."""

_log = structlog.stdlib.get_logger("kaowu.live")


def is_cluster(url: str) -> bool:
    """Whether an address names a cluster."""
    return urlsplit(url).scheme in SCHEMES


def open_lane(url: str, *, deadline_s: float = DEADLINE_S, in_flight_max: int = IN_FLIGHT_MAX) -> "Lane":
    """The lane for an address."""
    kind = ClusterLane if is_cluster(url) else RedisLane
    return kind(url, deadline_s=deadline_s, in_flight_max=in_flight_max)


class ClusterLane(Lane):
    """Lanes to all masters of a cluster."""

    apart = True

    def __init__(
        self, url: str, *, deadline_s: float = DEADLINE_S, in_flight_max: int = IN_FLIGHT_MAX
    ) -> None:
        self._address = _Address(url)
        self._deadline_s = deadline_s
        self._in_flight_max = in_flight_max
        self._lanes: dict[str, RedisLane] = {}
        """By `host:port` of a master."""
        self._masters: Mapping[int, str] = {}
        """Slot → `host:port`."""
        self._doubted = asyncio.Event()
        self._mapped = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """As the port says; nodes that do not answer yet are connected to when they come."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="cluster map")
        try:
            await asyncio.wait_for(self._mapped.wait(), self._deadline_s)
        except TimeoutError:
            raise LiveAway from None
        await asyncio.gather(*(lane.open() for lane in self._lanes.values()))

    async def close(self) -> None:
        """As the port says."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait([keeper])
        lanes, self._lanes, self._masters = self._lanes, {}, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))

    def run(self, script: Script, keys: Sequence[bytes], args: Sequence[Word]) -> "asyncio.Future[Any]":
        """As the port says; the keys lie in one slot."""
        return self._lane_of(keys[0]).run(script, keys, args)

    def run_said(self, script: Script, key: bytes, words: int, said: bytes) -> "asyncio.Future[Any]":
        """As the port says; the keys lie in one slot."""
        return self._lane_of(key).run_said(script, key, words, said)

    def command(self, *words: Word) -> "asyncio.Future[Any]":
        """As the port says. A command without a key goes to the first master."""
        key = _key_of(words)
        if key is not None:
            return self._lane_of(key).command(*words)
        for lane in self._lanes.values():
            return lane.command(*words)
        raise LiveAway

    def run_id_of(self, key: bytes) -> bytes:
        """As the port says."""
        lane = self._lanes.get(self._masters.get(_slot(key), ""))
        return lane.run_id_of(key) if lane else b""

    def by_node(self, keys: Sequence[bytes]) -> Sequence[Sequence[bytes]]:
        """As the port says; keys whose slot nobody serves now stand together at the end."""
        groups: dict[str, list[bytes]] = {}
        for key in keys:
            groups.setdefault(self._masters.get(_slot(key), ""), []).append(key)
        return [groups[name] for name in sorted(groups, reverse=True)]

    def _lane_of(self, key: bytes) -> RedisLane:
        lane = self._lanes.get(self._masters.get(_slot(key), ""))
        if lane is None:
            raise LiveAway
        return lane

    async def _keep(self) -> None:
        while True:
            self._doubted.clear()
            try:
                await self._fetch()
            except (RedisError, OSError, TimeoutError) as away:
                _log.warning("cluster.away", why=type(away).__name__)
                await asyncio.sleep(REFRESH_PAUSE_S)
                continue
            try:
                await asyncio.wait_for(self._doubted.wait(), REFRESH_S)
            except TimeoutError:
                continue
            await asyncio.sleep(REFRESH_PAUSE_S)

    async def _fetch(self) -> None:
        """Ask the nodes we know for the map; open lanes to new masters, close those to former ones."""
        client = self._address.client(self._lanes, timeout_s=self._deadline_s)
        try:
            await client.initialize()
            slots = cast("Mapping[int, list[ClusterNode]]", client.nodes_manager.slots_cache)
            masters = {slot: str(nodes[0].name) for slot, nodes in slots.items() if nodes}
        finally:
            await client.aclose()
        wanted = set(masters.values())
        for name in sorted(wanted - self._lanes.keys()):
            lane = RedisLane(
                self._address.node(name),
                deadline_s=self._deadline_s,
                in_flight_max=self._in_flight_max,
                doubt=self._doubted.set,
            )
            self._lanes[name] = lane
            lane.begin()
        gone = [self._lanes.pop(name) for name in self._lanes.keys() - wanted]
        self._masters = masters
        self._mapped.set()
        await asyncio.gather(*(lane.close() for lane in gone))
        if gone:
            _log.info("cluster.mapped", masters=len(wanted))


class _Address:
    """A cluster's address: scheme, log-in and the nodes to begin with."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._scheme = SCHEMES[parts.scheme]
        login, at, hosts = parts.netloc.rpartition("@")
        self._login = login + at
        self._first = hosts.split(",")

    def node(self, name: str) -> str:
        """Address of one node, `host:port`."""
        return f"{self._scheme}://{self._login}{name}"

    def client(self, known: Mapping[str, object], *, timeout_s: float) -> RedisCluster:
        """A client that asks the nodes we know now, and those we began with."""
        names = [*known, *(name for name in self._first if name not in known)]
        nodes = [ClusterNode(*_host_and_port(name)) for name in names]
        return RedisCluster.from_url(  # pyright: ignore[reportUnknownMemberType]
            self.node(names[0]),
            startup_nodes=nodes,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
        )


def _host_and_port(name: str) -> tuple[str, int]:
    host, _, port = name.rpartition(":")
    return host, int(port)


def _key_of(words: Sequence[Word]) -> bytes | None:
    """The first key that a command names."""
    match words[0]:
        case "PING":
            return None
        case "XREAD" | "XREADGROUP":
            key = words[words.index("STREAMS") + 1]
        case "XGROUP" | "XINFO":
            key = words[2]
        case _:
            key = words[1]
    return key if isinstance(key, bytes) else str(key).encode()


def _slot(key: bytes) -> int:
    """The slot of a key: of what stands in braces, where something does."""
    begin = key.find(b"{")
    end = key.find(b"}", begin + 1) if begin >= 0 else -1
    return _slot_of(key[begin + 1 : end] if end > begin + 1 else key)


@lru_cache(maxsize=8_192)
def _slot_of(tag: bytes) -> int:
    return key_slot(tag)
