"""What figures of a rehearsal say, and when a rehearsal may be held at all."""

import msgspec
import pytest

from exam_api.rehearsal.plan import CLEAR_MS, Neighbour, Plan, RehearsalRefused, Room, check
from exam_api.rehearsal.verdict import LAG, LATE, Decision, Limit, Part, Seen, Use, judge

PLAN = Plan(planned=5_000, candidates=5_000, arrive_s=30.0, steady_s=120.0)
NOW = 1_800_000_000_000
ROOMY = Room(disk=None, memory=None)


def use(part: Part, used: float, of: float, unit: str = "cores") -> Use:
    return Use(part=part, used=used, of=of, unit=unit)


def limit(name: str, *, held: bool) -> Limit:
    return Limit(name=name, zh="某项", en="something", limit="≤ 1", measured="2", held=held)


def seen(*uses: Use, limits: tuple[Limit, ...] = (), **given: float) -> Seen:
    found = Seen(started=5_000, handed_in=5_000, ops=9_000, starts_per_s=400.0, uses=uses, limits=limits)
    return msgspec.structs.replace(found, **given)


def test_go_names_the_part_with_the_least_to_spare():
    told = judge(PLAN, seen(use(Part.API, 1.0, 2.0), use(Part.REDIS, 0.2, 1.0)))
    assert (told.decision, told.part) == (Decision.GO, Part.API)
    assert "busiest: API workers, 50% of 2 cores" in told.en


def test_a_part_that_is_full_is_the_bottleneck_with_what_is_lacking():
    full = use(Part.API, 1.92, 2.0)
    told = judge(
        PLAN, seen(full, use(Part.REDIS, 0.3, 1.0), limits=(limit("errors", held=False),), starts_per_s=340)
    )
    assert (told.decision, told.part) == (Decision.NO_GO, Part.API)
    assert told.en == (
        "no-go: API workers are the bottleneck: 96% of 2 cores at 340 starts/s; the plan needs 450/s; "
        "2 more cores"
    )
    assert "瓶颈是API 进程" in told.zh


def test_who_comes_in_smaller_number_is_stretched_to_the_plan():
    few = msgspec.structs.replace(PLAN, candidates=1_000)
    found = seen(use(Part.REDIS, 0.2, 1.0), starts_per_s=80.0)
    assert judge(few, found).part is Part.REDIS
    assert judge(few, found).decision is Decision.NO_GO
    assert judge(msgspec.structs.replace(few, planned=1_000), found).decision is Decision.GO


def test_an_uplink_that_is_too_narrow_says_how_much_more():
    told = judge(PLAN, seen(use(Part.NETWORK, 95.0, 100.0, "Mbit/s")))
    assert told.part is Part.NETWORK
    assert told.en.endswith("95 of 100 Mbit/s; 12 Mbit/s more")


def test_a_record_that_stays_behind_is_the_database_s():
    told = judge(PLAN, seen(use(Part.API, 0.5, 2.0), limits=(limit(LAG, held=False),)))
    assert (told.decision, told.part) == (Decision.NO_GO, Part.DATABASE)


def test_a_broken_limit_with_room_everywhere_is_no_go_by_its_name():
    told = judge(PLAN, seen(use(Part.API, 0.5, 2.0), limits=(limit("sync p99, ms", held=False),)))
    assert (told.decision, told.part) == (Decision.NO_GO, Part.UNKNOWN)
    assert "something: 2 (limit ≤ 1)" in told.en


def test_a_machine_without_a_core_to_spare_is_the_bottleneck_where_no_part_is():
    slow = limit("sync p99, ms", held=False)
    told = judge(PLAN, seen(use(Part.API, 0.8, 2.0), limits=(slow,), machine=1.0, driver=0.1, cores=2))
    assert (told.decision, told.part) == (Decision.NO_GO, Part.MACHINE)
    assert "100% of 2 cores in use, the service had 40%, the shadows 10%" in told.en


def test_shadows_that_were_late_themselves_decide_nothing():
    late = limit(LATE, held=False)
    told = judge(PLAN, seen(use(Part.API, 0.9, 1.0), limits=(late,), machine=1.0, driver=0.5))
    assert (told.decision, told.part) == (Decision.UNDECIDED, Part.DRIVER)
    told = judge(PLAN, seen(use(Part.API, 0.9, 1.0), limits=(late,), machine=1.0, driver=0.1))
    assert (told.decision, told.part) == (Decision.NO_GO, Part.API)


def neighbour(entry_in_ms: int) -> Neighbour:
    entry_ms = NOW + entry_in_ms
    return Neighbour(title="别的场次", entry_ms=entry_ms, opens_ms=entry_ms, closes_ms=entry_ms + 3_600_000)


def test_a_rehearsal_is_over_half_an_hour_before_the_next_session_lets_people_in():
    free = PLAN.length_ms + CLEAR_MS
    check(PLAN, state="open", near=[neighbour(free + 1)], room=ROOMY, now_ms=NOW)
    with pytest.raises(RehearsalRefused, match="at work"):
        check(PLAN, state="open", near=[neighbour(free)], room=ROOMY, now_ms=NOW)
    with pytest.raises(RehearsalRefused, match="at work"):
        check(PLAN, state="open", near=[neighbour(-60_000)], room=ROOMY, now_ms=NOW)


@pytest.mark.parametrize("state", ["draft", "closed", "cancelled", "published"])
def test_only_an_announced_session_is_rehearsed(state):
    with pytest.raises(RehearsalRefused, match=state):
        check(PLAN, state=state, near=(), room=ROOMY, now_ms=NOW)


@pytest.mark.parametrize("candidates", [0, 10_000])
def test_a_rehearsal_has_somebody_and_no_more_than_a_session(candidates):
    with pytest.raises(RehearsalRefused, match="candidates"):
        check(
            msgspec.structs.replace(PLAN, candidates=candidates),
            state="open",
            near=(),
            room=ROOMY,
            now_ms=NOW,
        )


@pytest.mark.parametrize("room", [Room(disk=700_000_000, memory=None), Room(disk=None, memory=800_000_000)])
def test_a_machine_without_room_for_them_refuses(room):
    with pytest.raises(RehearsalRefused, match="too little"):
        check(PLAN, state="open", near=(), room=room, now_ms=NOW)
