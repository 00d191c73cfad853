"""Codes of the second factor: those of RFC 6238, taken around now and never twice."""

from base64 import b32encode

import pytest

from exam_api.accounts.second_factor import (
    STEP_MS,
    code_at,
    enrolment_uri,
    matching_step,
    plain_recovery,
    shown_recovery,
    step_of,
)

SECRET = b32encode(b"12345678901234567890").decode()
VECTORS = {
    59: "94287082",
    1_111_111_109: "07081804",
    1_111_111_111: "14050471",
    1_234_567_890: "89005924",
    2_000_000_000: "69279037",
    20_000_000_000: "65353130",
}
"""RFC 6238, appendix B, SHA-1: seconds → eight digits; ours are the last six of them."""

NOW = 1_800_000_000_000


@pytest.mark.parametrize(("seconds", "digits"), VECTORS.items())
def test_the_codes_are_those_of_the_rfc(seconds, digits):
    assert code_at(SECRET, step_of(seconds * 1000)) == digits[-6:]


@pytest.mark.parametrize(("away", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_one_step_around_now(away, taken):
    step = step_of(NOW) + away
    found = matching_step(SECRET, code_at(SECRET, step), now_ms=NOW, last_step=0)
    assert found == (step if taken else None)


def test_a_step_that_was_used_and_every_one_before_is_not_taken_again():
    here = step_of(NOW)
    for used, step, taken in ((here, here, False), (here, here - 1, False), (here - 1, here, True)):
        found = matching_step(SECRET, code_at(SECRET, step), now_ms=NOW, last_step=used)
        assert (found is not None) is taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345x", "１２３４５６"])
def test_what_is_no_code_is_wrong(code):
    assert matching_step(SECRET, code, now_ms=NOW, last_step=0) is None


def test_blanks_as_authenticators_show_them_are_no_matter():
    code = code_at(SECRET, step_of(NOW))
    assert matching_step(SECRET, f" {code[:3]} {code[3:]} ", now_ms=NOW, last_step=0) == NOW // STEP_MS


def test_the_qr_names_issuer_and_account():
    uri = enrolment_uri(SECRET, login_name="renshichu")
    assert uri.startswith("otpauth://totp/")
    assert f"secret={SECRET}" in uri
    assert "renshichu" in uri
    assert "issuer=" in uri


def test_a_recovery_code_is_read_as_it_is_shown_and_as_people_type_it():
    shown = shown_recovery("ABCDE23456")
    assert shown == "ABCDE-23456"
    assert {plain_recovery(text) for text in (shown, "abcde 23456", " abcde-23456 ")} == {"ABCDE23456"}
