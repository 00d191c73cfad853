"""Tickets, passwords and cookies on their own."""

import base64
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.http.cookies import PLAIN, SECURE, shown
from exam_api.passwords import Passwords
from exam_api.usecases.login_parts import LoginKeys
from exam_api.usecases.login_tickets import desk_mark, read_ticket, ticket_mark, write_ticket

KEY = b"k" * 32


@given(st.uuids(), st.integers(1, 2**50))
def test_a_ticket_says_what_was_written_until_its_end(registration: object, until_ms: int) -> None:
    text = write_ticket(registration, KEY, until_ms=until_ms)  # type: ignore[arg-type]
    assert 20 <= len(text) <= 300
    assert read_ticket(text, KEY, now_ms=until_ms - 1) == registration
    assert read_ticket(text, KEY, now_ms=until_ms) is None
    assert read_ticket(text, b"o" * 32, now_ms=0) is None


@given(st.integers(0, 39), st.integers(1, 255))
def test_a_ticket_with_one_changed_byte_is_no_ticket(at: int, flip: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(write_ticket(uuid4(), KEY, until_ms=10)[4:] + "=="))
    raw[at] ^= flip
    forged = "KT1." + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert read_ticket(forged, KEY, now_ms=0) is None


@pytest.mark.parametrize(
    "text", ["", "KT1.", "KT2." + "A" * 54, "KT1." + "A" * 54, "KT1.ÄÄÄ", "KT1." + "=" * 30]
)
def test_what_is_no_ticket_is_none(text: str) -> None:
    assert read_ticket(text, KEY, now_ms=0) is None


def test_marks_of_different_kinds_and_holders_differ() -> None:
    keys = LoginKeys(blind=str.encode, login=KEY, ticket=KEY)
    one = uuid4()
    marks = {
        ticket_mark(keys, one, "31002X"),
        ticket_mark(keys, one, "310021"),
        ticket_mark(keys, uuid4(), "31002X"),
        desk_mark(keys, "260010001", "31002X"),
        desk_mark(keys, "260010002", "31002X"),
    }
    assert len(marks) == 5


async def test_a_password_fits_its_own_hash_only_and_nobody_has_none() -> None:
    passwords = Passwords()
    stored = passwords.hash("a long enough password")
    assert stored.startswith("$argon2id$")
    assert await passwords.fits(stored, "a long enough password")
    assert not await passwords.fits(stored, "another")
    assert not await passwords.fits(None, "nobody has this password")
    assert not await passwords.fits("no hash at all", "x")


def test_a_login_token_is_read_among_other_cookies_and_rubbish_is_not() -> None:
    token = bytes(range(32))
    held = b"a=b; kw_login=" + shown(token).encode() + b";c=d"
    assert PLAIN.login_in([(b"host", b"x"), (b"cookie", held)]) == token
    for wrong in (b"kw_login=", b"kw_login=abc", b"xkw_login=" + shown(token).encode(), b"kw_login=%%%"):
        assert PLAIN.login_in([(b"cookie", wrong)]) is None
    assert SECURE.login_in([(b"cookie", held)]) is None, "a plain cookie opens nothing where TLS is asked for"
