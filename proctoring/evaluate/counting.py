"""Counts faces over a set of pictures in every condition, and how often each cheap sign is right."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from proctoring.cards import Row
from proctoring.detect.eye import Asked, Eye
from proctoring.detect.frame import Pixels
from proctoring.evaluate.conditions import OF_ANY, OF_FACES, as_snapshot, dimmed, drawn_for, jpeg_of
from proctoring.evaluate.errors import SetRefused
from proctoring.evaluate.manifest import KINDS, REPLAYS, Labelled
from proctoring.evaluate.scenes import COVERS, cover, head_of, held_by_a_neck, standing_still, with_second
from proctoring.faces import Face
from proctoring.signs import LIVE_LEAST, Kind, Sight, signs_of

ONE: Final = "single face: exactly one"
TWO: Final = "several people: two or more"
BEHIND: Final = "person in the background: two or more"
EMPTY: Final = "empty scene: none"
ANIMAL: Final = "animal: none"
COVERED: Final = "nothing to see: covered"
NOT_COVERED: Final = "single face: not covered"
SECOND: Final = "second face put in: two or more"
STILL: Final = "photo before the camera: still"
NOT_STILL: Final = "head held still: not still"
LIVE: Final = "person: live"
REPLAY: Final = "replay: not live"
HASHES: Final = "two different pictures: different hashes"

WHAT: Final = {
    "single": ONE,
    "multi": TWO,
    "multi_bg": BEHIND,
    "noface_scene": EMPTY,
    "noface_animal": ANIMAL,
}

BARS: Final = {
    **{(ONE, condition): 0.98 for condition in ("clean", "q40", "blur σ3", "backlight", "light ×0.12")},
    **{(ONE, condition): 0.98 for condition in ("tilt 20°", "tilt 35°")},
    (ONE, "blur σ6"): 0.97,
    (ONE, "light ×0.05"): 0.95,
    (ONE, "turned 90°"): 0.97,
    (EMPTY, "clean"): 0.99,
    **{(COVERED, what): 0.99 for what in COVERS},
    **{(NOT_COVERED, condition): 1.0 for condition in ("clean", "blur σ3", "backlight", "light ×0.35")},
    (SECOND, "45 px"): 0.98,
}
"""What has to be reached, by what and condition."""

FOR_EMPTY: Final = ("clean", "light ×0.35", "light ×0.12", "light ×0.05")
FOR_MANY: Final = ("clean", "q40", "light ×0.12")
COVERS_OF_EACH: Final = 100
STILL_OF: Final = 40
"""Photos that stand still, and heads that nearly do: five pictures are made of each."""


class Counting:
    """Tallies of one pipeline over one set. Belongs to one thread."""

    def __init__(self, eye: Eye) -> None:
        self._eye = eye
        self._asked = Asked(replay=True)
        self._tally: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._against = eye.against(0.0)
        self._heads: list[tuple[str, Pixels, Face]] = []
        self._last_hash: int | None = None
        self._stood = 0

    def rows(self) -> Sequence[Row]:
        """What was tallied, in the order in which it was first met."""
        return [
            Row(what=what, condition=condition, right=right, n=n, bar=BARS.get((what, condition)))
            for (what, condition), (right, n) in self._tally.items()
        ]

    def take(self, labelled: Labelled) -> None:
        """Put one picture into every condition. Raises SetRefused: it cannot be read."""
        if labelled.kind not in KINDS and labelled.kind not in REPLAYS:
            return
        picture = as_snapshot(picture_of(labelled.path))
        clean = self._look(jpeg_of(picture))
        if labelled.kind in REPLAYS:
            self._say_live(clean, "clean", replay=REPLAYS[labelled.kind])
            return
        single = labelled.kind == "single"
        shown = OF_ANY if single else FOR_MANY if labelled.kind.startswith("multi") else FOR_EMPTY
        for condition in shown:
            jpeg = OF_ANY[condition](picture, drawn_for(labelled.name, condition))
            sight = self._look(jpeg)
            self._say(WHAT[labelled.kind], condition, _right(labelled.kind, sight))
            if single:
                self._say(NOT_COVERED, condition, not self._is(Kind.COVERED, sight))
        if single:
            self._differs(clean)
            self._say_live(clean, "clean", replay=False)
            if clean.faces:
                self._of_one(labelled.name, picture, clean.faces[0])

    def covers(self, number_of_each: int) -> None:
        """Pictures that show nothing."""
        for what in COVERS:
            for number in range(number_of_each):
                self._say(COVERED, what, self._is(Kind.COVERED, self._look(cover(what, number))))

    def _of_one(self, name: str, picture: Pixels, face: Face) -> None:
        """Conditions that need the place of the face; its head is then put into others' pictures."""
        for condition, make in OF_FACES.items():
            self._say(ONE, condition, len(self._look(make(picture, face)).faces) == 1)
        for px in (72, 45, 32):
            self._second(name, picture, face, px)
        self._heads = [*self._heads[-7:], (name, picture, face)]
        if self._stood < STILL_OF:
            self._stood += 1
            self._say(STILL, "noise", self._stands(standing_still(picture, drawn_for(name, "still"))))
            self._say(NOT_STILL, "2-6 px", not self._stands(held_by_a_neck(picture, drawn_for(name, "neck"))))

    def _second(self, name: str, picture: Pixels, face: Face, px: int) -> None:
        if not self._heads:
            return
        _, other, of_other = self._heads[0]
        both = with_second(picture, face, head_of(other, of_other, face_px=px))
        if both is None:
            return
        self._say(SECOND, f"{px} px", len(self._look(jpeg_of(both)).faces) >= _TWO)
        if px != _DIM_TOO:
            return
        dim = jpeg_of(dimmed(both, 0.12, 4, drawn_for(name, f"second {px}")))
        self._say(SECOND, f"{px} px, light ×0.12", len(self._look(dim).faces) >= _TWO)

    def _stands(self, pictures: Sequence[bytes]) -> bool:
        """Whether a sign of standing still comes up over these pictures."""
        seen: list[Sight] = []
        grey: Pixels | None = None
        found = False
        for at, data in enumerate(pictures):
            looked = self._eye.look(data, at_ms=at, asked=Asked(), before=grey)
            found = found or any(
                sign.kind is Kind.STILL for sign in signs_of(looked.sight, seen, self._against)
            )
            seen.append(looked.sight)
            grey = looked.grey
        return found

    def _differs(self, sight: Sight) -> None:
        if self._last_hash is not None:
            apart = (sight.hash ^ self._last_hash).bit_count()
            self._say(HASHES, "clean", apart > _SAME_BITS)
        self._last_hash = sight.hash

    def _say_live(self, sight: Sight, condition: str, *, replay: bool) -> None:
        if sight.live is not None:
            live = sight.live >= LIVE_LEAST
            self._say(REPLAY if replay else LIVE, condition, live is not replay)

    def _look(self, data: bytes) -> Sight:
        return self._eye.look(data, at_ms=0, asked=self._asked, before=None).sight

    def _is(self, kind: Kind, sight: Sight) -> bool:
        return any(sign.kind is kind for sign in signs_of(sight, (), self._against))

    def _say(self, what: str, condition: str, right: bool) -> None:  # noqa: FBT001 - the outcome itself
        counts = self._tally[what, condition]
        counts[0] += right
        counts[1] += 1


def count_over(
    pictures: Sequence[Labelled], eye: Eye, told: Callable[[], None], *, covers: int = COVERS_OF_EACH
) -> Sequence[Row]:
    """Every row of one pipeline over a set. Raises SetRefused."""
    counting = Counting(eye)
    counting.covers(covers)
    for labelled in pictures:
        counting.take(labelled)
        told()
    return counting.rows()


def picture_of(path: Path) -> Pixels:
    """A picture of the set as it lies there. Raises SetRefused."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:  # pyright: ignore[reportUnnecessaryComparison] - it is None for what cannot be read
        raise SetRefused(path, "不是可读的图片。", "is no picture that can be read.")
    return np.ascontiguousarray(picture)


_TWO: Final = 2
_DIM_TOO: Final = 45
"""The width of a second face that is also tried in bad light."""

_SAME_BITS: Final = 3


def _right(kind: str, sight: Sight) -> bool:
    if kind == "single":
        return len(sight.faces) == 1
    return len(sight.faces) >= _TWO if kind.startswith("multi") else not sight.faces
