"""Versions, digests, masks and outline codes."""

import hashlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_pools.errors import BadPool
from question_pools.items import (
    Kind,
    Option,
    content_digest,
    is_outline,
    is_under,
    letters,
    mask,
    salted,
    version_of,
)
from question_pools.soundness import freeze, item_faults, pool_faults
from tests.unit.question_pools.builders import item, item_set, pool, version


def test_a_version_is_the_first_half_of_the_sha256_of_sorted_json_with_defaults_left_out():
    one = item("q1", outline="1.2", offered=(Option("甲"), Option("以上都对", pinned=True)))
    written = json.dumps(
        {
            "id": "q1",
            "key": 1,
            "kind": "single",
            "options": [{"text": "甲"}, {"pinned": True, "text": "以上都对"}],
            "outline": "1.2",
            "stem": "stem of q1",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    assert version_of(one) == hashlib.sha256(written.encode()).hexdigest()[:32]


def test_a_version_never_changes_for_the_same_item():
    assert (
        version_of(item("golden", Kind.MULTI, rationale="因为", difficulty=4))
        == "ef0cfb972268953888e8214a72fbaef8"
    )


@pytest.mark.parametrize(
    "change",
    [{"key": 2}, {"rationale": "x"}, {"stem": "x"}, {"difficulty": 5}, {"outline": "9"}, {"salt": "s"}],
    ids=str,
)
def test_every_change_of_an_item_is_a_new_version(change):
    one = item("q")
    assert version_of(msgspec.structs.replace(one, **change)) != version_of(one)


def test_without_a_salt_the_version_gives_the_key_away_and_with_one_it_does_not():
    one = item("q", key=4)
    guesses = {version_of(msgspec.structs.replace(one, key=key)): key for key in range(1, 16)}
    assert guesses[version_of(one)] == 4
    (hidden,) = salted(pool(one), b"secret").items
    assert version_of(hidden) not in guesses


def test_salting_is_the_same_each_time_and_leaves_salts_that_are_there():
    once = salted(pool(item("a"), item("b", salt="mine")), b"secret")
    assert salted(once, b"another secret") == once
    assert once.items[1].salt == "mine"
    assert once == salted(pool(item("a"), item("b", salt="mine")), b"secret")


def test_a_digest_is_over_the_content_and_not_over_code_title_or_number():
    one = version(item("a"))
    other = freeze(msgspec.structs.replace(pool(item("a")), code="x", title="y"), 7)
    assert one.digest == other.digest == content_digest(one.items, one.sets)
    assert one.digest != version(item("b")).digest


@given(st.integers(1, (1 << 26) - 1))
def test_letters_and_masks_are_each_others_inverse(key):
    assert mask(letters(key)) == key


@pytest.mark.parametrize("code", ["1", "99", "1.12.1.1", "1.2"])
def test_an_outline_code_has_up_to_four_levels_of_1_to_99(code):
    assert is_outline(code)


@pytest.mark.parametrize("code", ["", "0", "100", "1.1.1.1.1", "1.", ".1", "1..2", "01", "a", "1.²", "1,2"])
def test_anything_else_is_no_outline_code(code):
    assert not is_outline(code)


@pytest.mark.parametrize(
    ("outline", "prefix", "under"),
    [("1.2.3", "1.2", True), ("1.2", "1.2", True), ("1.20", "1.2", False), ("", "1", False), ("", "", True)],
)
def test_a_code_lies_under_its_prefixes_level_by_level(outline, prefix, under):
    assert is_under(outline, prefix) is under


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (item("", stem="x"), "has no id"),
        (item("q", stem=" "), "has no stem"),
        (item("q", difficulty=6), "difficulty 6"),
        (item("q", outline="x"), "outline 'x'"),
        (item("q", options=1), "has 1 options"),
        (item("q", options=27), "has 27 options"),
        (item("q", offered=(Option("a"), Option(" "))), "empty option"),
        (item("q", key=0), "no key"),
        (item("q", key=16), "beyond the options"),
        (item("q", key=3), "one right option"),
        (item("q", Kind.JUDGE, key=3), "one right option"),
        (item("q", Kind.JUDGE, offered=(Option("错误"), Option("正确"))), "正确 and 错误"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unsound_item_is_named_with_its_fault(wrong, said):
    assert any(said in fault for fault in item_faults(wrong))


def test_a_sound_item_has_no_faults():
    picture_only = item(
        "q", stem="", pictures=("0" * 64,), offered=(Option("", picture="1" * 64), Option("b"))
    )
    assert item_faults(picture_only) == []


def test_a_pool_names_double_ids_and_sets_that_do_not_fit_their_items():
    one, children = item_set("s", 2)
    empty = msgspec.structs.replace(one, id="e", items=(), stem=" ")
    twice = msgspec.structs.replace(one, items=(children[0].id, children[0].id))
    alone = item("alone", set_id="nowhere")
    told = "; ".join(pool_faults((*children, alone, alone), (empty, twice, twice)))
    for said in (
        "alone: id used 2 times",
        "set s: id used 2 times",
        "set e: has no items",
        "set e: has no stem",
        "set s: lists an item twice",
        "s-1: says it belongs to set s",
        "nowhere",
    ):
        assert said in told
    stranger = msgspec.structs.replace(one, items=("x",))
    assert any("lists x" in fault for fault in pool_faults(children, (stranger,)))


def test_an_unsound_pool_is_not_frozen():
    with pytest.raises(BadPool) as refused:
        version(item("q", key=0))
    assert refused.value.faults == ("item q: has no key",)
