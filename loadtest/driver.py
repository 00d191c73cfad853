"""The lean driver: every person a task of one event loop; `python -m loadtest.driver PLAN PART OF FOLDER`."""

import asyncio
import signal
import ssl
import sys
import time
from collections.abc import Sequence
from typing import Final

import msgspec
import uvloop

from loadtest.book import Book
from loadtest.called import called_with
from loadtest.connection import Ear, Line, Over, listen
from loadtest.life import made_life
from loadtest.plan import Plan
from loadtest.steps import Ask, Drop, Listen, Reply, Steps, Wait
from loadtest.watcher import watches

NAME: Final = "asyncio"
"""How this driver is called in the report."""


class Drive:
    """One driver process's share of the people."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._over = Over(tls=tls_of(plan))
        self._gateway: list[Line] = []
        """Connections to the gateway that nobody uses now."""
        self.book = Book(NAME)

    async def run(self, part: int, of: int) -> None:
        """Let everybody live; ends with the last of them or at the plan's stop."""
        plan = self._plan
        self._over = msgspec.structs.replace(self._over, own_address=own_address(plan.host, part))
        tasks = [asyncio.create_task(self._live(steps)) for steps in self._everybody(part, of)]
        try:
            async with asyncio.timeout(plan.stop_s - self._now_s()):
                await asyncio.gather(*tasks)
        except TimeoutError:
            self.book.refused("stop", 0, b"the plan's stop came before everybody was through")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for line in self._gateway:
                line.close()

    def _everybody(self, part: int, of: int) -> Sequence[Steps]:
        plan = self._plan
        steps = [watches(one, number, plan) for number, one in list(enumerate(plan.staff))[part::of]]
        for number in range(part, plan.shape.candidates, of):
            life = made_life(plan, number, self._now_s)
            self.book.kept.append(life.kept)
            steps.append(life.lived())
        return steps

    def _now_s(self) -> float:
        return time.monotonic() - self._plan.begins_mono_s

    async def _live(self, steps: Steps) -> None:
        """Do what one person wants, one thing after the other."""
        host, port = self._plan.host, self._plan.port
        line = Line(host, port, origin=self._plan.origin, over=self._over)
        ears, late_s = list[Ear](), 0.0
        reply: Reply | None = None
        try:
            while True:
                step = steps.send(reply)
                reply = None
                match step:
                    case Wait(until_s):
                        due_s = max(until_s, self._now_s())  # who was kept waiting is not late by that
                        await asyncio.sleep(due_s - self._now_s())
                        late_s = max(0.0, self._now_s() - due_s)
                        continue
                    case Ask():
                        reply = await self._ask(line, step, late_s)
                    case Listen():
                        await self._listen(ears, step)
                    case Drop():
                        line.close()
                        _end(ears)
                late_s = 0.0
        except StopIteration:
            return
        finally:
            line.close()
            _end(ears)

    async def _ask(self, line: Line, ask: Ask, late_s: float) -> Reply:
        if ask.of_gateway:
            phone = self._gateway.pop() if self._gateway else Line(self._plan.host, self._plan.gateway_port)
            reply, _ = await phone.ask(ask)
            self._gateway.append(phone)
            return reply
        began_s = self._now_s()
        reply, received = await line.ask(ask)
        took_s = self._now_s() - began_s
        self.book.replied(ask, reply, began_s=began_s, took_s=took_s, late_s=late_s, received=received)
        return reply

    async def _listen(self, ears: list[Ear], what: Listen) -> None:
        """Open a stream; it counts as one call, which took until its first piece was there."""
        began_s = self._now_s()

        def begun(status: int) -> None:
            self.book.listened(status, began_s=began_s, took_s=self._now_s() - began_s)

        def heard(events: int) -> None:
            self.book.pokes += events

        try:
            ear = await listen(
                self._plan.host, self._plan.port, what, heard=heard, begun=begun, over=self._over
            )
            ears.append(ear)
        except OSError:
            begun(0)


def tls_of(plan: Plan) -> ssl.SSLContext | None:
    """What checks the service's certificate; None where it speaks plain HTTP. Raises OSError."""
    return ssl.create_default_context(cafile=plan.authority) if plan.authority else None


def own_address(host: str, part: int) -> str:
    """Of each driver process another one, where this machine has them; empty: whatever the system takes."""
    return f"127.0.0.{part + 2}" if host.startswith("127.") else ""


def _end(ears: list[Ear]) -> None:
    for ear in ears:
        ear.close()
    ears.clear()


async def _until_told(drive: Drive, part: int, of: int) -> None:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await drive.run(part, of)


def main() -> None:
    """Drive one part and leave the book in the folder; status 2 where load would go elsewhere."""
    given = called_with("loadtest.driver", __doc__)
    plan = given.plan_read()
    drive = Drive(plan)
    try:
        uvloop.run(_until_told(drive, given.part, given.of))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
    finally:
        drive.book.write(given.folder, given.part)


if __name__ == "__main__":
    main()
