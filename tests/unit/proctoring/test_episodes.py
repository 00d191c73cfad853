"""Episodes: one picture never makes one, each kind at the edge of its rule, evidence kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctoring.episodes import RULES, Episode, Noted, episodes_of
from proctoring.signs import Kind, Sign


def noted(*kinds: Kind | None, figure: float = 0.5) -> list[Noted]:
    """One picture each, half a minute apart; None carries no sign."""
    return [
        Noted(
            at_ms=at * 30_000,
            digest=bytes([at]),
            signs=() if kind is None else (Sign(kind=kind, figure=figure + at / 100, limit=0.5),),
        )
        for at, kind in enumerate(kinds)
    ]


def spans(episodes: list[Episode]) -> list[tuple[int, int]]:
    return [(episode.from_ms // 30_000, episode.to_ms // 30_000) for episode in episodes]


@pytest.mark.parametrize("kind", Kind)
def test_one_picture_never_makes_an_episode(kind):
    assert episodes_of(noted(kind)) == []
    assert episodes_of(noted(None, None, kind, *(None,) * 9, kind)) == []


@pytest.mark.parametrize("kind", Kind)
def test_as_many_pictures_as_the_rule_says_make_one_and_one_less_makes_none(kind):
    times = RULES[kind].times
    assert episodes_of(noted(*(kind,) * (times - 1))) == []
    assert [episode.kind for episode in episodes_of(noted(*(kind,) * times))] == [kind]


def test_a_second_face_in_two_of_three_pictures_is_an_episode_from_the_first_to_the_last():
    face = Kind.SECOND_FACE
    assert spans(episodes_of(noted(face, None, face, None, None))) == [(0, 2)]
    assert spans(episodes_of(noted(face, None, None, face))) == []


def test_an_absence_that_is_over_and_comes_back_is_two_episodes():
    gone = Kind.NO_FACE
    assert spans(episodes_of(noted(gone, gone, None, gone, gone, gone))) == [(0, 1), (3, 5)]


def test_an_episode_holds_the_pictures_that_carried_it_and_the_worst_sign():
    found = episodes_of(noted(None, Kind.COVERED, Kind.COVERED, Kind.COVERED))[0]
    assert found.evidence == (b"\x01", b"\x02", b"\x03")
    assert found.worst.figure == pytest.approx(0.53)


def test_every_kind_has_a_rule_of_at_least_two_pictures():
    assert set(RULES) == set(Kind)
    assert [kind for kind, rule in RULES.items() if not 2 <= rule.times <= rule.of] == []


@given(st.lists(st.sampled_from([None, *Kind]), max_size=30))
def test_episodes_lie_within_the_attempt_and_carry_their_own_evidence_only(kinds):
    pictures = noted(*kinds)
    by_digest = {picture.digest: picture for picture in pictures}
    for episode in episodes_of(pictures):
        carried = [by_digest[digest] for digest in episode.evidence]
        assert len(carried) >= RULES[episode.kind].times
        assert all(picture.signs[0].kind is episode.kind for picture in carried)
        assert (episode.from_ms, episode.to_ms) == (carried[0].at_ms, carried[-1].at_ms)
