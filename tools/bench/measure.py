"""Measuring: candidates go through the exam in rounds, every step beside a slice of the no-op."""

import asyncio
import gc
import random
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

from exam_api.attempt.receipt import ReceiptRefused, Said, is_sync_mac, public_bytes, verify
from exam_api.http.wire_attempt import SyncOut
from exam_api.usecases.parts import ExamParts
from proctoring.schedule import GAP_LEAST_MS
from tools.bench.camera import a_picture
from tools.bench.candidate import SINGLES, Candidate
from tools.bench.cpu import read_cpu, spent_us
from tools.bench.gateway import Gateway
from tools.bench.ground import Ground, Person, ops_held
from tools.bench.load import CONNECTIONS, Answers, Call, drive, get
from tools.bench.meter import Meter
from tools.bench.noop import PATH
from tools.bench.rows import Row, Spent
from tools.bench.servers import Servers

NOOP_S: Final = 0.6
"""Length of one slice of the no-op."""

T = TypeVar("T")

RECEIPTS: Final = 100
"""Receipts of each kind that are drawn at random in a round and verified."""


@dataclass
class Measured:
    """What one or several rounds gave."""

    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    noop_us: list[float] = field(default_factory=list[float])
    """The no-op in each slice."""

    def add(self, other: "Measured") -> None:
        """Take another round in."""
        self.noop_us += other.noop_us
        for name, row in other.rows.items():
            self.rows.setdefault(name, Row(spent=Spent(database=row.spent.database and 0.0))).add(row)


