"""A candidate's evening: logs in, waits, starts, thinks, answers, loses the network, hands in; sans-IO."""

import heapq
import random
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final

import msgspec

from loadtest.book import Kept
from loadtest.bundle import Bundle, DoesNotOpen, opened
from loadtest.camera import picture
from loadtest.habits import Habits, draw_habits, goes_back, think_s
from loadtest.ops import ANSWER, HAND_IN, NO_VERSION, Outbox
from loadtest.plan import Person, Plan
from loadtest.replies import Begun, Exams, Handed, Item, Photographed, Told, read_items, told_to_wait
from loadtest.steps import Ask, Drop, Listen, Reply, Step, Steps, Wait

DEBOUNCE_S: Final = 0.3
"""A page waits so long for more changes before it says one."""

FIRST_RETRY_S: Final = 0.6
LAST_RETRY_S: Final = 12.0

TRIES: Final = 12
"""Calls that are made for one thing before it is given up: more than a minute."""

AGAIN: Final = frozenset({0, 429, 503})
"""Replies after which a page asks again."""

FETCH_S: Final = 10.0
"""Pages that wait fetch the sealed paper within this time, or within half of what is left …"""

TOO_LATE_S: Final = 1.5
"""… and not at all so shortly before the opening."""

FIRST_PICTURE_S: Final = (5.0, 60.0)
"""When the camera looks first; afterwards the service says when."""

CONSENT_TEXT: Final = "2026-01"
"""Which wording they agreed to."""

OK: Final = 200

Asking = Generator[Step, Reply | None, Reply]


