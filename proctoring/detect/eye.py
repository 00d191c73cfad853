"""One picture looked at with everything that is installed: bytes in, figures out."""

from typing import Final

import msgspec

from proctoring.detect.compare import likeness
from proctoring.detect.frame import COMPARED, SEARCHED, Pixels, brought_down, decoded, grey_of
from proctoring.detect.installed import Opened
from proctoring.detect.light import brightened
from proctoring.detect.search import Found, find_faces, turned
from proctoring.detect.texture import change_between, texture_of
from proctoring.faces import Face, widest
from proctoring.signs import BLURRED_BELOW, Against, Sight
from proctoring.snapshot import Snapshot, read_snapshot

_NOBODY: Final = Found()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a picture beyond the cheap signs."""

    enrolled: tuple[float, ...] | None = None
    """Vector of the enrolled photo; None: matching is off for this exam."""
    any_face: bool = False
    """Compare faces that are not good enough for an exam, too: only a measurement of the model asks so."""
    replay: bool = False
    """Whether advice about replays is wanted."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A picture's figures, and what the next one is held against."""

    sight: Sight
    grey: Pixels


class Eye:
    """Looks at pictures. Belongs to one thread."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    @property
    def models(self) -> tuple[str, ...]:
        """What looks: name and version of each part, for the record."""
        parts = (self._opened.finder, self._opened.comparer, self._opened.adviser)
        return tuple(f"{part.name} {part.version}" for part in parts if part is not None)

    def against(self, same_person_least: float) -> Against:
        """What the figures of these detectors are held against."""
        finder = self._opened.finder
        if finder is None:
            return Against(same_person=same_person_least)
        return Against(
            present=finder.limits.present, further=finder.limits.further, same_person=same_person_least
        )

    def look(self, data: bytes, *, at_ms: int, asked: Asked, before: Pixels | None) -> Looked:
        """Measure one picture.

        before: the grey picture of the one before it.

        Raises NotASnapshot.
        """
        taken = read_snapshot(data)
        close = self._wants_close(asked)
        whole = decoded(taken, longest=COMPARED if close else SEARCHED)
        small = brought_down(whole, SEARCHED)
        grey = grey_of(small)
        found = find_faces(self._opened.finder, brightened(small)) if self._opened.finder else _NOBODY
        sight = _sight(taken, found, grey, at_ms=at_ms, searched=self._opened.finder is not None)
        if before is not None:
            sight = msgspec.structs.replace(sight, change=change_between(grey, before))
        nearest = widest(found.faces)
        if close and nearest is not None and (asked.any_face or is_comparable(sight)):
            sight = self._compared(sight, turned(whole, found.turn), nearest, asked)
        return Looked(sight=sight, grey=grey)

    def enrol(self, data: bytes) -> tuple[float, ...] | None:
        """Vector of a photo that others are compared with; None: no good face in it, or no model.

        Raises NotASnapshot.
        """
        finder, comparer = self._opened.finder, self._opened.comparer
        if finder is None or comparer is None:
            return None
        whole = decoded(read_snapshot(data), longest=COMPARED)
        found = find_faces(finder, brightened(brought_down(whole, SEARCHED)))
        nearest = widest(found.faces)
        if nearest is None:
            return None
        return comparer.vector(brightened(turned(whole, found.turn)), nearest)

    def _wants_close(self, asked: Asked) -> bool:
        compares = asked.enrolled is not None and self._opened.comparer is not None
        return compares or (asked.replay and self._opened.adviser is not None)

    def _compared(self, sight: Sight, whole: Pixels, face: Face, asked: Asked) -> Sight:
        comparer, adviser = self._opened.comparer, self._opened.adviser
        like, live = None, None
        if comparer is not None and asked.enrolled is not None:
            like = likeness(comparer.vector(brightened(whole), face), asked.enrolled)
        if adviser is not None and asked.replay:
            live = adviser.live(whole, face)
        return msgspec.structs.replace(sight, likeness=like, live=live)


def _sight(taken: Snapshot, found: Found, grey: Pixels, *, at_ms: int, searched: bool) -> Sight:
    texture = texture_of(grey)
    return Sight(
        at_ms=at_ms,
        digest=taken.digest,
        searched=searched,
        faces=found.faces,
        turn=found.turn,
        best=found.best,
        light=texture.light,
        flat=texture.flat,
        sharp=texture.sharp,
        hash=texture.hash,
    )


def is_comparable(sight: Sight) -> bool:
    """Whether the nearest face is good enough to be compared with a photo."""
    nearest = widest(sight.faces)
    return nearest is not None and nearest.good and sight.sharp >= BLURRED_BELOW
