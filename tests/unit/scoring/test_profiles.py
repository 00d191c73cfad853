"""The built-in exam profiles."""

from fractions import Fraction

import pytest

from question_pools.items import Kind
from scoring.choice import parse_policy
from scoring.paper import MarkPlan, MarkSection, check_plan
from scoring.profiles import (
    MINUTE_MS,
    PROFILES,
    Channel,
    LateOffline,
    Navigation,
    Takeover,
    profile_blueprint,
)

ids = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())

MINUTES = {
    # length, earliest hand-in, latest entry
    "qh-abc-default": (90, 30, 30),
    "qh-special-theory": (120, 30, 30),
    "qh-inspect": (90, 30, 30),
    "qh-worker-phone": (45, 5, 15),
    "bj-remote": (90, 30, 5),
    "shaanxi-two-part": (90, 30, 30),
}

COUNTS = {
    "qh-abc-default": [(Kind.SINGLE, 40, 100), (Kind.MULTI, 20, 200), (Kind.JUDGE, 40, 50)],
    "qh-special-theory": [(Kind.SINGLE, 50, 100), (Kind.MULTI, 10, 200), (Kind.JUDGE, 30, 100)],
    "qh-inspect": [(Kind.SINGLE, 40, 100), (Kind.MULTI, 20, 200), (Kind.JUDGE, 20, 100)],
    "qh-worker-phone": [(Kind.JUDGE, 25, 200), (Kind.SINGLE, 25, 200)],
    "bj-remote": [(Kind.SINGLE, 50, 100), (Kind.MULTI, 10, 200), (Kind.JUDGE, 60, 50)],
    "shaanxi-two-part": [
        (Kind.SINGLE, 30, 100),
        (Kind.MULTI, 10, 400),
        (Kind.JUDGE, 18, 100),
        (None, 12, 100),
        (Kind.SINGLE, 10, 200),
        (Kind.MULTI, 6, 300),
        (Kind.JUDGE, 12, 100),
    ],
}


def test_the_profiles_are_those_of_the_domain_brief() -> None:
    assert set(PROFILES) == set(MINUTES)


@ids
def test_a_profile_has_the_published_times_and_counts(profile) -> None:
    times = (profile.length_ms, profile.earliest_hand_in_ms, profile.latest_entry_ms)
    assert times == tuple(minutes * MINUTE_MS for minutes in MINUTES[profile.id])
    assert [(s.kind, s.count, s.points_centi) for s in profile.sections] == COUNTS[profile.id]
    assert profile.entry_opens_ms == 30 * MINUTE_MS


@ids
def test_a_profile_is_worth_a_hundred_points_and_sixty_pass(profile) -> None:
    two_part = profile.id == "shaanxi-two-part"
    assert (profile.full_centi, profile.pass_centi) == ((15000, 9000) if two_part else (10000, 6000))


@ids
def test_a_profiles_sections_and_parts_make_a_sound_plan(profile) -> None:
    sections = tuple(MarkSection(section.title, section.part) for section in profile.sections)
    check_plan(MarkPlan((), sections, profile.pass_centi, profile.parts))
    for section in profile.sections:
        parse_policy(section.policy)
        assert section.kind is Kind.MULTI or section.policy == "all_or_nothing"


@ids
def test_qinghais_profiles_are_labelled_as_unconfirmed_defaults(profile) -> None:
    of_qinghai = profile.id.startswith("qh-")
    assert profile.confirmed is not of_qinghai
    assert (profile.status_zh == "未确认默认值") is of_qinghai
    assert (profile.status_en == "unconfirmed default") is of_qinghai
    assert profile.source


@ids
def test_late_answers_are_held_and_takeover_is_the_staffs_by_default(profile) -> None:
    assert (profile.late_offline, profile.takeover) == (LateOffline.HOLD, Takeover.STAFF)


def test_only_the_remote_profile_is_forward_only() -> None:
    forward = {profile.id for profile in PROFILES.values() if profile.navigation is Navigation.FORWARD}
    assert forward == {"bj-remote"}
    assert PROFILES["bj-remote"].channel is Channel.REMOTE


def test_workers_sit_on_the_phone_and_the_others_of_qinghai_at_a_desk() -> None:
    channels = {profile.id: profile.channel for profile in PROFILES.values() if profile.id.startswith("qh-")}
    assert channels.pop("qh-worker-phone") is Channel.PHONE
    assert set(channels.values()) == {Channel.DESK}


def test_only_the_default_of_the_safety_personnel_marks_partly() -> None:
    partly = [
        (profile.id, section.policy)
        for profile in PROFILES.values()
        for section in profile.sections
        if section.policy != "all_or_nothing"
    ]
    assert partly == [("qh-abc-default", "partial_per_option:50")]


def test_the_special_theory_is_split_25_25_50_in_points() -> None:
    points = dict.fromkeys("123", 0)
    profile = PROFILES["qh-special-theory"]
    for section in profile.sections:
        assert sum(count for _, count in section.cells) == section.count
        for outline, count in section.cells:
            points[outline] += count * section.points_centi
    shares = [Fraction(held, profile.full_centi) for held in points.values()]
    assert shares == [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]


@ids
def test_a_profiles_blueprint_keeps_its_sections(profile) -> None:
    blueprint = profile_blueprint(profile)
    assert (blueprint.id, blueprint.title) == (profile.id, profile.title_zh)
    kept = [(s.title, s.kind, s.count, s.points_centi, s.policy, s.part) for s in blueprint.sections]
    assert kept == [(s.title, s.kind, s.count, s.points_centi, s.policy, s.part) for s in profile.sections]
    cells = [tuple((cell.outline, cell.count) for cell in s.cells) for s in blueprint.sections]
    assert cells == [s.cells for s in profile.sections]
    for section in blueprint.sections:
        assert section.shuffle_options is (section.kind is not Kind.JUDGE)
