"""The people of the load test: alike for every driver, true to their shapes, with a chain of their own."""

import json
import random
import socket
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from exam_api.attempt import chain
from loadtest.bundle import Bundle, DoesNotOpen, opened
from loadtest.habits import NO_SHOW, arrival_s, draw_habits, registered, think_s
from loadtest.life import TRIES, Life
from loadtest.loopback import NotLoopback, require_loopback
from loadtest.ops import ANSWER, Op, Outbox, first_head, next_head, packed
from loadtest.plan import Person
from loadtest.shapes import TIERS
from loadtest.steps import Ask, Listen, Reply, Wait
from proctoring.snapshot import read_snapshot

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "chain.json").read_text(encoding="utf-8"))
FROM_THE_BEGINNING = [vector for vector in GOLDEN["chains"] if vector["base"] == 0]
SEALED = json.loads((Path(__file__).parents[2] / "golden" / "sealed.json").read_text(encoding="utf-8"))
ATTEMPT = UUID(SEALED["attempt"])
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


def test_an_address_of_a_card_of_this_machine_is_this_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; asks which of our addresses would be used
        except OSError:
            pytest.skip("no network card but loopback")
        own = probe.getsockname()[0]
    assert require_loopback(own) == own


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "exam.example", "localhost", "192.168.1.1", "", "127.0.0.1.example"]
)
def test_load_goes_nowhere_else(host):
    with pytest.raises(NotLoopback):
        require_loopback(host)


def test_a_bundle_opens_as_the_service_sealed_it():
    bundle = Bundle(SEALED["digest"], bytes.fromhex(SEALED["sealed"]))
    attempt_id = UUID(SEALED["attempt"])
    assert json.loads(opened(bundle, SEALED["key"], attempt_id)) == json.loads(SEALED["paper"])
    with pytest.raises(DoesNotOpen):
        opened(bundle, SEALED["key"], UUID(int=attempt_id.int + 1))


class Told:
    """The service's side of one life, as replies in the order they are asked for."""

    def __init__(self, *, busy: int = 0, key: str = SEALED["key"]) -> None:
        self.now = 0.0
        self.key = key
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
        if ask.name == "sealed":
            return Reply(200, bytes.fromhex(SEALED["sealed"]), sealed=SEALED["digest"])
        return Reply(200, json.dumps(self.body(ask)).encode(), (f"kw_{ask.name}=1",))

    def body(self, ask: Ask) -> object:
        if ask.name == "start":
            items = [
                {"slot": slot, "version": "ab" * 16, "kind": "single", "options": [0, 1, 2]}
                for slot in range(5)
            ]
            told = {"fence": 1, "seq": 0, "syncEveryMs": 10_000}
            if "sealedDigest" in msgspec.json.decode(ask.body):
                return {**told, "paper": None, "paperKey": self.key}
            return {**told, "paper": {"items": items}}
        if ask.name == "snapshot":
            return {"id": "1", "nextMs": 30_000}
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


def _lived(told: Told, *, opens_s: float = 0.0, **other: object) -> Life:
    chance = random.Random(3)
    habits = msgspec.structs.replace(
        draw_habits(chance, SHAPE), arrives_s=1.0, hands_in_s=200.0, gone_s=(60.0, 90.0)
    )
    habits = msgspec.structs.replace(habits, **({"listens": True, "photos": False} | other))
    person = Person(ATTEMPT, "考生", "639900195501010011", "13800000000")
    life = Life(person, habits, chance, pace=1.0, now_s=lambda: told.now, begins_ms=0, opens_s=opens_s)
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


def test_who_waits_holds_the_sealed_paper_and_opens_it_with_the_key_of_the_start():
    told = Told()
    life = _lived(told, opens_s=40.0)
    names = [one.name for one in told.asked]
    assert names[3:6] == ["exams", "sealed", "start"]
    assert msgspec.json.decode(told.asked[5].body)["sealedDigest"] == SEALED["digest"]
    assert [one["version"] for one in told.ops] == ["00" * 16, "00" * 16]  # its one item, and the hand-in
    assert (life.kept.prefetched, life.kept.wrong, life.kept.receipt) == (True, 0, "KW")


def test_a_key_that_opens_nothing_is_counted():
    assert _lived(Told(key="ab" * 32), opens_s=40.0).kept.wrong == 1


def test_who_comes_too_late_for_it_starts_without_a_sealed_paper():
    told = Told()
    life = _lived(told, opens_s=2.0)
    assert "sealed" not in [one.name for one in told.asked]
    assert (life.kept.prefetched, life.kept.receipt) == (False, "KW")


def test_pictures_come_when_the_service_said_and_no_two_are_alike():
    told = Told()
    life = _lived(told, photos=True)
    sent = [one for one in told.asked if one.name == "snapshot"]
    assert [one.name for one in told.asked if one.name == "consent"] == ["consent"]
    assert life.kept.pictures == len(sent) >= 4
    assert len({one.body for one in sent}) == len(sent)
    assert {read_snapshot(one.body).width for one in sent} == {480}
    assert {one.kind for one in sent} == {"image/jpeg"}


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


def test_who_is_told_to_wait_comes_again_when_told_with_the_turn_however_often():
    told = Told()
    waits = [500] * (TRIES + 3)
    answer = told.reply

    def reply(ask: Ask) -> Reply:
        if ask.name != "code" or ask.of_gateway or not waits:
            return answer(ask)
        told.asked.append(ask)
        body = {"type": "/problems/must-wait", "againMs": waits.pop(), "turn": f"turn{len(waits)}"}
        return Reply(503, json.dumps(body).encode(), retry_after_s=1.0)

    told.reply = reply  # type: ignore[method-assign]
    life = _lived(told)
    asked = [one.turn for one in told.asked if one.name == "code" and not one.of_gateway]
    assert asked[:3] == ["", f"turn{TRIES + 2}", f"turn{TRIES + 1}"]
    assert (life.kept.waits, life.kept.receipt) == (TRIES + 3, "KW")
    assert life.kept.logged_in_s - life.kept.came_s == pytest.approx(0.5 * (TRIES + 3))


def test_pages_start_within_the_time_that_the_service_says():
    told = Told()
    plain = told.body
    told.body = lambda ask: (  # type: ignore[method-assign]
        {"exams": [{"id": str(ATTEMPT), "spreadMs": 20_000, "title": "x"}]}
        if ask.name == "exams"
        else plain(ask)
    )
    life = _lived(told, opens_s=40.0, start_share=0.5)
    assert life.kept.wanted_s == 50.0
    assert life.kept.started_s == 50.0