class Life:
    """One candidate; `now_s` is asked for the time since the beginning."""

    def __init__(  # noqa: PLR0913 - one person, once
        self,
        person: Person,
        habits: Habits,
        chance: random.Random,
        *,
        pace: float,
        now_s: Callable[[], float],
        begins_ms: int,
        opens_s: float = 0.0,
    ) -> None:
        self._person = person
        self._habits = habits
        self._chance = chance
        self._pace = pace
        self._now_s = now_s
        self._begins_ms = begins_ms
        self._opens_s = opens_s
        self._spread_s = 0.0
        self.kept = Kept(attempt_id=person.attempt_id)
        self._login = ""
        self._attempt = ""
        self._bundle: Bundle | None = None
        self._paper: Callable[[], bytes] = bytes
        """Gives the paper as JSON; opened only when it is looked at."""
        self._looked_at: Sequence[Item] | None = None
        self._next = 0
        self._outbox = Outbox(person.attempt_id, 0)
        self._events: list[dict[str, Any]] = []
        self._ack = 0
        self._every_s = 10.0
        self._said_s = 0.0
        self._away = False
        self._due: list[tuple[float, str]] = []

    def lived(self) -> Steps:
        """From the arrival to the receipt; ends early where the service refuses for good."""
        yield Wait(self._habits.arrives_s)
        self.kept.came, self.kept.came_s = True, self._now_s()
        if not (yield from self._log_in()):
            return
        yield from self._wait_for_the_opening()
        if (yield from self._start("start")):
            yield from self._sit()
            yield from self._hand_in()

    # --- in -------------------------------------------------------------------------------------------------

    def _log_in(self) -> Generator[Step, Reply | None, bool]:
        who = {"name": self._person.name, "idNo": self._person.id_no}
        asked = yield from self._insist(self._post("code", "/api/login/code", who))
        if asked.status != OK:
            return False
        phone = Ask(name="code", method="GET", path=f"/code/{self._person.phone}", of_gateway=True)
        arrived = yield phone
        if arrived is None or arrived.status != OK:
            return False
        body = {**who, "code": arrived.body.decode()}
        entered = yield from self._insist(self._post("login", "/api/login/candidate", body))
        if entered.status != OK:
            return False
        self._login = "; ".join(entered.cookies)
        self.kept.logged_in, self.kept.logged_in_s = True, self._now_s()
        listed = yield from self._insist(
            Ask(name="exams", method="GET", path="/api/my/exams", cookie=self._login)
        )
        if listed.status != OK:
            return False
        own = str(self.kept.attempt_id)
        found = msgspec.json.decode(listed.body, type=Exams).exams
        self._spread_s = next((one.spread_ms / 1000 for one in found if one.id == own), 0.0)
        return True

    def _wait_for_the_opening(self) -> Steps:
        """In the waiting room: agree to pictures, fetch the sealed paper."""
        own = f"/api/my/exams/{self.kept.attempt_id}"
        if self._habits.photos:
            choice = {"choice": "photos", "textVersion": CONSENT_TEXT}
            _ = yield from self._insist(self._post("consent", f"{own}/consent", choice, cookie=self._login))
        left_s = self._opens_s - self._now_s()
        if left_s > TOO_LATE_S:
            within_s = max(0.0, min(FETCH_S, left_s / 2 - TOO_LATE_S))
            yield Wait(self._now_s() + self._chance.random() * within_s)
            got = yield from self._insist(
                Ask(name="sealed", method="GET", path=f"{own}/sealed", cookie=self._login)
            )
            if got.status == OK and got.sealed:
                self._bundle = Bundle(got.sealed, got.body)
                self.kept.prefetched = True
        yield Wait(self._opens_s + self._habits.start_share * self._spread_s)
        self.kept.wanted_s = self._now_s()

    def _start(self, name: str) -> Generator[Step, Reply | None, bool]:
        """Begin, or after a reload go on: the storage key is the same, so the fence is."""
        attempt_id = self.kept.attempt_id
        body = {"attemptId": str(attempt_id), "storageKey": attempt_id.hex}
        if self._bundle is not None:
            body["sealedDigest"] = self._bundle.digest
        reply = yield from self._insist(self._post(name, "/api/attempt/start", body, cookie=self._login))
        if reply.status != OK:
            return False
        told = msgspec.json.decode(reply.body, type=Begun)
        self._attempt = "; ".join(reply.cookies)
        self._take_paper(told)
        if self.kept.started_s < 0:
            self.kept.started_s, self.kept.fence = self._now_s(), told.fence
            self.kept.start_bytes = len(reply.body)
            self._outbox = Outbox(attempt_id, told.fence)
        elif told.fence != self.kept.fence or told.seq < self.kept.seq:
            self.kept.wrong += 1
        self._every_s = told.sync_every_ms / 1000
        self._said_s = self._now_s()
        if self._habits.listens:
            yield Listen(path="/api/attempt/down", cookie=self._cookies)
        return True

    def _take_paper(self, told: Begun) -> None:
        """Keep it closed: a phone opens it at once, a machine that is all phones one after the other."""
        bundle, self._bundle = self._bundle, None
        attempt_id, key, sent = self.kept.attempt_id, told.paper_key, told.paper
        if bundle is not None and key is not None:
            self._paper = lambda: opened(bundle, key, attempt_id)
        elif self._looked_at is None:
            whole = bytes(sent)
            self._paper = lambda: whole

    @property
    def _items(self) -> Sequence[Item]:
        if self._looked_at is None:
            try:
                self._looked_at = read_items(self._paper())
            except (DoesNotOpen, msgspec.DecodeError):
                self.kept.wrong += 1
                self._looked_at = ()
            self._paper = bytes
        return self._looked_at

    # --- the exam -------------------------------------------------------------------------------------------

    def _sit(self) -> Steps:
        """Until it is time to hand in: answers and what befalls a person, in the order of time."""
        habits = self._habits
        happens: dict[str, Callable[[float], Steps]] = {
            "answer": self._answers,
            "say": self._says,
            "beat": self._beats,
            "gone": self._goes,
            "back": self._is_back,
            "hidden": lambda at_s: self._tells("hidden", at_s),
            "shown": lambda at_s: self._tells("shown", at_s),
            "reload": self._reloads,
            "picture": self._is_looked_at,
        }
        self._later(habits.hands_in_s, "end")
        self._later(self._said_s + self._every_s, "beat")
        self._later(self._now_s() + self._thinks_s(), "answer")
        for window, names in ((habits.gone_s, ("gone", "back")), (habits.left_s, ("hidden", "shown"))):
            for at_s, name in zip(window or (), names, strict=False):
                self._later(at_s, name)
        if habits.reloads_s is not None:
            self._later(habits.reloads_s, "reload")
        if habits.photos:
            self._later(self._now_s() + self._chance.uniform(*FIRST_PICTURE_S), "picture")
        while True:
            at_s, what = heapq.heappop(self._due)
            yield Wait(at_s)
            if what == "end":
                return
            yield from happens[what](at_s)

    def _later(self, at_s: float, what: str) -> None:
        heapq.heappush(self._due, (at_s, what))

    def _answers(self, at_s: float) -> Steps:
        if self._answer():
            self._later(at_s + self._thinks_s(), "answer")
            self._later(at_s + DEBOUNCE_S, "say")
        yield from ()

    def _says(self, _at_s: float) -> Steps:
        if not self._away:
            yield from self._sync()

    def _beats(self, at_s: float) -> Steps:
        if not self._away and at_s >= self._said_s + self._every_s - DEBOUNCE_S:
            yield from self._sync()
        self._later(max(self._said_s, at_s - self._every_s + DEBOUNCE_S) + self._every_s, "beat")

    def _goes(self, _at_s: float) -> Steps:
        self._away = True
        yield Drop()

    def _is_back(self, _at_s: float) -> Steps:
        self._away = False
        if self._habits.listens:
            yield Listen(path="/api/attempt/down", cookie=self._cookies)
        yield from self._sync()

    def _tells(self, what: str, at_s: float) -> Steps:
        self._events.append({"kind": what, "clientMs": self._client_ms(), "ms": 0})
        self._later(at_s + DEBOUNCE_S, "say")
        yield from ()

    def _reloads(self, _at_s: float) -> Steps:
        if not self._away:
            yield Drop()
            _ = yield from self._start("resume")

    def _is_looked_at(self, _at_s: float) -> Steps:
        """Send a picture once; nothing waits for it, and one that fails is not sent again."""
        next_s = FIRST_PICTURE_S[1]
        if not self._away:
            ask = Ask(
                name="snapshot",
                method="POST",
                path="/api/attempt/snapshot",
                body=picture(self.kept.attempt_id.bytes, self.kept.pictures),
                cookie=self._cookies,
                kind="image/jpeg",
            )
            reply = (yield ask) or Reply(0)
            if reply.status == OK:
                self.kept.pictures += 1
                next_s = msgspec.json.decode(reply.body, type=Photographed).next_ms / 1000
        self._later(self._now_s() + next_s, "picture")

    def _thinks_s(self) -> float:
        """Before the first look nobody knows what kind of item it is."""
        items = self._looked_at or ()
        multi = self._next < len(items) and items[self._next].kind == "multi"
        return think_s(self._chance, multi=multi, pace=self._pace)

    def _answer(self) -> bool:
        """Answer the next item, or change an earlier one; False once all are done."""
        back = self._next > 0 and goes_back(self._chance, self._habits)
        if not back and self._next >= len(self._items):
            return False
        at = self._chance.randrange(self._next) if back else self._next
        self._next += not back
        item = self._items[at]
        several = 2 if item.kind == "multi" else 1
        mask = sum(1 << bit for bit in self._chance.sample(range(item.options), several))
        self._outbox.add(ANSWER, at, item.version, mask, self._client_ms())
        return True

    def _sync(self) -> Steps:
        """Say everything that is not held; without ops it is the beat."""
        self._said_s = self._now_s()
        body = {
            **self._outbox.range_from(self.kept.seq),
            "events": self._events[:32],
            "ackCommand": self._ack,
        }
        reply = yield from self._insist(self._post("sync", "/api/attempt/sync", body, cookie=self._cookies))
        if reply.status != OK:
            return
        del self._events[:32]
        told = msgspec.json.decode(reply.body, type=Told)
        self._ack = max([self._ack, *(one.no for one in told.commands)])
        self._acknowledged(told.fence, told.seq, told.head)

    def _hand_in(self) -> Steps:
        """Until it is told to be durable."""
        self._outbox.add(HAND_IN, 0, NO_VERSION, 0, self._client_ms())
        for _ in range(TRIES):
            body = {**self._outbox.range_from(self.kept.seq), "offline": False}
            reply = yield from self._insist(
                self._post("submit", "/api/attempt/submit", body, cookie=self._cookies)
            )
            if reply.status != OK:
                return
            told = msgspec.json.decode(reply.body, type=Handed)
            if told.durable:
                end = len(self._outbox.ops)
                self.kept.seq, self.kept.head = end, self._outbox.head_at(end) or ""
                self.kept.receipt = told.receipt
                return
            yield Wait(self._now_s() + FIRST_RETRY_S)

    def _acknowledged(self, fence: int, seq: int, head: str | None) -> None:
        own = self._outbox.head_at(seq)
        if fence != self.kept.fence or seq < self.kept.seq or head != own:
            self.kept.wrong += 1
            return
        self.kept.seq, self.kept.head = seq, own or ""

    # --- calls ----------------------------------------------------------------------------------------------

    def _insist(self, ask: Ask) -> Asking:
        """Ask until there is an answer: doubling pauses, scattered, as the page makes them.

        Who is told to wait asks again when told to, with the turn that keeps the place, as often as it takes.
        """
        step = FIRST_RETRY_S
        reply, tries = Reply(0), 0
        while tries < TRIES:
            reply = (yield ask) or Reply(0)
            told = told_to_wait(reply)
            if told is not None:
                self.kept.waits += 1
                ask = msgspec.structs.replace(ask, turn=told.turn)
                yield Wait(self._now_s() + told.again_ms / 1000)
                continue
            if reply.status not in AGAIN:
                break
            tries += 1
            pause = max(step * (0.5 + self._chance.random() / 2), reply.retry_after_s)
            yield Wait(self._now_s() + pause)
            step = min(LAST_RETRY_S, step * 2)
        return reply

    def _post(self, name: str, path: str, body: object, *, cookie: str = "") -> Ask:
        return Ask(name=name, method="POST", path=path, body=msgspec.json.encode(body), cookie=cookie)

    @property
    def _cookies(self) -> str:
        return f"{self._login}; {self._attempt}"

    def _client_ms(self) -> int:
        return self._begins_ms + round(self._now_s() * 1000)


def made_life(plan: Plan, number: int, now_s: Callable[[], float]) -> Life:
    """The same person for every driver: drawn from the plan's seed and their number."""
    chance = random.Random(f"{plan.seed}/{number}")
    return Life(
        plan.people[number],
        draw_habits(chance, plan.shape),
        chance,
        pace=plan.shape.pace,
        now_s=now_s,
        begins_ms=plan.begins_ms,
        opens_s=plan.shape.opens_s,
    )
