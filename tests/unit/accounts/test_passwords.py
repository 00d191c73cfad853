"""Passwords: what is refused, and that everything else is free."""

import pytest

from exam_api.accounts.errors import PasswordWeak
from exam_api.accounts.passwords import COMMON, LEAST, check_password

KNOWN = ("renshichu", "林处长", "青海建设职业培训中心")


def refusal(password: str) -> str:
    try:
        check_password(password, known=KNOWN)
    except PasswordWeak as refused:
        return refused.reason
    return ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "password-short"),
        ("ninechars", "password-short"),
        ("x" * 201, "password-long"),
        ("aaaaaaaaaaaa", "password-common"),
        ("121212121212", "password-common"),
        ("password123", "password-common"),
        ("Passw0rd2024", "password-common"),
        ("qwertyuiop12", "password-common"),
        ("0987654321ab", "password-common"),
        ("woaini1314520", "password-common"),
        ("kaowu-demo", "password-common"),
        ("Admin@123456", "password-common"),
        ("1qaz2wsx3edc", "password-common"),
        ("renshichu2024", "password-like-owner"),
        ("RenShiChu!!12", "password-like-owner"),
        ("林处长林处长林处长abc", "password-like-owner"),
        ("青海建设职业培训中心123", "password-like-owner"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password, reason):
    assert refusal(password) == reason


@pytest.mark.parametrize(
    "password",
    [
        "mtvqhxkpdw",
        "高原的风从北边来到这里",
        "three green horses",
        "7391 8264 0517",
        "renshichu likes long words",
        "a long enough password",
    ],
)
def test_a_password_needs_no_capitals_digits_or_signs(password):
    assert refusal(password) == ""


def test_no_common_piece_is_a_password_by_itself_or_doubled():
    free = [word for word in COMMON if not refusal(word) or not refusal(word * LEAST)]
    assert free == []
