"""What a driver process brings home: one sample a call, and what each candidate was answered."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from struct import Struct
from typing import Final
from uuid import UUID

import msgspec

from loadtest.replies import told_to_wait
from loadtest.steps import Ask, Reply

NAMES: Final = (
    "code",
    "login",
    "exams",
    "consent",
    "sealed",
    "start",
    "resume",
    "sync",
    "snapshot",
    "submit",
    "live",
    "watch",
)
"""Everything that is counted, in the order of an exam."""

_SAMPLE: Final = Struct(">BHIIII")
_REFUSALS_KEPT: Final = 20


TOLD_TO_WAIT: Final = 1
"""Status of a call that was told to wait for its turn: no error, and no answer yet."""

SUCCESS: Final = range(200, 300)


class Sample(msgspec.Struct, frozen=True):
    """One call."""

    name: str
    status: int
    """0 = no answer, 1 = told to wait."""
    at_s: float
    """When it was sent, from the beginning."""
    took_ms: float
    late_ms: float
    """How much later than it was due the driver sent it: its own slowness, no one else's."""
    received: int
    """Bytes of the reply's body as it was sent, compressed or not."""


class Kept(msgspec.Struct, kw_only=True):
    """What the service has acknowledged to one candidate."""

    attempt_id: UUID
    came: bool = False
    came_s: float = -1.0
    """When they wanted to log in."""
    logged_in: bool = False
    logged_in_s: float = -1.0
    wanted_s: float = -1.0
    """When the page wanted to start."""
    waits: int = 0
    """How often they were told to wait for their turn."""
    start_bytes: int = 0
    """Of the reply to the start."""
    started_s: float = -1.0
    """When the paper or its key was there; -1 = never."""
    prefetched: bool = False
    """The sealed paper was there before the start."""
    fence: int = 0
    seq: int = 0
    """Ops that were acknowledged."""
    head: str = ""
    """The page's own head there."""
    pictures: int = 0
    """Camera pictures that were taken in."""
    receipt: str = ""
    """Of a hand-in that was told to be durable."""
    wrong: int = 0
    """Replies that cannot be right: another head or fence, fewer ops, a key that opens nothing."""


class Home(msgspec.Struct, frozen=True):
    """The part of a driver's book that is written as JSON."""

    driver: str
    """Which program made these figures."""
    kept: Sequence[Kept]
    refusals: Sequence[str]
    """What the first calls that failed were told."""
    pokes: int
    """Events that arrived on open streams."""


class Book:
    """Collects in memory and writes at the end."""

    def __init__(self, driver: str) -> None:
        self._driver = driver
        self._samples = bytearray()
        self._refusals: list[str] = []
        self.kept: list[Kept] = []
        self.pokes = 0

    def add(self, one: Sample) -> None:
        """Count one call."""
        self._samples += _SAMPLE.pack(
            NAMES.index(one.name),
            one.status,
            max(0, round(one.at_s * 1000)),
            min(round(one.took_ms * 1000), 2**32 - 1),
            max(0, round(one.late_ms * 1000)),
            one.received,
        )

    def replied(  # noqa: PLR0913 - one call, as it went
        self, ask: Ask, reply: Reply, *, began_s: float, took_s: float, late_s: float, received: int
    ) -> None:
        """Count a call by its reply: a wait is a wait, and no error."""
        status = TOLD_TO_WAIT if told_to_wait(reply) else reply.status
        self.add(Sample(ask.name, status, began_s, took_s * 1000, late_s * 1000, received))
        if status not in SUCCESS and status != TOLD_TO_WAIT:
            self.refused(ask.name, status, reply.body)

    def listened(self, status: int, *, began_s: float, took_s: float) -> None:
        """Count a stream: it took until its first piece was there."""
        self.add(Sample("watch", status, began_s, took_s * 1000, 0.0, 0))
        if status not in SUCCESS:
            self.refused("watch", status, b"")

    def refused(self, name: str, status: int, body: bytes) -> None:
        """Remember what a failed call was told."""
        if len(self._refusals) < _REFUSALS_KEPT:
            self._refusals.append(f"{name} {status} {body[:200].decode(errors='replace')}")

    def write(self, folder: Path, part: int) -> None:
        """Leave NAME-part files in the folder."""
        home = Home(self._driver, self.kept, self._refusals, self.pokes)
        (folder / f"samples-{part}.bin").write_bytes(self._samples)
        whole = folder / f"kept-{part}.json"
        begun = whole.with_suffix(".begun")
        begun.write_bytes(msgspec.json.encode(home))
        begun.rename(whole)  # who sees it sees all of it


def read_samples(folder: Path) -> Mapping[str, Sequence[Sample]]:
    """All drivers' samples by name, each in the order of time."""
    found: dict[str, list[Sample]] = {}
    for path in sorted(folder.glob("samples-*.bin")):
        for one in _samples(path.read_bytes()):
            found.setdefault(one.name, []).append(one)
    return {name: sorted(found[name], key=lambda one: one.at_s) for name in NAMES if name in found}


def read_homes(folder: Path) -> Sequence[Home]:
    """The JSON parts of all drivers' books."""
    return [msgspec.json.decode(path.read_bytes(), type=Home) for path in sorted(folder.glob("kept-*.json"))]


def _samples(packed: bytes) -> Iterator[Sample]:
    fields: tuple[int, int, int, int, int, int]
    for fields in _SAMPLE.iter_unpack(packed):
        name, status, at_ms, took_us, late_us, received = fields
        yield Sample(NAMES[name], status, at_ms / 1000, took_us / 1000, late_us / 1000, received)
