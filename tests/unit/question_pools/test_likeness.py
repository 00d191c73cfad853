"""Near duplicates: planted paraphrases are found, families of items are left alone, and it is fast."""

import random
import time
from pathlib import Path

import msgspec
import pytest

from question_pools.exchange.bank import read_bank
from question_pools.exchange.likeness import closest, near_duplicates, shingles
from question_pools.items import Item, ItemId, Kind, Option
from tests.fixtures.pools.paraphrases import paraphrased
from tests.fixtures.pools.workbooks import L9, csv_file
from tests.unit.question_pools.builders import item

ROOT = Path(__file__).parents[3]
POOLS = ROOT / "exam_api" / "demo" / "pools"
BANKS = ROOT.parent / "shared" / "data" / "banks"
NO_BANKS = pytest.mark.skipif(
    not BANKS.is_dir(), reason="the real banks are third-party data kept beside the checkout, not in it"
)


def measured(path: Path, seeds: range) -> tuple[int, float, float]:
    """Planted, recall and precision over fresh plants: half of a bank is the pool, the other half is new.

    Only a twentieth of the bank is paraphrased, so that chance likenesses weigh as they do in life.
    """
    held = read_bank(path.read_bytes(), path.name).items
    planted = hits = told = 0
    for seed in seeds:
        chance = random.Random(seed)
        mixed = chance.sample(held, len(held))
        pool, fresh = mixed[::2], mixed[1::2]
        copied = chance.sample(pool, max(5, len(held) // 20))
        copies = [paraphrased(one, chance, f"again {one.id}") for one in copied]
        truth = {(f"again {one.id}", one.id) for one in copied}
        near = closest(near_duplicates([*fresh, *copies], pool)).values()
        found = {(one.item.id, one.other.id) for one in near}
        planted, hits, told = planted + len(truth), hits + len(found & truth), told + len(found)
    return planted, hits / planted, hits / told


@pytest.mark.parametrize(
    ("path", "seeds"),
    [
        (POOLS / "safety-c.json", range(11, 19)),
        (POOLS / "worker-scaffolder.json", range(11, 19)),
        *(
            pytest.param(BANKS / name, range(11, 13), marks=NO_BANKS)
            for name in (
                "crac2025_full.csv",
                "crac2025_class_a.csv",
                "gtpx_省级高处作业.xlsx",
                "gtpx_省级低压电工题库.xlsx",
                "gtpx_一般企业安全管理员.xlsx",
                "gtpx_起重机械管理员.xlsx",
                "kr_construction_safety.json",
            )
        ),
    ],
    ids=lambda held: held.stem if isinstance(held, Path) else "",
)
def test_planted_paraphrases_are_found_and_little_else(path, seeds):
    planted, recall, precision = measured(path, seeds)
    print(f"{path.stem}: {planted} planted, recall {recall:.3f}, precision {precision:.3f}")  # noqa: T201 - the figures are what is asked for
    assert planted >= 28
    assert recall >= 0.9
    assert precision >= 0.9


STEM = "脚手架连墙件必须随作业层的升高及时设置，其间距应当符合专项方案的要求"


def told(**fields: object) -> list[int]:
    one = item("a", stem=STEM)
    other = msgspec.structs.replace(one, id=ItemId("b"), **fields)
    return [near.likeness for near in near_duplicates([one], [other])]


def test_other_words_and_another_order_of_options_are_nearly_the_same():
    offered = tuple(Option(f"a {at}") for at in (2, 0, 1, 3))
    (likeness,) = told(stem=STEM.replace("必须", "应当"), options=offered, key=0b10)
    assert 800 < likeness < 1000


def test_items_of_a_family_ask_different_things():
    assert told(stem=STEM + "吗") != []
    assert told(stem=STEM.replace("升高", "降低")) == []
    assert told(stem=STEM + "3 米") == []
    assert told(stem=STEM + "吗", key=2) == []
    assert told(stem=STEM + "吗", kind=Kind.MULTI, key=3) == []


def test_the_same_words_in_another_order_ask_something_else():
    one = item("a", stem="某电路输出信号电压是输入信号电压的一半，该电路的增益约为多少")
    turned = msgspec.structs.replace(
        one, id=ItemId("b"), stem="某电路输入信号电压是输出信号电压的一半，该电路的增益约为多少"
    )
    assert near_duplicates([one], [turned]) == []


def test_other_numbers_on_offer_ask_something_else():
    offered = tuple(Option(text) for text in ("合适", "2 米", "3 米", "4 米"))
    one = item("a", stem=STEM + "吗", offered=offered)
    near = msgspec.structs.replace(one, id=ItemId("b"), stem=STEM)
    other = (*offered[:3], Option("40 米"))
    assert len(near_duplicates([one], [near])) == 1
    assert near_duplicates([one], [msgspec.structs.replace(near, options=other)]) == []


def test_of_a_family_only_the_closest_is_told():
    offered = tuple(Option(text) for text in ("随层", "完工后", "随意"))
    stems = {"b": "吗啊", "c": "吗", "d": "吗啊呀"}
    one = item("a", stem=STEM, offered=offered)
    family = [item(name, stem=STEM + more, offered=offered) for name, more in stems.items()]
    pairs = near_duplicates([one], family)
    assert len(pairs) == 3
    assert closest(pairs)[one.id].other.id == "c"


def test_the_same_stem_is_told_as_such_and_an_item_is_not_like_itself():
    assert told() == []
    one = item("a", stem=STEM)
    assert near_duplicates([one], [msgspec.structs.replace(one, stem=STEM + "吗")]) == []
    assert near_duplicates([item("x", stem="短")], [item("y", stem="短吗")]) == []


def test_the_options_of_a_true_false_item_are_not_compared():
    assert shingles(item("a", Kind.JUDGE, stem="可以。")) == {"可以"}


def test_two_thousand_against_two_thousand_take_less_than_three_seconds():
    chance = random.Random(1)
    words = [chr(0x4E00 + at) + chr(0x4E00 + chance.randrange(900)) for at in range(900)]

    def made(name: str) -> Item:
        offered = tuple(Option("".join(chance.choices(words, k=4))) for _ in range(4))
        return item(name, stem="关于" + "".join(chance.choices(words, k=12)) + "的说法", offered=offered)

    pool = [made(f"p{at}") for at in range(2_000)]
    copies = [paraphrased(one, chance, f"again {one.id}") for one in pool]
    before = time.process_time()
    found = near_duplicates(copies, pool)
    assert time.process_time() - before < 3
    assert {one.item.id for one in found} >= {f"again p{at}" for at in range(0, 2_000, 50)}
    assert near_duplicates(copies, pool) == found


def test_an_import_warns_of_the_closest_item_before_or_in_the_pool():
    rows = [
        ("单选题", STEM + mark, "随层", "完工后", "随意", "不设", "A", "", "", "", "")
        for mark in ("", "是吗", "是吗啊")
    ]
    rows.append(("单选题", "安全网的作用是什么呢请回答", "挡人", "装饰", "遮阳", "挡风", "A", "", "", "", ""))
    offered = tuple(Option(text) for text in ("挡人", "装饰", "遮阳", "挡风"))
    known = item("old", stem="安全网的作用是什么请回答", offered=offered)
    taken = read_bank(csv_file([L9, *rows]), "x.csv", existing=[known])
    near = [(one.row, one.column, one.code.value) for one in taken.report.problems]
    assert near == [(3, "B", "W_NEAR_DUP"), (4, "B", "W_NEAR_DUP"), (5, "B", "W_NEAR_DUP")]
    assert "row 3" in taken.report.problems[1].message.en
    assert "old" in taken.report.problems[2].message.zh
    assert (taken.report.accepted, taken.report.warned) == (4, 3)
    again = read_bank(csv_file([L9, *rows]), "x.csv", existing=[known, *taken.items])
    assert again.report == taken.report
