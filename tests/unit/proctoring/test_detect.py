"""Pixels: bad pictures are refused in bounded memory; drawn heads are found upright, turned, in the dark."""

import resource
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from proctoring.detect.eye import Asked, Eye
from proctoring.detect.finders import YuFace, yuface_is_here
from proctoring.detect.frame import COMPARED, SEARCHED, Pixels, grey_of, open_pixels
from proctoring.detect.installed import Opened
from proctoring.detect.light import LIFTED_TO, LIGHT_ENOUGH, brightened, lightest
from proctoring.detect.search import find_faces, turned
from proctoring.detect.texture import change_between, texture_of
from proctoring.errors import NotASnapshot
from proctoring.evaluate.scenes import COVERS, cover
from proctoring.faces import Face, Limits, Turn
from proctoring.signs import Against, Kind, Sight, signs_of
from proctoring.snapshot import PIXELS_MAX
from tests.unit.proctoring.drawn import dim, head, room, sent
from tests.unit.proctoring.pictures import a_jpeg, bad_ones, of_size, with_exif
from tests.unit.proctoring.test_faces import a_face

needs_yuface = pytest.mark.skipif(not yuface_is_here(), reason="yuface has no wheel for this machine")


@pytest.fixture(scope="module")
def finder() -> YuFace:
    return YuFace()


@pytest.fixture(scope="module")
def eye(finder: YuFace) -> Eye:
    return Eye(Opened(finder=finder, comparer=None, adviser=None))


def look(eye: Eye, picture: np.ndarray, **options: int | None) -> Sight:
    return eye.look(sent(picture, **options), at_ms=0, asked=Asked(), before=None).sight


@pytest.mark.parametrize(
    ("size", "opened"),
    [
        ((640, 480), (240, 320)),
        ((480, 640), (320, 240)),
        ((320, 240), (240, 320)),
        ((300, 200), (200, 300)),
        ((1280, 720), (180, 320)),
        ((1920, 1080), (180, 320)),
        ((720, 32), (14, 320)),
    ],
)
def test_a_picture_is_opened_no_larger_than_it_is_searched(size, opened):
    assert open_pixels(a_jpeg(size=size), longest=SEARCHED).shape == (*opened, 3)


def test_a_grey_picture_is_opened_in_three_colours():
    assert open_pixels(a_jpeg(mode="L", size=(640, 480)), longest=COMPARED).shape == (480, 640, 3)


def test_exif_does_not_turn_a_picture():
    plain = a_jpeg(size=(400, 200))
    assert open_pixels(with_exif(plain), longest=SEARCHED).shape == (160, 320, 3)


@pytest.mark.parametrize(("longest", "number"), [(SEARCHED, 1_000), (COMPARED, 200)])
def test_a_thousand_bad_pictures_are_refused_in_bounded_memory(longest, number):
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = 0
    for data in bad_ones(number):
        try:
            assert max(open_pixels(data, longest=longest).shape) <= longest
        except NotASnapshot:
            refused += 1
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert refused > number * 0.8
    assert grown_kb < 64 * 1024


