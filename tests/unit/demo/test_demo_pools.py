"""The demo pools and blueprints: sound, explained, and enough for the exams shown."""

import io
import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from question_pools.blueprint import Blueprint, check, faults, total_centi
from question_pools.draw import DrawIndex
from question_pools.exchange.pool_json import read_json
from question_pools.items import Item, Kind, Picture, Pool, is_outline, version_of
from question_pools.soundness import freeze
from scoring.choice import parse_policy
from scoring.profiles import PROFILES, profile_blueprint
from scoring.publication import PublishedItem, warnings

DEMO = Path(__file__).parents[3] / "exam_api" / "demo"
PICTURE_BYTES_MAX = 8 * 1024


class DemoExam(msgspec.Struct, forbid_unknown_fields=True):
    pool: str
    profile: str | None
    blueprint: Blueprint


class DemoFile(msgspec.Struct, forbid_unknown_fields=True):
    blueprints: list[DemoExam]


POOLS: dict[str, tuple[Pool, tuple[Picture, ...]]] = {
    path.stem: read_json(path.read_bytes()) for path in sorted((DEMO / "pools").glob("*.json"))
}
EXAMS = {
    exam.pool: exam
    for exam in msgspec.json.decode((DEMO / "blueprints.json").read_bytes(), type=DemoFile).blueprints
}

each_pool = pytest.mark.parametrize("code", POOLS)
each_exam = pytest.mark.parametrize("code", EXAMS)


def free_kinds(code: str) -> Counter[Kind]:
    return Counter(item.kind for item in POOLS[code][0].items if item.set_id is None)


WORKERS = ("worker-scaffolder", "worker-rebar", "worker-electrician")


def test_the_demo_has_pools_and_blueprints_for_three_trades_safety_officers_and_practice() -> None:
    assert set(POOLS) == set(EXAMS) == {*WORKERS, "safety-c", "practice"}
    assert {code: pool.code for code, (pool, _) in POOLS.items()} == {code: code for code in POOLS}


def test_the_three_trades_hold_three_hundred_items_together() -> None:
    assert sum(len(POOLS[code][0].items) for code in WORKERS) >= 300


@pytest.mark.parametrize("code", WORKERS)
def test_a_workers_pool_holds_sixty_items_of_two_kinds(code) -> None:
    kinds = free_kinds(code)
    assert kinds.keys() == {Kind.SINGLE, Kind.JUDGE}
    assert min(kinds.values()) >= 30
    singles = [item for item in POOLS[code][0].items if item.kind is Kind.SINGLE]
    assert {len(item.options) for item in singles} == {4}


def test_the_safety_pool_holds_250_items_of_three_kinds_and_six_sets_of_four() -> None:
    pool = POOLS["safety-c"][0]
    kinds = free_kinds("safety-c")
    assert len(pool.items) >= 250
    assert kinds[Kind.SINGLE] >= 100
    assert kinds[Kind.MULTI] >= 60
    assert kinds[Kind.JUDGE] >= 60
    assert [len(one.items) for one in pool.sets] == [4] * 6
    assert {len(item.options) for item in pool.items if item.kind is Kind.MULTI} <= {4, 5, 6}


def test_the_practice_pool_holds_five_items_of_every_kind() -> None:
    assert free_kinds("practice") == {Kind.JUDGE: 2, Kind.SINGLE: 2, Kind.MULTI: 1}


@each_pool
def test_every_item_is_explained_placed_and_sourced(code) -> None:
    for item in POOLS[code][0].items:
        assert item.rationale, item.id
        assert item.source, item.id
        assert is_outline(item.outline), item.id
        assert 1 <= item.difficulty <= 5, item.id


@each_pool
def test_no_question_is_asked_twice_and_no_option_offered_twice(code) -> None:
    pool = POOLS[code][0]

    def wording(item: Item) -> str:
        return re.sub(r"\W", "", item.stem)

    asked = [(item.set_id, wording(item)) for item in pool.items]
    assert len(set(asked)) == len(asked)
    assert len({version_of(item) for item in pool.items}) == len(pool.items)
    for item in pool.items:
        texts = [option.text for option in item.options]
        assert len(set(texts)) == len(texts), item.id


