"""The same people as Locust users (FastHttpUser), which institutions run; called as `loadtest.driver` is."""

import time
from collections.abc import Iterator
from typing import Any, ClassVar, Final

import gevent
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
from locust.stats import print_percentile_stats, print_stats

from loadtest.book import SUCCESS, Book
from loadtest.called import called_with
from loadtest.life import made_life
from loadtest.plan import Plan
from loadtest.steps import Ask, Drop, Listen, Reply, Steps, Wait
from loadtest.watcher import watches

NAME: Final = "Locust"
"""How this driver is called in the report."""

SPAWN_RATE: Final = 500
"""Users made in a second, before the opening; they come when their habits say so."""

PHONE: Final = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/114.0.0.0 Mobile",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Accept-Language": "zh-CN",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
}


class Person(FastHttpUser):
    """A Locust user who lives one life and stops."""

    network_timeout = 60.0
    connection_timeout = 30.0
    plan: ClassVar[Plan]
    book: ClassVar[Book]
    lives: ClassVar[Iterator[Steps]]

    @task
    def live(self) -> None:
        """Do what one person wants, one thing after the other."""
        steps, late_s = next(type(self).lives), 0.0
        ears: list[gevent.Greenlet] = []
        reply: Reply | None = None
        try:
            while True:
                step = steps.send(reply)
                reply = None
                if isinstance(step, Wait):
                    due_s = max(step.until_s, now_s(self.plan))  # who was kept waiting is not late by that
                    gevent.sleep(max(0.0, due_s - now_s(self.plan)))
                    late_s = max(0.0, now_s(self.plan) - due_s)
                    continue
                if isinstance(step, Ask):
                    reply = self._ask(step, late_s)
                elif isinstance(step, Listen):
                    ears.append(gevent.spawn(self._listen, step))
                elif isinstance(step, Drop):
                    self._drop(ears)
                late_s = 0.0
        except StopIteration:
            self._drop(ears)
            raise StopUser from None

    def _ask(self, ask: Ask, late_s: float) -> Reply:
        plan, headers = self.plan, dict(PHONE)
        base = f"http://{plan.host}:{plan.gateway_port}" if ask.of_gateway else base_of(plan)
        if ask.cookie:
            headers["Cookie"] = ask.cookie
        if ask.turn:
            headers["X-Turn"] = ask.turn
        if ask.method == "POST":
            headers |= {"Origin": plan.origin or base, "Content-Type": ask.kind}
        began_s = now_s(plan)
        got = self.client.request(
            ask.method,
            base + ask.path,
            name="short message" if ask.of_gateway else ask.name,
            data=ask.body or None,
            headers=headers,
        )
        body = got.content or b""
        took_s = now_s(plan) - began_s
        found = (got.headers or {}).get("set-cookie") or []
        lines = [found] if isinstance(found, str) else found
        retry = (got.headers or {}).get("retry-after") or "0"
        sealed = (got.headers or {}).get("x-sealed-digest") or ""
        cookies = tuple(one.split(";")[0] for one in lines)
        reply = Reply(got.status_code, body, cookies, float(retry), str(sealed))
        if not ask.of_gateway:
            length = int((got.headers or {}).get("content-length") or 0)
            self.book.replied(ask, reply, began_s=began_s, took_s=took_s, late_s=late_s, received=length)
        return reply

    def _listen(self, what: Listen) -> None:
        """Hold a stream open until killed; it counts as one call, until its first piece was there."""
        plan = self.plan
        began_s = now_s(plan)
        headers = {**PHONE, "Cookie": what.cookie}
        got = self.client.get(base_of(plan) + what.path, name="watch", headers=headers, stream=True)
        self.book.listened(got.status_code, began_s=began_s, took_s=now_s(plan) - began_s)
        if got.status_code not in SUCCESS:
            return
        stream: Any = got.stream
        line = b""
        while piece := stream.read(1):
            line += piece
            if piece == b"\n":
                self.book.pokes += line.startswith(b"event: ")
                line = b""

    def _drop(self, ears: list[gevent.Greenlet]) -> None:
        gevent.killall(ears)
        ears.clear()
        self.client.client.close()


def base_of(plan: Plan) -> str:
    """What stands before every path; Locust looks at no certificate."""
    return f"{'https' if plan.authority else 'http'}://{plan.host}:{plan.port}"


def now_s(plan: Plan) -> float:
    """Time since the opening."""
    return time.monotonic() - plan.begins_mono_s


def lives_of(plan: Plan, book: Book, part: int, of: int) -> Iterator[Steps]:
    """This process's share, invigilators first."""
    for number, one in list(enumerate(plan.staff))[part::of]:
        yield watches(one, number, plan)
    for number in range(part, plan.shape.candidates, of):
        life = made_life(plan, number, lambda: now_s(plan))
        book.kept.append(life.kept)
        yield life.lived()


def run(plan: Plan, part: int, of: int) -> Book:
    """Let everybody live; ends with the last of them or at the plan's stop."""
    book = Book(NAME)
    Person.plan, Person.book, Person.lives = plan, book, lives_of(plan, book, part, of)
    users = len(plan.staff[part::of]) + len(range(part, plan.shape.candidates, of))
    environment = Environment(user_classes=[Person], host=base_of(plan))
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=SPAWN_RATE)
    runner.spawning_greenlet.join()
    while runner.user_count and now_s(plan) < plan.stop_s:
        gevent.sleep(0.2)
    runner.quit()
    print_stats(environment.stats)
    print_percentile_stats(environment.stats)
    return book


def main() -> None:
    """Drive one part and leave the book in the folder; status 2 where load would go elsewhere."""
    given = called_with("loadtest.locusts", __doc__)
    plan = given.plan_read()
    run(plan, given.part, given.of).write(given.folder, given.part)


if __name__ == "__main__":
    main()
