"""Identity numbers, names, mobile numbers and what of them is shown."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from enrollment.errors import IdentityFault, NotAMobileNumber, NotAnIdentityNumber
from enrollment.identity import (
    Sex,
    check_character,
    mask_identity,
    mask_identity_in_public,
    mask_mobile,
    mask_name,
    normal_name,
    parse_identity,
    parse_mobile,
)

TODAY = date(2025, 6, 1)
VECTORS = Path(__file__).parents[4] / "shared" / "data" / "domain_vectors.json"

VALID = ["11010519491231002X", "440524188001010014", "630102199001010013", "632801198512310025"]
INVALID = ["110105194912310021", "630102199002300011", "63010219900101001"]


def sound(*, born: date, division: str = "630102", serial: int = 1) -> str:
    body = f"{division}{born:%Y%m%d}{serial:03d}"
    return body + check_character(body)


people = st.builds(
    sound,
    born=st.dates(date(1900, 1, 1), TODAY),
    division=st.sampled_from(["110105", "440524", "632801", "830000"]),
    serial=st.integers(1, 999),
)


def fault_of(text: str) -> IdentityFault:
    with pytest.raises(NotAnIdentityNumber) as refused:
        parse_identity(text, today=TODAY)
    return refused.value.reason


@pytest.mark.parametrize("number", VALID)
def test_a_sound_number_is_read(number) -> None:
    assert parse_identity(number, today=TODAY).number == number


@pytest.mark.parametrize("number", INVALID)
def test_an_unsound_number_is_refused(number) -> None:
    with pytest.raises(NotAnIdentityNumber):
        parse_identity(number, today=TODAY)


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared domain vectors are not beside this checkout")
def test_every_shared_vector_is_taken_or_refused_as_it_says() -> None:
    vectors = json.loads(VECTORS.read_text("utf-8"))["citizen_id"]
    assert [parse_identity(number, today=TODAY).number for number in vectors["valid"]] == vectors["valid"]
    assert all(fault_of(number) for number in vectors["invalid"])


def test_a_number_says_birth_sex_and_division() -> None:
    she = parse_identity("11010519491231002X", today=TODAY)
    he = parse_identity("630102199001010013", today=TODAY)
    assert (she.birth, she.sex, she.division) == (date(1949, 12, 31), Sex.FEMALE, "110105")
    assert (he.birth, he.sex, he.division) == (date(1990, 1, 1), Sex.MALE, "630102")


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 11010519491231002X\n",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002ｘ\u3000",
    ],
)
def test_a_number_may_be_typed_full_width_with_a_small_x_or_blanks_around(typed) -> None:
    assert parse_identity(typed, today=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", IdentityFault.EMPTY),
        (" \u3000", IdentityFault.EMPTY),
        ("63010219900101001", IdentityFault.LENGTH),
        ("630102900101001", IdentityFault.LENGTH),
        ("6301021990010100130", IdentityFault.LENGTH),
        ("63010219900101X013", IdentityFault.CHARACTERS),
        ("63010219900101001①", IdentityFault.CHARACTERS),
        ("٦٣٠١٠٢١٩٩٠٠١٠١٠٠١٣", IdentityFault.CHARACTERS),
        ("000102199001010013", IdentityFault.DIVISION),
        ("630102199002300011", IdentityFault.DATE),
        ("630102190002290011", IdentityFault.DATE),
        ("630102000001010011", IdentityFault.DATE),
        ("110105194912310021", IdentityFault.CHECK),
    ],
)
def test_a_refusal_gives_the_first_reason_that_applies(text, reason) -> None:
    assert fault_of(text) is reason


def test_today_is_the_last_day_somebody_may_be_born() -> None:
    assert parse_identity(sound(born=TODAY), today=TODAY).birth == TODAY
    assert fault_of(sound(born=TODAY + timedelta(days=1))) is IdentityFault.FUTURE


@pytest.mark.parametrize("reason", IdentityFault)
def test_every_reason_has_its_words_in_both_languages(reason) -> None:
    assert reason.zh
    assert reason.en.isascii()


@given(people)
def test_every_number_made_by_the_rule_is_sound(number) -> None:
    assert parse_identity(number, today=TODAY).number == number


@given(people, st.integers(0, 16), st.integers(0, 9))
def test_one_wrong_digit_is_always_found(number, at, digit) -> None:
    assume(number[at] != str(digit))
    with pytest.raises(NotAnIdentityNumber):
        parse_identity(f"{number[:at]}{digit}{number[at + 1 :]}", today=TODAY)


@given(people, st.integers(0, 16))
def test_two_neighbours_changed_about_are_always_found(number, at) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assume(swapped != number)
    with pytest.raises(NotAnIdentityNumber):
        parse_identity(swapped, today=TODAY)


@given(people)
def test_neither_a_refusal_nor_a_printed_value_repeats_the_number(number) -> None:
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    with pytest.raises(NotAnIdentityNumber) as refused:
        parse_identity(wrong, today=TODAY)
    assert number[6:14] not in str(refused.value)
    assert number[6:14] not in repr(parse_identity(number, today=TODAY))


@pytest.mark.parametrize(
    "typed",
    [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+86 13800000000",
        "008613800000000",
        "8613800000000",
        "１３８００００００００",
    ],
)
def test_a_mobile_number_is_read_as_people_write_it(typed) -> None:
    assert parse_mobile(typed) == "13800000000"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12800000000",
        "1380000000",
        "138000000000",
        "0971-6123456",
        "1380000000a",
        "13800000000/13900000000",
    ],
)
def test_what_is_no_mobile_number_is_refused(typed) -> None:
    with pytest.raises(NotAMobileNumber):
        parse_mobile(typed)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳锋", "欧阳*"),
        ("欧阳", "欧*"),
        ("卓玛央金", "卓***"),
        ("买买提·艾力", "买*****"),
        ("张", "*"),
        ("", ""),
    ],
)
def test_a_masked_name_keeps_the_surname(name, shown) -> None:
    assert mask_name(name) == shown


def test_masked_numbers_keep_only_their_ends() -> None:
    assert mask_identity("630102199001010013") == "630102********0013"
    assert mask_identity_in_public("630102199001010013") == "6" + "*" * 16 + "3"
    assert mask_mobile("13800000000") == "138****0000"


@pytest.mark.parametrize("mask", [mask_identity, mask_mobile, mask_identity_in_public])
@given(text=st.text("0123456789X", max_size=20))
def test_a_mask_keeps_the_length_and_never_shows_the_whole(mask, text) -> None:
    shown = mask(text)
    assert len(shown) == len(text)
    assert not text or "*" in shown


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张　三", "张三"),
        (" 张 三 ", "张三"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 . 艾力", "买买提·艾力"),
        ("Ｊｏｈｎ   Smith", "John Smith"),
        ("\ufeff李四\u200b", "李四"),
        ("   ", ""),
    ],
)
def test_two_writings_of_a_name_become_one(typed, name) -> None:
    assert normal_name(typed) == name


@given(st.text(max_size=20))
def test_a_normal_name_stays_as_it_is(text) -> None:
    once = normal_name(text)
    assert normal_name(once) == once