@each_pool
def test_a_multiple_response_item_has_at_least_two_right_options_and_one_wrong_one(code) -> None:
    for item in POOLS[code][0].items:
        if item.kind is Kind.MULTI:
            assert 2 <= item.key.bit_count() < len(item.options), item.id


@pytest.mark.parametrize("code", [*WORKERS, "safety-c"])
def test_the_right_option_stands_in_every_place_about_equally_often(code) -> None:
    items = POOLS[code][0].items
    singles = Counter(item.key for item in items if item.kind is Kind.SINGLE)
    judges = Counter(item.key for item in items if item.kind is Kind.JUDGE)
    assert set(singles) == {1, 2, 4, 8}
    assert max(singles.values()) <= 0.35 * singles.total()
    assert max(judges.values()) <= 0.65 * judges.total()


@pytest.mark.parametrize("code", [*WORKERS, "safety-c"])
def test_difficulties_and_outline_are_spread(code) -> None:
    items = POOLS[code][0].items
    assert len({item.difficulty for item in items}) >= 3
    assert len({item.outline.split(".")[0] for item in items}) >= 3


@each_pool
def test_pictures_are_small_and_each_is_shown_by_an_item(code) -> None:
    pool, pictures = POOLS[code]
    shown = {sha256 for item in pool.items for sha256 in item.pictures}
    assert {picture.sha256 for picture in pictures} == shown
    for picture in pictures:
        assert len(picture.data) <= PICTURE_BYTES_MAX
        assert picture.mime == "image/png"
        with Image.open(io.BytesIO(picture.data)) as image:
            image.verify()
            assert image.format == "PNG"


@pytest.mark.parametrize("code", ["worker-scaffolder", "safety-c"])
def test_two_items_of_each_exam_show_a_picture(code) -> None:
    assert sum(1 for item in POOLS[code][0].items if item.pictures) == 2


@each_exam
def test_a_demo_blueprint_is_sound_and_its_pool_can_fill_it(code) -> None:
    exam = EXAMS[code]
    assert faults(exam.blueprint) == []
    assert check(exam.blueprint, POOLS[code][0]) == []
    assert total_centi(exam.blueprint) == 10_000
    for section in exam.blueprint.sections:
        parse_policy(section.policy)


@each_exam
def test_a_paper_is_drawn_from_every_demo_blueprint(code) -> None:
    blueprint = EXAMS[code].blueprint
    paper = DrawIndex(freeze(POOLS[code][0], 1), blueprint).draw(b"demo")
    drawn = Counter(slot.section for slot in paper.slots)
    assert [drawn[at] for at in range(len(blueprint.sections))] == [s.count for s in blueprint.sections]


@each_exam
def test_publishing_a_demo_blueprint_warns_of_nothing(code) -> None:
    items = [
        PublishedItem(
            section=section.title,
            item_id=item.id,
            version=version_of(item),
            key=item.key,
            policy=parse_policy(section.policy),
            worth_centi=section.points_centi,
        )
        for section in EXAMS[code].blueprint.sections
        for item in POOLS[code][0].items
        if (section.kind or item.kind) is item.kind and (section.kind is None) is (item.set_id is not None)
    ]
    assert len(items) >= 5
    assert warnings(items) == ()


@pytest.mark.parametrize("code", WORKERS)
def test_a_worker_blueprint_is_the_one_of_its_profile(code) -> None:
    exam = EXAMS[code]
    assert exam.profile == "qh-worker-phone"
    assert exam.blueprint.sections == profile_blueprint(PROFILES[exam.profile]).sections


def test_the_desk_blueprint_marks_partly_and_asks_item_sets() -> None:
    exam = EXAMS["safety-c"]
    assert exam.profile in PROFILES
    assert {section.policy for section in exam.blueprint.sections} == {
        "all_or_nothing",
        "partial_per_option:50",
    }
    assert [section.kind for section in exam.blueprint.sections][-1] is None