class Bench:
    """One run over candidates in rounds."""

    def __init__(self, servers: Servers, ground: Ground, gateway: Gateway, exam: ExamParts) -> None:
        self._servers = servers
        self._ground = ground
        self._gateway = gateway
        self._exam = exam
        self._meter = Meter(servers)
        self._pictures = 0
        self._pictured_s = 0.0
        self._chance = random.Random(20_000)  # noqa: S311 - which receipts are looked at is no secret

    async def learn_idle(self) -> None:
        """To be called once everything is warm."""
        await self._meter.learn_idle()

    async def round(
        self, people: Sequence[tuple[UUID, Person]], prepared: Sequence[tuple[UUID, Person]]
    ) -> Measured:
        """Log in, start, answer, hand in; count afterwards what was stored.

        `prepared` log in unmeasured, fetch their sealed papers and start with the key; that is all they do.
        """
        candidates = self._candidates(people)
        measured = Measured()
        rows = measured.rows
        steps: dict[str, Callable[[Sequence[Candidate]], Awaitable[Row]]] = {
            "login_candidate": self._log_in,
            "start_live": self._start,
            "sync": self._sync,
            "snapshot_32k": self._snapshot,
            "submit": self._submit,
        }
        for name, step in steps.items():
            await self._make_ready(name, candidates)
            measured.noop_us.append(await self.noop())
            rows[name] = await step(candidates)
            candidates = [one for one in candidates if one.went_on]  # the row of the others is void
        measured.noop_us.append(await self.noop())
        await self._prepared(self._candidates(prepared), rows)
        await self._count(candidates, rows)
        return measured

    async def started(self, people: Sequence[tuple[UUID, Person]]) -> Sequence[Candidate]:
        """Only log in and start. Raises ConnectionError when one of them was refused."""
        candidates = self._candidates(people)
        for row in (await self._log_in(candidates), await self._start(candidates)):
            if row.refused:
                raise ConnectionError(row.refusal)
        return candidates

    def _candidates(self, people: Sequence[tuple[UUID, Person]]) -> list[Candidate]:
        port, now_ms = self._servers.port, self._exam.clock.now_ms()
        return [Candidate(attempt_id, person, port=port, now_ms=now_ms) for attempt_id, person in people]

    async def _make_ready(self, name: str, candidates: Sequence[Candidate]) -> None:
        """What a step stands on and is not measured with it.

        Consent is given before the start. For a first picture consent and key are looked up, once in an exam:
        the one that is measured is the second, as soon as it may come.
        """
        if name == "start_live":
            await self.drive(candidates, lambda one: [one.agree_to_pictures()])
        elif name == "sync":
            await self._picture(candidates)
            self._pictured_s = time.perf_counter()
        elif name == "snapshot_32k":
            left_s = self._pictured_s + GAP_LEAST_MS / 1000 - time.perf_counter()
            await asyncio.sleep(max(0.0, left_s))
        await self._ground.drained()

    # --- steps ----------------------------------------------------------------------------------------------

    async def noop(self) -> float:
        """µs of one no-op, in a slice of its own."""
        request = Call(get(PATH, port=self._servers.noop_port))
        ends: list[float] = []

        def calls() -> Iterator[Call]:
            ends.append(time.perf_counter() + NOOP_S)  # opening the connections is not counted
            while time.perf_counter() < ends[0]:
                yield request

        before = read_cpu(self._servers.noop)
        answers = await _driven(self._servers.noop_port, [calls() for _ in range(CONNECTIONS)])
        return spent_us(before, read_cpu(self._servers.noop)) / answers.count

    async def _log_in(self, candidates: Sequence[Candidate]) -> Row:
        """A log-in is two requests and a message: what is told of one is the sum."""
        row = Row()
        phones = [one.person.phone for one in candidates]

        async def all_log_in() -> None:
            asked = await self.drive(candidates, lambda one: [one.ask_code()])
            row.refused, row.refusal = len(asked.refused), asked.refusal
            if asked.refused:
                return
            codes = await self._gateway.codes_of(phones)
            entered = await self.drive(candidates, lambda one: [one.log_in(codes[one.person.phone])])
            row.answered, row.refused, row.refusal = entered.count, len(entered.refused), entered.refusal
            row.seconds = asked.seconds + entered.seconds
            row.latencies_ms = asked.latencies_ms + entered.latencies_ms

        row.spent = await self._meter.spent(all_log_in, self._ground.drained)
        row.stored = await self._ground.logins([one.login_token for one in candidates if one.went_on])
        return row

    async def _prepared(self, candidates: Sequence[Candidate], rows: dict[str, Row]) -> None:
        """Fetch the sealed papers, which is paid before the opening, then start with them."""
        if (await self._log_in(candidates)).refused:
            return
        rows["sealed_paper"] = await self._measure(candidates, lambda one: [one.fetch_sealed()])
        rows["sealed_paper"].stored = sum(one.went_on for one in candidates)
        row = rows["start_prepared"] = await self._measure(candidates, lambda one: [one.start()])
        held = await self._ground.held()
        row.stored = sum(
            one.attempt_id in held and held[one.attempt_id].started_ms > 0 and one.was_given_the_key
            for one in candidates
            if one.went_on
        )

    async def _start(self, candidates: Sequence[Candidate]) -> Row:
        row = await self._measure(candidates, lambda one: [one.start()])
        for one in candidates:
            if one.went_on:
                one.open_paper()
        return row

    async def _sync(self, candidates: Sequence[Candidate]) -> Row:
        row = await self._measure(candidates, lambda one: [one.sync(base) for base in range(SINGLES)])
        await self.drive(candidates, lambda one: [one.fill()])
        await self._ground.drained()
        return row

    async def _snapshot(self, candidates: Sequence[Candidate]) -> Row:
        return await self._measure(candidates, self._with_a_picture)

    async def _picture(self, candidates: Sequence[Candidate]) -> None:
        await self.drive(candidates, self._with_a_picture)

    def _with_a_picture(self, candidate: Candidate) -> Sequence[Call]:
        self._pictures += 1
        return [candidate.send_picture(a_picture(self._pictures))]

    async def _submit(self, candidates: Sequence[Candidate]) -> Row:
        return await self._measure(candidates, lambda one: [one.submit()])

    async def _measure(
        self, candidates: Sequence[Candidate], calls: Callable[[Candidate], Sequence[Call]]
    ) -> Row:
        row = Row()

        async def all_call() -> None:
            answers = await self.drive(candidates, calls)
            row.answered, row.refused, row.refusal = answers.count, len(answers.refused), answers.refusal
            row.seconds, row.latencies_ms = answers.seconds, answers.latencies_ms

        row.spent = await self._meter.spent(all_call, self._ground.drained)
        return row

    async def drive(
        self, candidates: Sequence[Candidate], calls: Callable[[Candidate], Sequence[Call]]
    ) -> Answers:
        """Each candidate keeps to one connection, so no call of theirs overtakes another."""
        lanes: list[list[Call]] = []
        for number in range(CONNECTIONS):
            own = [calls(one) for one in candidates[number::CONNECTIONS]]
            lanes.append([call for turn in zip(*own, strict=True) for call in turn])
        return await _driven(self._servers.port, [iter(lane) for lane in lanes if lane])

    # --- what was stored ------------------------------------------------------------------------------------

    async def _count(self, candidates: Sequence[Candidate], rows: Mapping[str, Row]) -> None:
        held = await self._ground.held()
        own = [held.get(one.attempt_id) for one in candidates]
        rows["start_live"].stored = sum(one is not None and one.started_ms > 0 for one in own)
        rows["sync"].stored = sum(ops_held(one, SINGLES) for one in own)
        stored = [await self._ground.pictures(one.attempt_id) for one in candidates]
        rows["snapshot_32k"].stored = sum(len(found) - 1 for found in stored)  # the first was not measured
        rows["submit"].stored = sum(one is not None and one.result is not None for one in own)
        drawn = self._draw([(one, at) for one in candidates for at in range(SINGLES)])
        rows["sync"].false_receipts = sum(not self._is_true_sync(one, at) for one, at in drawn)
        handed = self._draw(list(candidates))
        rows["snapshot_32k"].false_receipts = sum([not await self._is_kept(one) for one in handed])
        rows["submit"].false_receipts = sum(not self._is_true_hand_in(one) for one in handed)

    def _draw(self, among: Sequence[T]) -> list[T]:
        return self._chance.sample(among, min(RECEIPTS, len(among)))

    async def _is_kept(self, candidate: Candidate) -> bool:
        """Whether the picture that was taken in last can be looked at."""
        told = candidate.picture_id
        return told is not None and await self._ground.opens(candidate.attempt_id, told)

    def _is_true_sync(self, candidate: Candidate, at: int) -> bool:
        told: SyncOut = candidate.synced[at]
        said = Said(
            candidate.attempt_id, told.fence, told.seq, bytes.fromhex(told.head or ""), told.server_ms
        )
        mac = urlsafe_b64decode(told.mac + "=" * (-len(told.mac) % 4))
        is_ours = is_sync_mac(mac, self._exam.mac_key, said)
        return is_ours and told.seq == at + 1 and told.head == candidate.head_at(at + 1)

    def _is_true_hand_in(self, candidate: Candidate) -> bool:
        handed = candidate.handed
        if handed is None or not handed.durable:
            return False
        try:
            told = verify(handed.receipt, {self._exam.key_id: public_bytes(self._exam.signing_key)})
        except ReceiptRefused:
            return False
        says_what_was_answered = told.answers_digest == candidate.answers_digest
        return says_what_was_answered and told.head == candidate.head_at(told.seq)


async def _driven(port: int, lanes: Sequence[Iterator[Call]]) -> Answers:
    """Drive without our own collector in between: its pauses are no server's."""
    gc.collect()
    gc.disable()
    try:
        return await drive(port, lanes)
    finally:
        gc.enable()
