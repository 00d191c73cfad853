"""Which faces count, and which way a head looks: edges of every limit."""

import msgspec
import pytest

from proctoring.faces import (
    GOOD_SCORE_LEAST,
    GOOD_WIDTH_LEAST,
    WIDTH_LEAST,
    Face,
    Limits,
    Point,
    counted,
    widest,
)

LIMITS = Limits(present=0.6, further=0.75, sideways=0.8, leaning=0.85)


def a_face(score: float = 0.9, *, width: float = 0.3, nose: float = 0.0) -> Face:
    points = (
        Point(0.4, 0.3),
        Point(0.5, 0.3),
        Point(0.45 + nose * 0.1, 0.36),
        Point(0.41, 0.42),
        Point(0.49, 0.42),
    )
    return Face(score=score, x=0.3, y=0.2, width=width, height=0.4, points=points)


@pytest.mark.parametrize(
    ("scores", "count"),
    [
        ((), 0),
        ((0.6,), 1),
        ((0.5999,), 0),
        ((0.6, 0.5999), 1),
        ((0.9, 0.75), 2),
        ((0.9, 0.7499), 1),
        ((0.7499, 0.6), 1),
        ((0.8, 0.9, 0.76), 3),
    ],
)
def test_faces_count_from_their_limits_on(scores, count):
    assert len(counted([a_face(score) for score in scores], LIMITS)) == count


def test_a_face_as_narrow_as_a_poster_s_is_nobody_and_hides_nobody():
    narrow = a_face(0.99, width=WIDTH_LEAST * 0.999)
    assert counted([narrow], LIMITS) == ()
    assert counted([narrow, a_face(0.6)], LIMITS) == (a_face(0.6),)
    assert len(counted([a_face(0.99, width=WIDTH_LEAST)], LIMITS)) == 1


def test_the_surest_face_comes_first():
    assert [face.score for face in counted([a_face(0.8), a_face(0.95), a_face(0.77)], LIMITS)] == [
        0.95,
        0.8,
        0.77,
    ]


@pytest.mark.parametrize("nose", [-0.3, 0.0, 0.17, 0.3])
def test_a_nose_off_the_middle_line_is_a_turned_head(nose):
    assert a_face(nose=nose).turned == pytest.approx(nose)


def test_a_head_is_turned_by_as_much_when_the_phone_lies_on_its_side():
    face = a_face(nose=0.3)
    one, two, nose, mouth, corner = (Point(1 - point.y, point.x) for point in face.points)
    on_its_side = msgspec.structs.replace(face, points=(one, two, nose, mouth, corner))
    assert on_its_side.turned == pytest.approx(face.turned)


def test_points_that_lie_on_each_other_do_not_divide_by_zero():
    nothing = (Point(0.5, 0.5),) * 5
    assert msgspec.structs.replace(a_face(), points=nothing).turned == 0.0


@pytest.mark.parametrize(
    ("face", "good"),
    [
        (a_face(), True),
        (a_face(GOOD_SCORE_LEAST), True),
        (a_face(GOOD_SCORE_LEAST - 0.001), False),
        (a_face(width=GOOD_WIDTH_LEAST), True),
        (a_face(width=GOOD_WIDTH_LEAST * 0.999), False),
        (a_face(nose=0.199), True),
        (a_face(nose=-0.21), False),
    ],
)
def test_only_good_faces_are_compared(face, good):
    assert face.good is good


def test_whoever_is_nearest_is_compared_not_whoever_is_seen_best():
    near, far = a_face(0.8, width=0.3), a_face(0.95, width=0.1)
    assert widest([far, near]) is near
    assert widest([]) is None
