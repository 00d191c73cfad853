"""What a picture says beside those before it: each sign at the edge of its limit, and what raises none."""

from itertools import count

import msgspec
import pytest

from proctoring.faces import Face
from proctoring.signs import (
    COMPARED_LEAST,
    DARK_BELOW,
    FLAT_MOST,
    LIVE_LEAST,
    MOVED_LEAST,
    SAME_BITS_MOST,
    TURNED_FROM_OWN,
    Against,
    Kind,
    Sight,
    median_likeness,
    own_turn,
    signs_of,
)
from tests.unit.proctoring.test_faces import a_face

AGAINST = Against()
DIFFERENT = (0, 0xFFFF_0000_FFFF_0000, 0x0000_FFFF_FFFF_0000, 0x00FF_00FF_00FF_00FF)
"""Hashes of pictures that have nothing in common."""


NUMBERS = count()
"""No two pictures of a camera have the same bytes."""


def a_sight(at: int = 0, **fields: object) -> Sight:
    usual = Sight(
        at_ms=at * 30_000,
        digest=next(NUMBERS).to_bytes(32, "big"),
        faces=(a_face(),),
        best=0.9,
        light=120.0,
        flat=0.1,
        sharp=300.0,
        hash=0,
        change=5.0,
    )
    return msgspec.structs.replace(usual, **fields)


def kinds(now: Sight, *before: Sight, elsewhere: bool = False) -> list[Kind]:
    return [sign.kind for sign in signs_of(now, before, AGAINST, elsewhere=elsewhere)]


def pictures(number: int, likeness: float) -> list[Sight]:
    """Good pictures that were compared with the enrolled photo."""
    return [a_sight(likeness=likeness) for _ in range(number)]


def with_faces(*faces: Face, at: int = 9, **fields: object) -> Sight:
    return a_sight(at, faces=faces, **fields)


def test_a_person_before_the_camera_is_no_sign():
    assert kinds(a_sight(3), a_sight(1), a_sight(2)) == []


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, Kind.NO_FACE),
        ({"flat": FLAT_MOST}, Kind.NO_FACE),
        ({"flat": FLAT_MOST + 0.001}, Kind.COVERED),
        ({"light": DARK_BELOW}, Kind.NO_FACE),
        ({"light": DARK_BELOW - 0.1}, Kind.DARK),
        ({"light": 2.0, "flat": 1.0}, Kind.COVERED),
    ],
)
def test_a_picture_without_a_face_says_why(fields, kind):
    assert kinds(with_faces(best=0.3, **fields)) == [kind]


def test_a_flat_picture_with_a_face_in_it_is_a_dark_room_and_no_cover():
    assert kinds(with_faces(a_face(), flat=1.0, light=6.0)) == []


def test_without_a_detector_nobody_is_missed_but_a_cover_is_seen():
    assert kinds(with_faces(searched=False)) == []
    assert kinds(with_faces(searched=False, flat=0.95)) == [Kind.COVERED]


def test_a_second_face_is_one_sign_however_many_there_are():
    found = signs_of(with_faces(a_face(0.95), a_face(0.8), a_face(0.77)), (), AGAINST)
    assert [(sign.kind, sign.figure, sign.limit) for sign in found] == [(Kind.SECOND_FACE, 0.8, 0.75)]


def test_a_head_is_turned_against_its_own_median_only():
    leaning = [with_faces(a_face(nose=0.3), at=at) for at in range(3)]
    beyond = TURNED_FROM_OWN + 0.001
    assert kinds(with_faces(a_face(nose=0.3)), *leaning) == []
    assert kinds(with_faces(a_face(nose=0.3 - TURNED_FROM_OWN + 0.001)), *leaning) == []
    assert kinds(with_faces(a_face(nose=0.3 - beyond)), *leaning) == [Kind.TURNED_AWAY]
    assert kinds(with_faces(a_face(nose=0.3 + beyond)), *leaning) == [Kind.TURNED_AWAY]


def test_two_pictures_do_not_tell_how_somebody_holds_their_head():
    two = [with_faces(a_face(nose=0.0), at=at) for at in range(2)]
    assert own_turn(two) is None
    assert kinds(with_faces(a_face(nose=0.9)), *two) == []


