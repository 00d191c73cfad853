"""The plan of one run, as a file: where the service is, who comes, when it begins and when it is over."""

from pathlib import Path
from uuid import UUID

import msgspec

from loadtest.loopback import require_loopback
from loadtest.shapes import Shape


class Person(msgspec.Struct, frozen=True):
    """A registered candidate."""

    attempt_id: UUID
    name: str
    id_no: str
    phone: str


class Staff(msgspec.Struct, frozen=True):
    """An invigilator who is logged in and looks at one session."""

    session_id: UUID
    cookie: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What every driver process reads."""

    host: str
    port: int
    gateway_port: int
    """Where short messages arrive, on the same machine: GET /code/PHONE waits for the newest one."""
    origin: str = ""
    """Of the pages, as the service knows them; empty: http, host and port."""
    shape: Shape
    people: tuple[Person, ...]
    """Registered; the first `shape.candidates` of them come."""
    staff: tuple[Staff, ...]
    seed: int
    begins_mono_s: float
    """The beginning on this machine's monotonic clock, which all its processes share."""
    begins_ms: int
    """The same instant on the wall clock."""
    stop_s: float
    """So long after the beginning every driver ends, whatever it is doing."""
    authority: str = ""
    """File of the authority whose certificate the service shows; empty: plain HTTP."""


def read_plan(path: Path) -> Plan:
    """Read it. Raises NotLoopback, msgspec.ValidationError."""
    plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    require_loopback(plan.host)
    return plan
