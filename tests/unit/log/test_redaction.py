"""What a log must not hold is taken out wherever it stands: the second net under fields not logged."""

import io
import logging

import pytest
import structlog

from exam_api.log import GONE, harmless, plain_handler, processors

ID_NO = "11010519491231002X"
PLANTED = {
    "an identity number": f"row 3 holds {ID_NO}",
    "an identity number with a small x": "11010519491231002x",
    "an identity number of before 1999": "no 130503670401001 here",
    "a phone": "call 13812345678 now",
    "a phone with blanks": "138 1234 5678",
    "a phone with the country": "+86-13812345678",
    "a phone beside Chinese": "电话13812345678。",
    "a ticket": "KT1.AbCdEfGhIjKlMnOpQrStUvWxYz012345",
    "a receipt": "KW1.eyJhdHRlbXB0IjoiMSJ9.AbCdEfGhIjKlMnOpQr",
    "a bearer key": "Authorization: Bearer abcdef0123456789",
    "a password in a query": "/login?password=geheim123&x=1",
    "a password in JSON": '{"password": "geheim123"}',
    "a token": "token=abcdef",
    "what a database repeats": "[SQL: INSERT]\n[parameters: ('王小明', 1)]\n(Background on this",
    "what PostgreSQL repeats": "duplicate key\nDETAIL:  Key (name)=(王小明) already exists.",
}
SECRETS = ("002X", "002x", "0401001", "12345678", "1234 5678", "AbCdEf", "abcdef", "geheim", "王小明")


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_is_taken_out(kind: str) -> None:
    told = harmless(PLANTED[kind])
    assert GONE in told
    assert not [one for one in SECRETS if one in told]


@pytest.mark.parametrize(
    "text",
    [
        "1800000000000",
        "at_ms=1800000012345",
        "f3a1c2d4-13812345678a-4000-8000-000000000001",
        "session 7c9e6679-7425-40de-944b-e07fc1f90ae7 armed",
        "138123456789",
        "12 of 10000 rows",
        "/api/sessions/{session_id}/results",
    ],
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert harmless(text) == text


def test_lists_mappings_and_numbers_are_looked_through() -> None:
    held = {"rows": [{"id_no": ID_NO, "n": 1}, (13812345678, True)], "phone": "x", ID_NO: None}
    assert harmless(held) == {"rows": [{"id_no": GONE, "n": 1}, [GONE, True]], "phone": GONE, GONE: None}


def fail(why: str) -> None:
    raise ValueError(why)


def test_an_exception_is_told_without_what_it_holds() -> None:
    out = io.StringIO()
    log = structlog.wrap_logger(structlog.PrintLogger(out), processors=processors())
    try:
        try:
            held = {"id_no": ID_NO}
            fail(f"{held} is odd")
        except ValueError as inner:
            raise RuntimeError("phone 13812345678") from inner
    except RuntimeError:
        log.exception("http.our-fault", route="/x", password="geheim", who=f"no {ID_NO}")
    told = out.getvalue()
    assert "RuntimeError" in told
    assert "ValueError" in told
    assert not [one for one in (*SECRETS, ID_NO) if one in told]


def test_lines_of_other_libraries_are_looked_through_too() -> None:
    out = io.StringIO()
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "task of %s", (ID_NO,), None)
    try:
        fail(ID_NO)
    except ValueError as wrong:
        record.exc_info = (ValueError, wrong, wrong.__traceback__)
    plain_handler(out).emit(record)
    assert "asyncio: task of …" in out.getvalue()
    assert ID_NO not in out.getvalue()
