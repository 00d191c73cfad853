"""The attempt token: what is signed comes back, anything else does not."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempt.tokens import TOKEN_CHARS, AttemptToken, sign, verify

KEYS = {1: b"a" * 32, 2: b"b" * 32}
TOKEN = AttemptToken(UUID(int=5), 3, 1_000, 1)

tokens = st.builds(
    AttemptToken,
    st.uuids(),
    st.integers(0, (1 << 32) - 1),
    st.integers(1, (1 << 64) - 1),
    st.sampled_from([1, 2]),
)


@given(tokens)
def test_what_was_signed_comes_back(token) -> None:
    text = sign(token, KEYS[token.key_no])
    assert (len(text), verify(text, KEYS, now_ms=0)) == (TOKEN_CHARS, token)


@given(st.integers(0, TOKEN_CHARS - 1), st.sampled_from("AZaz09-_"))
def test_a_changed_character_is_noticed(at, char) -> None:
    text = sign(TOKEN, KEYS[1])
    changed = text[:at] + char + text[at + 1 :]
    assert (verify(changed, KEYS, now_ms=0) is None) == (changed != text)


@pytest.mark.parametrize(("now", "good"), [(999, True), (1_000, False), (1_001, False)])
def test_a_token_is_over_at_its_instant(now, good) -> None:
    assert (verify(sign(TOKEN, KEYS[1]), KEYS, now_ms=now) is not None) == good


@pytest.mark.parametrize("text", ["", "x" * 59, "x" * 61, "é" * 60, "*" * 60, "=" * 60, "AAA=" * 15])
def test_what_is_no_token_is_none(text) -> None:
    assert verify(text, KEYS, now_ms=0) is None


def test_a_key_that_is_gone_opens_nothing() -> None:
    assert verify(sign(TOKEN, KEYS[1]), {2: KEYS[2]}, now_ms=0) is None


def test_the_key_of_another_number_does_not_fit() -> None:
    assert verify(sign(TOKEN, KEYS[2]), KEYS, now_ms=0) is None
