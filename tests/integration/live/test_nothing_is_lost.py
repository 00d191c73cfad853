"""Whatever was acknowledged is held in the end: hundreds of walks over lost calls, rollbacks and devices."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from exam_api.attempt.model import Took
from exam_api.live.redis_lane import RedisLane
from tests.integration.live.exam_walk import Exam
from tests.integration.live.page import SLOTS

_WANTS_TIME = {"time_is_up": True, "expire": False}

WALKS = 150
STEPS = 45


@pytest.fixture
def walk(newest_redis) -> Iterator[type[Exam]]:
    """The machine, bound to a Redis of its own and a loop."""
    with asyncio.Runner() as loop:
        lane = RedisLane(newest_redis.url)
        loop.run(lane.open())
        yield type("Walk", (Exam,), {"loop": loop, "lane": lane, "visited": Counter()})
        loop.run(lane.close())


def test_hypothesis_finds_no_way_to_lose_an_op(walk) -> None:
    bounded = settings(
        max_examples=30,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(walk, settings=bounded)


def test_seeded_walks_lose_no_op_and_come_everywhere(walk) -> None:
    for seed in range(WALKS):
        _wander(walk(), random.Random(seed))
    everywhere = {*Took, "token-ahead", "fence-ahead", "seq-ahead"} - {
        Took.FORK,
        Took.NOT_STARTED,
        Took.LATE_REFUSED,
    }
    assert {place for place, times in walk.visited.items() if times} >= everywhere
    assert not walk.visited[Took.FORK], "no honest device forks"


def _wander(exam: Exam, dice: random.Random) -> None:
    exam.begin()
    acts = {
        "answer": 8,
        "send": 4,
        "send_slowly": 2,
        "arrive": 2,
        "take_over": 1,
        "drain": 1.5,
        "keep_copy": 1,
        "roll_back": 1,
        "time_is_up": 0.2,
        "expire": 0.4,
    }
    for act in dice.choices(list(acts), weights=list(acts.values()), k=STEPS):
        _step(exam, act, dice)
        exam.the_held_head_is_the_one_the_device_computed()
    exam.teardown()


def _step(exam: Exam, act: str, dice: random.Random) -> None:
    device = dice.choice(exam.everyone[-2:])
    if act == "answer":
        picked = [(dice.randrange(SLOTS), dice.randint(1, 31)) for _ in range(dice.randint(1, 3))]
        exam.answer(device=device, picked=picked, sent=dice.random() < 0.7)
    elif act == "send":
        fate = dice.choice(["", "", "twice", "no-reply", "lost"])
        exam.send(device=device, back=dice.randint(0, 3), fate=fate)
    elif act == "send_slowly":
        exam.send_slowly(device=device)
    elif act == "roll_back":
        exam.roll_back(drained=dice.random() < 0.6)
    elif act == "take_over":
        if len(exam.everyone) < 4 and exam.has_time:
            exam.take_over(recorded=dice.random() < 0.6)
    elif act == "arrive":
        if exam.delayed:
            exam.arrive(which=dice.randrange(99))
    elif exam.has_time is _WANTS_TIME.get(act, exam.has_time):
        getattr(exam, act)()
