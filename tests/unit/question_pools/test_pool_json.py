"""Pool JSON: read as written, and every fault of a file named at once."""

import hashlib
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_pools.errors import BadPool
from question_pools.exchange.pool_json import read_json, write_json
from question_pools.items import Item, ItemSet, Kind, Option, Picture, Pool, judge_options
from tests.fixtures.pools.workbooks import picture
from tests.unit.question_pools.builders import item, item_set, pool

DATA = picture()
PICTURE = Picture(hashlib.sha256(DATA).hexdigest(), "image/png", DATA)


def file(*items: dict, **more: object) -> bytes:
    return json.dumps(
        {"format": "kaowu-pool-1", "code": "p", "title": "t", "items": list(items)} | more
    ).encode()


texts = st.text(min_size=1, max_size=12).filter(lambda text: text.strip())
words = st.one_of(texts, st.sampled_from(["以上都对", "A和B", "同A", "甲"]))
options = st.lists(
    st.builds(Option, words, st.booleans(), st.sampled_from([None, PICTURE.sha256])), min_size=2, max_size=6
)


@st.composite
def items(draw, name: str, set_id: str | None) -> Item:
    kind = draw(st.sampled_from(Kind))
    offered = judge_options() if kind is Kind.JUDGE else tuple(draw(options))
    key = (
        draw(st.integers(1, 2 ** len(offered) - 1))
        if kind is Kind.MULTI
        else 1 << draw(st.integers(0, len(offered) - 1))
    )
    return Item(
        id=name,
        kind=kind,
        stem=draw(texts),
        options=offered,
        key=key,
        rationale=draw(st.text(max_size=5)),
        difficulty=draw(st.integers(1, 5)),
        outline=draw(st.sampled_from(["", "1.2", "1.12.1.1"])),
        pictures=draw(st.sampled_from([(), (PICTURE.sha256,)])),
        set_id=set_id,
        source=draw(st.text(max_size=5)),
        salt=draw(st.sampled_from(["", "ab"])),
    )


@st.composite
def pools(draw) -> Pool:
    homes = draw(st.lists(st.sampled_from([None, None, "s", "t"]), max_size=6))
    held = tuple(draw(items(f"i{at}", home)) for at, home in enumerate(homes))
    sets = []
    for name in sorted({home for home in homes if home}):
        children = draw(st.permutations([one.id for one in held if one.set_id == name]))
        sets.append(ItemSet(name, draw(texts), (PICTURE.sha256,), tuple(children)))
    return Pool(draw(texts), draw(texts), held, tuple(sets))


@given(pools())
@settings(max_examples=80)
def test_what_is_written_is_read_back_unchanged(held):
    assert read_json(write_json(held, (PICTURE,))) == (held, (PICTURE,))


def test_a_person_may_write_it_short():
    data = file(
        {"kind": "single", "stem": "一", "options": ["甲", "乙", "以上都对"], "key": "C"},
        {"kind": "judge", "stem": "二", "key": "错误"},
        {"kind": "judge", "stem": "三", "key": "A", "set": "s"},
        {"kind": "multi", "stem": "四", "options": ["甲", "乙", "丙"], "key": "CA", "set": "s"},
        sets=[{"id": "s", "stem": "材料"}],
    )
    held, pictures = read_json(data)
    assert [one.key for one in held.items] == [0b100, 0b10, 0b01, 0b101]
    assert held.items[0].options[2].pinned
    assert held.sets[0].items == (held.items[2].id, held.items[3].id)
    assert pictures == ()
    assert read_json(data)[0] == held


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a pool file"),
        (b'{"format": "other"}', "not a pool file"),
        (file({"kind": "single", "stem": "x", "options": ["a", "b"], "key": "A", "nonsense": 1}), "nonsense"),
        (file({"kind": "essay", "stem": "x", "key": "A"}), "not a pool file"),
        (file({"kind": "single", "stem": "x", "options": ["a", "b"], "key": "1"}), "the key '1'"),
        (file({"kind": "single", "stem": "x", "options": ["a", "b"], "key": "C"}), "beyond the options"),
        (file({"kind": "judge", "stem": "x", "options": ["a", "b"], "key": "A"}), "names no options"),
        (file({"kind": "judge", "stem": "x", "key": "A", "pictures": ["0" * 64]}), "is not in the file"),
        (file(sets=[{"id": "s", "stem": "x"}]), "has no items"),
        (file(pictures=[{"sha256": "0" * 64, "mime": "image/png", "data": "AAAA"}]), "another SHA-256"),
    ],
)
def test_a_file_that_is_not_sound_is_refused_with_its_faults(data, said):
    with pytest.raises(BadPool) as refused:
        read_json(data)
    assert said in str(refused.value)


def test_all_faults_are_told_at_once():
    wrong = {"kind": "single", "stem": "", "options": ["a"], "key": "Z"}
    with pytest.raises(BadPool) as refused:
        read_json(file(wrong, {**wrong, "stem": "b"}))
    assert len(refused.value.faults) == 5


def test_a_pool_with_pictures_needs_their_bytes():
    shown = item("q", pictures=(PICTURE.sha256,))
    one, children = item_set("s", 1)
    held = pool(shown, *children, sets=(msgspec.structs.replace(one, pictures=(PICTURE.sha256,)),))
    assert read_json(write_json(held, (PICTURE,)))[0] == held
    with pytest.raises(BadPool, match="is not in the file"):
        read_json(write_json(held))