def test_the_same_bytes_again_are_a_sign_and_its_own_only():
    first, last = a_sight(1, change=0.2), a_sight(2, change=0.1)
    again = a_sight(3, change=0.0, digest=first.digest)
    assert kinds(again, a_sight(0), first, last) == [Kind.SAME_BYTES]


def test_the_bytes_of_another_attempt_are_a_sign():
    assert kinds(a_sight(5), elsewhere=True) == [Kind.SAME_BYTES]


def test_still_is_said_after_three_pictures_without_movement():
    one, two = a_sight(1, change=0.4), a_sight(2, change=MOVED_LEAST - 0.01)
    assert kinds(a_sight(3, change=0.5), one, two) == [Kind.STILL]
    assert kinds(a_sight(3, change=MOVED_LEAST), one, two) == []
    assert kinds(two, one) == []
    assert kinds(a_sight(3, change=0.5), a_sight(1, change=None), two) == []


def test_a_covered_lens_is_not_called_still_as_well():
    covered = [with_faces(at=at, flat=1.0, change=0.1) for at in range(4)]
    assert kinds(covered[3], *covered[:3]) == [Kind.COVERED]


def test_two_pictures_again_one_after_the_other_are_a_loop():
    a, b, c, _ = DIFFERENT
    seen = [a_sight(at, hash=bits) for at, bits in enumerate((a, b, c, a))]
    nearly = b ^ 0b111
    assert kinds(a_sight(9, hash=nearly), *seen) == [Kind.REPEATED]
    assert kinds(a_sight(9, hash=b ^ 0b1111), *seen) == []


def test_a_posture_that_comes_back_is_no_loop():
    a, b, c, d = DIFFERENT
    assert kinds(a_sight(9, hash=a), *(a_sight(at, hash=bits) for at, bits in enumerate((a, b, c)))) == []
    assert kinds(a_sight(9, hash=b), *(a_sight(at, hash=bits) for at, bits in enumerate((a, b, d, c)))) == []
    assert kinds(a_sight(9, hash=a), *(a_sight(at, hash=a) for at in range(6))) == []
    assert SAME_BITS_MOST == 3


def test_another_person_is_said_by_the_median_of_three_good_pictures_never_by_one():
    now = a_sight(9, likeness=0.01)
    assert COMPARED_LEAST == 3
    assert kinds(now, *pictures(1, 0.01)) == []
    assert kinds(now, *pictures(2, 0.01)) == [Kind.OTHER_PERSON]
    assert kinds(now, *pictures(2, 0.7)) == []
    assert kinds(now, *pictures(1, 0.01), *pictures(3, 0.7)) == []
    assert kinds(a_sight(9, likeness=0.25), *pictures(2, 0.25)) == []
    assert kinds(a_sight(9, likeness=0.2499), *pictures(2, 0.2499)) == [Kind.OTHER_PERSON]


def test_pictures_that_were_not_compared_do_not_count_in_the_median():
    unseen = a_sight(likeness=None)
    assert median_likeness([a_sight(likeness=0.1), unseen, unseen]) is None
    assert kinds(unseen, *pictures(5, 0.01)) == []


def test_only_the_last_five_good_pictures_are_compared():
    early = [a_sight(likeness=0.01) for _ in range(9)]
    assert median_likeness([*early, *pictures(3, 0.6)]) == pytest.approx(0.6)


def test_a_replay_is_advised_on_after_three_of_five():
    def asked(*live: float) -> list[Kind]:
        *before, now = (a_sight(live=chance) for chance in live)
        return kinds(now, *before)

    screen, person = LIVE_LEAST - 0.01, LIVE_LEAST
    assert asked(screen, person, screen, screen) == [Kind.REPLAYED]
    assert asked(screen, person, person, screen) == []
    assert asked(screen, screen, person, person, person, screen) == []


def test_every_sign_carries_its_figure_and_its_limit():
    found = signs_of(with_faces(best=0.41), (), Against(present=0.55))
    assert [(sign.kind, sign.figure, sign.limit) for sign in found] == [(Kind.NO_FACE, 0.41, 0.55)]
