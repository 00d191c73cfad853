"""The people of the load test: alike for every driver, true to their shapes, with a chain of their own."""

import json
import random
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from exam_api.attempt import chain
from loadtest.habits import NO_SHOW, arrival_s, draw_habits, registered, think_s
from loadtest.life import TRIES, Life
from loadtest.loopback import NotLoopback, require_loopback
from loadtest.ops import ANSWER, Op, Outbox, first_head, next_head, packed
from loadtest.plan import Person
from loadtest.shapes import TIERS
from loadtest.steps import Ask, Listen, Reply, Wait

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "chain.json").read_text(encoding="utf-8"))
FROM_THE_BEGINNING = [vector for vector in GOLDEN["chains"] if vector["base"] == 0]
ATTEMPT = UUID(int=7)
SHAPE = TIERS["S"]


@pytest.mark.parametrize("vector", FROM_THE_BEGINNING, ids=lambda vector: vector["name"])
def test_its_own_chain_gives_the_heads_of_the_vectors(vector):
    head = first_head(UUID(vector["attempt"]), vector["fence"])
    told = [head.hex()]
    for one in vector["ops"]:
        version = bytes.fromhex(one["version"])
        op = Op(one["seq"], one["kind"], one["slot"], version, one["mask"], one["clientMs"])
        assert packed(op, vector["fence"]).hex() == one["packed"]
        head = next_head(head, op, vector["fence"])
        told.append(head.hex())
    assert told == vector["heads"]


def test_an_outbox_says_what_is_not_held_with_the_head_before_it():
    box = Outbox(ATTEMPT, 1)
    for number in range(3):
        box.add(ANSWER, number, bytes(16), 1, 1_000 + number)
    said = box.range_from(1)
    whole = chain.heads(
        ATTEMPT, fence=1, base=0, base_head=b"", ops=b"".join(packed(op, 1) for op in box.ops)
    )
    assert [one["seq"] for one in said["ops"]] == [2, 3]
    assert said["baseHead"] == whole[32:64].hex()
    assert box.range_from(0)["baseHead"] is None


def test_everybody_arrives_in_time_and_the_first_seconds_are_the_busiest():
    drawn = sorted(arrival_s((number + 0.5) / 1000, 60.0) for number in range(1000))
    assert drawn[0] >= 0
    assert drawn[-1] < 60
    first, last = (sum(begin <= at < begin + 10 for at in drawn) for begin in (0, 50))
    assert first == pytest.approx(414, abs=2)
    assert last < 45


def test_of_those_registered_as_many_stay_away_as_the_habits_say():
    assert registered(930) == 1_000
    assert (registered(20_000) - 20_000) / registered(20_000) == pytest.approx(NO_SHOW, abs=0.0001)


def test_thinking_has_the_median_of_its_source():
    chance = random.Random(1)
    drawn = sorted(think_s(chance, multi=False, pace=1.0) for _ in range(4_001))
    assert drawn[2_000] == pytest.approx(25.0, rel=0.05)


def test_people_hand_in_as_the_shape_says():
    chance = random.Random(2)
    people = [draw_habits(chance, SHAPE) for _ in range(2_000)]
    begins = SHAPE.hand_in_begins_s
    burst = [one for one in people if one.hands_in_s < begins + SHAPE.hand_in_s]
    assert len(burst) / len(people) == pytest.approx(SHAPE.hand_in_share, abs=0.03)
    assert all(begins <= one.hands_in_s <= SHAPE.ends_s for one in people)
    assert 0.02 < sum(one.gone_s is not None for one in people) / len(people) < 0.04


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1"])
def test_load_may_go_to_this_machine(host):
    assert require_loopback(host) == host


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "exam.example", "localhost", "192.168.1.1", "", "127.0.0.1.example"]
)
def test_load_goes_nowhere_else(host):
    with pytest.raises(NotLoopback):
        require_loopback(host)


class Told:
    """The service's side of one life, as replies in the order they are asked for."""

    def __init__(self, *, busy: int = 0) -> None:
        self.now = 0.0
        self.busy = busy
        self.asked: list[Ask] = []
        self.ops: list[dict[str, int]] = []

    def reply(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        if self.busy:
            self.busy -= 1
            return Reply(503, retry_after_s=2.0)
        if ask.of_gateway:
            return Reply(200, b"123456")
        return Reply(200, json.dumps(self.body(ask)).encode(), (f"kw_{ask.name}=1",))

    def body(self, ask: Ask) -> object:
        if ask.name == "start":
            items = [
                {"slot": slot, "version": "ab" * 16, "kind": "single", "options": [0, 1, 2]}
                for slot in range(5)
            ]
            return {"fence": 1, "seq": 0, "syncEveryMs": 10_000, "paper": {"items": items}}
        said = msgspec.json.decode(ask.body) if ask.body else {}
        if ask.name in {"sync", "submit"}:
            self.ops += said["ops"]
            outbox = Outbox(ATTEMPT, 1)
            for one in self.ops:
                outbox.add(
                    one["kind"], one["slot"], bytes.fromhex(one["version"]), one["mask"], one["clientMs"]
                )
            seq = len(self.ops)
            told = {"took": "ok", "fence": 1, "seq": seq, "head": outbox.head_at(seq)}
            return told if ask.name == "sync" else {"durable": True, "receipt": "KW"}
        return {}


def _lived(told: Told) -> Life:
    chance = random.Random(3)
    habits = msgspec.structs.replace(
        draw_habits(chance, SHAPE), arrives_s=1.0, hands_in_s=200.0, gone_s=(60.0, 90.0), listens=True
    )
    person = Person(ATTEMPT, "考生", "639900195501010011", "13800000000")
    life = Life(person, habits, chance, pace=1.0, now_s=lambda: told.now, begins_ms=0)
    steps, reply = life.lived(), None
    try:
        while True:
            step = steps.send(reply)
            reply = told.reply(step) if isinstance(step, Ask) else None
            if isinstance(step, Wait):
                told.now = max(told.now, step.until_s)
            assert isinstance(step, Ask | Wait | Listen) or told.now >= 60.0
    except StopIteration:
        return life


def test_a_life_goes_from_the_log_in_to_the_receipt_and_says_every_op_once():
    told = Told()
    life = _lived(told)
    names = [one.name for one in told.asked]
    assert names[:5] == ["code", "code", "login", "exams", "start"]
    assert names[-1] == "submit"
    assert [one["seq"] for one in told.ops] == list(range(1, len(told.ops) + 1))
    assert told.ops[-1]["kind"] == 2
    assert (life.kept.seq, life.kept.receipt, life.kept.wrong) == (len(told.ops), "KW", 0)


def test_a_page_beats_when_it_has_nothing_to_say():
    told = Told()
    _lived(told)
    empty = [one for one in told.asked if one.name == "sync" and not msgspec.json.decode(one.body)["ops"]]
    assert len(empty) >= 5


def test_who_is_refused_for_a_while_asks_again_and_goes_on():
    told = Told(busy=4)
    assert _lived(told).kept.receipt == "KW"
    assert told.now >= 200.0


def test_who_is_never_answered_gives_up():
    told = Told(busy=10_000)
    life = _lived(told)
    assert len(told.asked) == TRIES
    assert (life.kept.came, life.kept.logged_in) == (True, False)
