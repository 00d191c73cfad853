"""What changed between two wordings."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from question_pools.change import Did, FieldChange, Span, change, spans
from question_pools.items import Item, ItemId, Kind, Option

OPTIONS = tuple(Option(text) for text in ("检查安全带", "饮酒取暖", "脱下安全帽", "不做什么"))
ITEM = Item(
    ItemId("a"), Kind.SINGLE, "高处作业前应先做什么？", OPTIONS, 1, rationale="先检查。", outline="1.1"
)


def replaced(**given_: object) -> Item:
    return msgspec.structs.replace(ITEM, **given_)


def test_nothing_changed_says_nothing() -> None:
    found = change(ITEM, replaced(salt="f" * 32))
    assert (found.stem, found.options, found.rationale, found.fields) == ((), (), (), ())


def test_words_of_the_stem_are_told_apart() -> None:
    found = change(ITEM, replaced(stem="高处作业前应当先做什么？"))
    assert found.stem == (Span(Did.KEPT, "高处作业前应"), Span(Did.ADDED, "当"), Span(Did.KEPT, "先做什么？"))


def test_a_number_is_one_word() -> None:
    assert spans("高 12 米", "高 15 米") == (
        Span(Did.KEPT, "高 "),
        Span(Did.GONE, "12"),
        Span(Did.ADDED, "15"),
        Span(Did.KEPT, " 米"),
    )


def test_options_are_matched_where_they_moved_changed_came_and_went() -> None:
    after = (OPTIONS[1], OPTIONS[0], Option("脱下安全带"), Option("通知监护人到场"))
    found = change(ITEM, replaced(options=after, key=0b10))
    told = [(one.did, one.before, one.after) for one in found.options]
    assert told == [
        (Did.MOVED, 1, 0),
        (Did.MOVED, 0, 1),
        (Did.CHANGED, 2, 2),
        (Did.ADDED, None, 3),
        (Did.GONE, 3, None),
    ]
    assert [(one.was_key, one.is_key) for one in found.options][:2] == [(False, False), (True, True)]
    assert found.fields == (FieldChange("key", "A", "B"),)


def test_another_key_shows_at_its_options() -> None:
    found = change(ITEM, replaced(key=0b100))
    assert [(one.did, one.was_key, one.is_key) for one in found.options] == [
        (Did.KEPT, True, False),
        (Did.KEPT, False, False),
        (Did.KEPT, False, True),
        (Did.KEPT, False, False),
    ]


@given(st.text("安全帽带abc 12", max_size=40), st.text("安全帽带abc 12", max_size=40))
def test_spans_give_both_texts_back(before: str, after: str) -> None:
    found = spans(before, after)
    assert "".join(span.text for span in found if span.did is not Did.ADDED) == before
    assert "".join(span.text for span in found if span.did is not Did.GONE) == after


@given(st.permutations(OPTIONS), st.integers(1, 15))
def test_every_option_of_both_is_told_once(options: list[Option], key: int) -> None:
    found = change(ITEM, replaced(options=tuple(options), key=key)).options
    if found:
        assert sorted(one.after for one in found if one.after is not None) == [0, 1, 2, 3]
        assert sorted(one.before for one in found if one.before is not None) == [0, 1, 2, 3]
