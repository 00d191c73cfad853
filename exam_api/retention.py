"""How long personal data is kept, what must be kept, and what consent is asked for: all of it data."""

from importlib import resources
from typing import Final

import msgspec

DAY_MS: Final = 24 * 3_600_000


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of data and the time after which it is erased."""

    kind: str
    event: str
    """What the time is counted from."""
    days: int
    basis: str
    hold: bool
    """Whether a hold on the person stops it."""

    def before_ms(self, now_ms: int) -> int:
        """Due is what the event happened to before this instant."""
        return now_ms - self.days * DAY_MS


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of data that stays when its person is deleted."""

    kind: str
    days: int
    """0: no end is set."""
    why: str
    """Key of the reason in the pages' words."""
    basis: str


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is done with consent only."""

    purpose: str
    version: str
    """Of the text; a new text asks anew."""
    withdrawable: bool
    zh: str
    en: str


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `retention.json`."""

    version: str
    clocks: tuple[Clock, ...]
    duties: tuple[Duty, ...]
    purposes: tuple[Purpose, ...]

    def purpose(self, name: str) -> Purpose | None:
        """One that bears this name."""
        return next((one for one in self.purposes if one.purpose == name), None)


def read_schedule(text: bytes) -> Schedule:
    """Read a schedule; one clock of each kind. Raises ValueError."""
    schedule = msgspec.json.decode(text, type=Schedule)
    kinds = [clock.kind for clock in schedule.clocks]
    if len(kinds) != len(set(kinds)) or any(clock.days < 1 for clock in schedule.clocks):
        raise ValueError("one clock of each kind, of at least a day")
    return schedule


SCHEDULE: Final = read_schedule(resources.files("exam_api").joinpath("retention.json").read_bytes())
"""The schedule of this release."""
