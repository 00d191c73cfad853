"""Credit codes and ticket numbers."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from enrollment.errors import NotACreditCode, NotATicketNumber, UsccFault
from enrollment.ticket import HEADS_MAX, PLANS_MAX, Ticket, make_ticket, parse_ticket
from enrollment.uscc import ALPHABET, parse_uscc

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "domain_vectors.json"

VALID = [
    "91350100M000100Y43",
    "11110000000021135M",
    "11430000006122244L",
    "11100000000013338W",
    "12110000400777687U",
]


@pytest.mark.parametrize("code", VALID)
def test_a_sound_credit_code_is_read(code) -> None:
    assert parse_uscc(code).code == code


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared domain vectors are not beside this checkout")
def test_every_shared_vector_is_taken_or_refused_as_it_says() -> None:
    vectors = json.loads(VECTORS.read_text("utf-8"))["uscc"]
    assert [parse_uscc(code).code for code in vectors["valid"]] == vectors["valid"]
    for code in vectors["invalid"]:
        with pytest.raises(NotACreditCode):
            parse_uscc(code)


def test_a_credit_code_says_department_division_and_organisation() -> None:
    code = parse_uscc("91350100M000100Y43")
    assert (code.department, code.division, code.organisation) == ("91", "350100", "M000100Y4")


def test_a_credit_code_may_be_typed_small_full_width_with_blanks_around() -> None:
    assert parse_uscc(" ９１350100m000100y43 ").code == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", UsccFault.LENGTH),
        ("91350100M000100Y4", UsccFault.LENGTH),
        ("9135010OM000100Y43", UsccFault.CHARACTERS),
        ("9I350100M000100Y43", UsccFault.CHARACTERS),
        ("91350100M000100Z43", UsccFault.CHARACTERS),
        ("91350100M000100Y53", UsccFault.ORGANISATION_CHECK),
        ("91350100M000100Y44", UsccFault.CHECK),
    ],
)
def test_a_refused_credit_code_gives_its_reason(text, reason) -> None:
    with pytest.raises(NotACreditCode) as refused:
        parse_uscc(text)
    assert refused.value.reason is reason


@given(st.sampled_from(VALID), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(code, at, letter) -> None:
    assume(code[at] != letter)
    with pytest.raises(NotACreditCode):
        parse_uscc(code[:at] + letter + code[at + 1 :])


@given(st.integers(2000, 2099), st.integers(1, PLANS_MAX), st.integers(1, HEADS_MAX))
def test_a_ticket_number_is_read_back_as_it_was_made(year, plan, serial) -> None:
    number = make_ticket(year=year, plan=plan, serial=serial)
    assert len(number) == 9
    assert parse_ticket(number) == Ticket(year=year, plan=plan, serial=serial)


def test_a_ticket_number_is_year_plan_and_serial() -> None:
    assert make_ticket(year=2026, plan=7, serial=42) == "260070042"


def test_a_ticket_number_may_be_typed_with_blanks_and_full_width_digits() -> None:
    assert parse_ticket(" 26 007-００42").serial == 42


@pytest.mark.parametrize(
    ("year", "plan", "serial"),
    [(1999, 1, 1), (2100, 1, 1), (2026, 0, 1), (2026, 1000, 1), (2026, 1, 0), (2026, 1, 10_000)],
)
def test_what_does_not_fit_the_digits_makes_no_ticket_number(year, plan, serial) -> None:
    with pytest.raises(NotATicketNumber):
        make_ticket(year=year, plan=plan, serial=serial)


@pytest.mark.parametrize(
    "text", ["", "26007004", "2600700422", "26007004a", "260000042", "260070000", "٢٦٠٠٧٠٠٤٢"]
)
def test_what_is_no_ticket_number_is_refused(text) -> None:
    with pytest.raises(NotATicketNumber):
        parse_ticket(text)
