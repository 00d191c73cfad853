"""Import of an export is the pool: sets, pictures, pinned options, rationales, outline and difficulty too."""

from io import BytesIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from question_pools.exchange.bank import diff, merged, read_bank
from question_pools.exchange.pictures import picture_from
from question_pools.exchange.pool_json import pictures_of, write_json
from question_pools.exchange.workbook import write_workbook
from question_pools.items import Item, ItemId, ItemSet, Kind, Option, Picture, Pool, judge_options, salted
from tests.unit.question_pools.builders import item, pool


def shown(colour: str) -> Picture:
    made = BytesIO()
    Image.new("RGB", (9, 6), colour).save(made, "PNG")
    held = picture_from(made.getvalue())
    assert held is not None
    return held


PICTURES = tuple(shown(colour) for colour in ("red", "green", "blue"))
SAID = st.sampled_from(
    [
        "甲",
        "1.乙",
        "A.丙",
        "=1+1",
        "'引",
        "以上都对",
        "A和B都对",
        "两\n行",
        " 空 白 ",
        "+86",
        "答案：A",
        "【题目】丁",
    ]
)
WORDS = st.one_of(st.just(""), SAID)
SHOWN = st.lists(st.sampled_from([one.sha256 for one in PICTURES]), max_size=2, unique=True)


@st.composite
def options(draw: st.DrawFn) -> tuple[Option, ...]:
    made: list[Option] = []
    for _ in range(draw(st.integers(2, 6))):
        picture = draw(st.one_of(st.none(), st.sampled_from([one.sha256 for one in PICTURES])))
        text = draw(SAID if picture is None else WORDS)
        made.append(Option(text, draw(st.booleans()), picture))
    return tuple(made)


@st.composite
def made_item(draw: st.DrawFn, name: str, set_id: str | None) -> Item:
    kind = draw(st.sampled_from(Kind))
    offered = judge_options() if kind is Kind.JUDGE else draw(options())
    key = 1 << draw(st.integers(0, len(offered) - 1))
    if kind is Kind.MULTI:
        key |= draw(st.integers(1, (1 << len(offered)) - 1))
    pictures = tuple(draw(SHOWN))
    return Item(
        id=ItemId(name),
        kind=kind,
        stem=draw(WORDS if pictures else SAID),
        options=offered,
        key=key,
        rationale=draw(WORDS),
        difficulty=draw(st.integers(1, 5)),
        outline=draw(st.sampled_from(["", "1", "1.2", "12.1.1.99"])),
        pictures=pictures,
        set_id=set_id,
        source=draw(WORDS),
    )


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Free items and sets, their items scattered among the free ones and in an order of their own."""
    homes: list[str | None] = [None] * draw(st.integers(0, 3))
    sizes = draw(st.lists(st.integers(1, 3), max_size=2))
    homes += [f"s{at}" for at, size in enumerate(sizes) for _ in range(size)]
    homes = draw(st.permutations(homes or [None]))
    items = tuple(draw(made_item(f"i{at}", home)) for at, home in enumerate(homes))
    sets: list[ItemSet] = []
    for at in range(len(sizes)):
        own = [one.id for one in items if one.set_id == f"s{at}"]
        sets.append(ItemSet(f"s{at}", draw(SAID), tuple(draw(SHOWN)), tuple(draw(st.permutations(own)))))
    return Pool("p", "p", items, tuple(sets))


def used(held: Pool) -> set[str]:
    named = {picture for one in held.items for picture in pictures_of(one)}
    return named | {picture for one in held.sets for picture in one.pictures}


@settings(max_examples=60)
@given(pools())
@pytest.mark.parametrize("suffix", ["xlsx", "json"])
def test_what_is_exported_and_imported_is_what_was_there(suffix: str, held: Pool):
    write = write_workbook if suffix == "xlsx" else write_json
    taken = read_bank(write(held, PICTURES), f"p.{suffix}")
    assert (taken.items, taken.sets) == (held.items, held.sets)
    assert {one.sha256: one.data for one in taken.pictures}.items() >= {
        one.sha256: one.data for one in PICTURES if one.sha256 in used(held)
    }.items()
    assert taken.report.rejected == 0


@pytest.mark.parametrize("suffix", ["xlsx", "json"])
def test_an_export_taken_into_its_own_pool_changes_nothing(suffix: str):
    held = salted(pool(item("a"), item("b", Kind.MULTI), item("c", Kind.JUDGE)), b"secret")
    bare = msgspec.structs.replace(
        held, items=tuple(msgspec.structs.replace(one, salt="") for one in held.items)
    )
    write = write_workbook if suffix == "xlsx" else write_json
    taken = read_bank(write(bare), f"p.{suffix}", existing=held.items)
    changes = diff(held, taken)
    assert (changes.added, changes.changed, len(changes.unchanged)) == ((), (), 3)
    assert merged(held, taken) == held