def test_a_header_of_the_largest_picture_over_a_small_one_costs_no_more_than_its_pixels():
    widest = of_size(a_jpeg(), 1920, PIXELS_MAX // 1920)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        try:
            assert max(open_pixels(widest, longest=COMPARED).shape) <= COMPARED
        except NotASnapshot:
            continue
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 64 * 1024


def test_a_light_picture_stays_as_it_is_and_a_dark_one_is_lifted():
    light = room()
    assert lightest(light) >= LIGHT_ENOUGH
    assert brightened(light) is light
    lifted = lightest(brightened(dim(light, 0.2)))
    assert lifted == pytest.approx(LIFTED_TO, abs=12)


def test_a_black_picture_is_not_divided_by_nothing():
    assert brightened(np.zeros((240, 320, 3), np.uint8)).max() == 0


@pytest.mark.parametrize("what", COVERS)
def test_covers_are_flat_and_a_room_is_not(what):
    covered = texture_of(grey_of(open_pixels(cover(what, 1), longest=SEARCHED)))
    assert covered.flat > 0.9
    assert texture_of(grey_of(head(room()))).flat < 0.8


def test_the_hash_of_a_picture_outlives_its_coding_and_not_another_picture():
    def hash_of(data: bytes) -> int:
        return texture_of(grey_of(open_pixels(data, longest=SEARCHED))).hash

    picture = head(room())
    first = hash_of(sent(picture, noise=1))
    assert (first ^ hash_of(sent(picture, quality=35, noise=2))).bit_count() <= 3
    assert (first ^ hash_of(a_jpeg(5, size=(640, 480)))).bit_count() > 12


def test_noise_alone_is_less_change_than_a_head_that_moves():
    def grey(picture: np.ndarray, noise: int) -> np.ndarray:
        return grey_of(open_pixels(sent(picture, noise=noise), longest=SEARCHED))

    here = grey(head(room()), 1)
    assert change_between(here, grey(head(room()), 2)) < 1.0
    assert change_between(here, grey(head(room(), x=332, y=224), 3)) > 1.0


@needs_yuface
class TestLooking:
    """With the detector that comes as a package, on drawn heads."""

    def test_a_head_is_one_face(self, eye):
        sight = look(eye, head(room()))
        assert len(sight.faces) == 1
        assert abs(sight.faces[0].turned) < 0.15

    def test_an_empty_room_is_nobody(self, eye):
        sight = look(eye, room())
        assert [sign.kind for sign in signs_of(sight, (), eye.against(0.25))] == [Kind.NO_FACE]

    def test_two_heads_are_two_faces(self, eye):
        sight = look(eye, head(head(room(), x=440, y=220, scale=0.8), x=190, y=200, scale=0.9))
        assert [sign.kind for sign in signs_of(sight, (), eye.against(0.25))] == [Kind.SECOND_FACE]

    @pytest.mark.parametrize("how", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE])
    def test_a_phone_on_its_side_still_shows_one_face(self, eye, how):
        assert len(look(eye, cv2.rotate(head(room()), how)).faces) == 1

    def test_a_head_in_the_dark_is_found(self, eye):
        assert len(look(eye, dim(head(room()), 0.08)).faces) == 1

    @pytest.mark.parametrize("what", COVERS)
    def test_a_covered_lens_is_covered(self, eye, what):
        sight = eye.look(cover(what, 3), at_ms=0, asked=Asked(), before=None).sight
        assert [sign.kind for sign in signs_of(sight, (), Against())] == [Kind.COVERED]

    def test_a_photo_that_stands_still_is_a_sign_and_a_head_that_moves_is_none(self, eye):
        def kinds(places: list[int]) -> set[Kind]:
            seen: list[Sight] = []
            grey, found = None, set()
            for at, x in enumerate(places):
                data = sent(head(room(), x=x), noise=at)
                looked = eye.look(data, at_ms=at, asked=Asked(), before=grey)
                found |= {sign.kind for sign in signs_of(looked.sight, seen, Against())}
                seen.append(looked.sight)
                grey = looked.grey
            return found

        assert kinds([320] * 4) == {Kind.STILL}
        assert kinds([320, 330, 316, 327]) == set()

    def test_the_place_of_a_face_is_a_share_of_the_longer_side(self, finder):
        upright = find_faces(finder, open_pixels(sent(head(room())), longest=SEARCHED)).faces[0]
        large = find_faces(finder, open_pixels(sent(head(room())), longest=COMPARED)).faces[0]
        assert upright.x == pytest.approx(large.x, abs=0.03)
        assert 0.15 < upright.width < 0.35
        assert upright.x + upright.width / 2 == pytest.approx(0.5, abs=0.04)

    def test_without_asking_nothing_is_compared(self, eye):
        sight = look(eye, head(room()))
        assert (sight.likeness, sight.live) == (None, None)
        assert eye.enrol(sent(head(room()))) is None


def test_without_a_detector_a_picture_is_measured_and_not_searched():
    blind = Eye(Opened(finder=None, comparer=None, adviser=None))
    sight = look(blind, head(room()))
    assert (sight.searched, sight.faces, blind.models) == (False, (), ())
    assert signs_of(sight, (), blind.against(0.25)) == ()


class Scripted:
    """A detector that sees a face of the given score at the given looks only."""

    name = version = "scripted"
    limits = Limits(present=0.6, further=0.75, sideways=0.8, leaning=0.85)

    def __init__(self, *scores: float) -> None:
        self._scores = iter(scores)

    def find(self, _: Pixels) -> Sequence[Face]:
        score = next(self._scores, 0.0)
        return [a_face(score)] if score else []


@pytest.mark.parametrize(
    ("scores", "turn"),
    [
        ((0.6,), Turn.NONE),
        ((0.59, 0.8), Turn.CLOCKWISE),
        ((0.0, 0.7, 0.8), Turn.COUNTERCLOCKWISE),
        ((0.0, 0.8, 0.9), Turn.COUNTERCLOCKWISE),
        ((0.0, 0.79, 0.79, 0.85), Turn.LEANING_LEFT),
        ((0.0, 0.0, 0.0, 0.7, 0.85), Turn.LEANING_RIGHT),
    ],
)
def test_a_face_is_looked_for_upright_then_sideways_then_leaning(scores, turn):
    found = find_faces(Scripted(*scores), room())
    assert (found.turn, len(found.faces), found.best) == (turn, 1, scores[-1])


def test_what_is_faintly_seen_in_a_turned_picture_is_nobody():
    found = find_faces(Scripted(0.59, 0.79, 0.79, 0.84, 0.84), room())
    assert (found.faces, found.turn, found.best) == ((), Turn.NONE, 0.59)


@pytest.mark.parametrize("turn", Turn)
def test_turning_keeps_a_picture_s_longer_side(turn):
    assert max(turned(room(), turn).shape) == 640
