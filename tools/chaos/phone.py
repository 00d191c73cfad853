"""A candidate's phone: answers at its pace, sends until the server holds it, hands in until it is durable.

The order of things (keep, send, believe, send again) is that of web/kit/outbox/outbox.ts.
"""

import asyncio
import math
import random
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from exam_api.attempt.model import OpKind
from exam_api.attempt.receipt import Said
from exam_api.http.attempts import START, SUBMIT, SYNC
from exam_api.http.snapshots import SNAPSHOT
from exam_api.http.wire_attempt import (
    ConsentIn,
    HeldOp,
    StartIn,
    StartOut,
    SubmitIn,
    SubmitOut,
    SyncIn,
    SyncOut,
)
from tools.bench.load import Reply
from tools.chaos.line import NO_VERSION, Held, Line, Mode
from tools.chaos.network import Network, NoAnswer, body_of, cookie_of
from tools.chaos.sealed import Bundle, bundle_of, opened
from tools.chaos.taken import Problem, Taken

DEBOUNCE_S: Final = 0.3
BEAT_S: Final = 10.0
DURABLE_S: Final = 3.0
FIRST_RETRY_S: Final = 0.6
LAST_RETRY_S: Final = 12.0
BUSY_S: Final = 2.0
OFFLINE_S: Final = 5.0
"""As in web/kit/outbox/pace.ts and outbox.ts."""


class Phone:
    """One device. `live` runs until the hand-in is durable, or for ever where another device took over."""

    def __init__(self, taken: Taken, login: str, network: Network, dice: random.Random) -> None:
        self.taken = taken
        self.network = network
        self.line: Line | None = None
        self.state = "ready"
        self.deadline_ms = 0
        self.handed: SubmitOut | None = None
        self.is_writing = True
        self.entered = asyncio.Event()
        self.done = asyncio.Event()
        self.heard_at = 0.0
        """Monotonic instant of the last answer."""
        self.back = 0
        """How often the server held less than it had acknowledged."""
        self._login = login
        self._bundle: Bundle | None = None
        self._attempt = ""
        self._dice = dice
        self._storage_key = dice.randbytes(16).hex()
        self._ends_at = 0.0
        self._answers: list[int] = []
        self._wants_hand_in = False
        self._hand_in_offline = False
        self._side_ops: int = 0
        self._side_asked: int = 0
        self._side_seen: int = 0
        self._command = 0
        self._failures = 0
        self._silent_since: float | None = None
        self._wake_at = 0.0
        self._woken = asyncio.Event()

    # --- what the person does -------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """May an answer be given now?"""
        line = self.line
        ticking = self.state == "running" and time.monotonic() < self._ends_at
        return line is not None and line.mode is Mode.OPEN and not self._wants_hand_in and ticking

    def tap(self) -> bool:
        """Choose something in some slot, as the person likes; False where that is not possible now."""
        paper, line = self.taken.paper, self.line
        if paper is None or line is None or not self.is_open:
            return False
        item = self._dice.choice(paper.items)
        bits = [option.bit for option in item.options]
        picked = self._dice.sample(bits, self._dice.randint(1, len(bits))) if item.kind == "multi" else None
        mask = sum(1 << bit for bit in picked or [self._dice.choice(bits)])
        self._answer(line, item.slot, item.version, mask)
        return True

    async def keep_tapping(self, every_s: float) -> None:
        """Answer at one's own pace, until cancelled or handed in."""
        while not self.done.is_set():
            await asyncio.sleep(self._dice.uniform(0.5, 1.5) * every_s)
            self.tap()

    def hand_in(self) -> None:
        """Tap 交卷: the page is read-only from here on."""
        silent = self._silent_since
        self._hand_in_offline = silent is not None and time.monotonic() - silent >= OFFLINE_S
        if self._hand_in_offline and self.line is not None and self.is_open:
            self._append(self.line, OpKind.HAND_IN, 0, NO_VERSION, 0)
        self._wants_hand_in = True
        self.kick(0.0)

    def break_down(self) -> None:
        """The page dies; what it kept is there when it comes back."""
        self.network.offline = True

    def come_back(self) -> None:
        """The network is back: ask at once."""
        self.network.offline = False
        self.kick(0.0)

    # --- the loop -------------------------------------------------------------------------------------------

    def kick(self, in_s: float) -> None:
        """Speak in so long at the latest."""
        at = time.monotonic() + in_s
        if at < self._wake_at:
            self._wake_at = at
            self._woken.set()

    async def live(self, *, takeover_code: str = "", opens_in_s: float = 0.0) -> None:
        """Wait, enter, then speak turn after turn."""
        if opens_in_s > 0:
            await self._wait_outside(time.monotonic() + opens_in_s)
        while not self.entered.is_set():
            try:
                await self.enter(takeover_code=takeover_code)
            except NoAnswer:
                await asyncio.sleep(self._retry_in(None))
            except Problem as refused:
                if not _may_come_later(refused):
                    raise
                await asyncio.sleep(self._retry_in(refused.wait_s or BUSY_S))
        while not self.done.is_set():
            self._wake_at = math.inf
            wait_s = await self._turn()
            self._wake_at = min(self._wake_at, time.monotonic() + wait_s)  # a tap meanwhile is not forgotten
            await self._sleep()

    async def _wait_outside(self, opens_at: float) -> None:
        """The waiting room: bring the sealed paper here, then wait for the opening."""
        path = f"/api/my/exams/{self.taken.attempt_id}/sealed"
        while self._bundle is None and time.monotonic() < opens_at:
            try:
                self._bundle = bundle_of(await self._ask(path, None, cookie=self._login))
            except NoAnswer:
                await asyncio.sleep(self._retry_in(None))
            except Problem as refused:
                if not _may_come_later(refused):
                    break
                await asyncio.sleep(self._retry_in(refused.wait_s or BUSY_S))
        await asyncio.sleep(max(0.0, opens_at - time.monotonic()))

    async def enter(self, *, takeover_code: str = "") -> None:
        """Start, or go on. Raises NoAnswer, Problem."""
        bundle = self._bundle
        body = StartIn(
            attempt_id=str(self.taken.attempt_id),
            storage_key=self._storage_key,
            takeover_code=takeover_code,
            takeover=bool(takeover_code),
            sealed_digest=bundle.digest if bundle else "",
        )
        asked_at = time.monotonic()
        reply = await self._ask(START.path, msgspec.json.encode(body), cookie=self._login)
        out = msgspec.json.decode(body_of(reply), type=StartOut)
        self._bundle = None
        paper = out.paper
        if bundle and paper is None:
            paper = opened(bundle, out.attempt_id, out.paper_key or "")
            self.taken.sealed_starts += paper is not None
        if paper is None and self.taken.paper is None:
            raise NoAnswer  # as the page: asked once more, without the bundle
        self._attempt = cookie_of(reply)
        held = Held(out.seq, out.head if out.seq else None)
        if self.line is not None and self.line.fence == out.fence:
            self.line.resume(held)
        else:
            self.line = Line(self.taken.attempt_id, out.fence, held)
            self.taken.lines[out.fence] = self.line.ops
        if paper:
            self.taken.paper = paper
            self._answers = list(out.answers) + [0] * (len(paper.items) - len(out.answers))
        self._hear_time(out, asked_at)
        self._side_ops = out.side_ops
        self._heard()
        self.entered.set()

    async def _turn(self) -> float:
        """Speak once; how long to wait then."""
        line = self.line
        if line is None or line.mode is Mode.FORK:
            return BEAT_S
        try:
            return await self._speak(line)
        except NoAnswer:
            return self._retry_in(None)
        except Problem as refused:
            return await self._refused(line, refused)

    async def _speak(self, line: Line) -> float:
        is_over = self.state == "closed" or line.mode in {Mode.LATE, Mode.LATE_REFUSED}
        ready = line.mode is not Mode.SIDE and len(line.waiting()) <= 300  # noqa: PLR2004 - the wire's bound
        if ready and (is_over or self._wants_hand_in):
            return await self._submit(line)
        return await self._sync(line, is_over=is_over)

    async def _sync(self, line: Line, *, is_over: bool) -> float:
        sent = line.next_range()
        wants_side = line.mode is Mode.OPEN and self._side_ops > max(self._side_seen, self._side_asked)
        body = SyncIn(
            base=sent.base,
            base_head=sent.base_head,
            ops=sent.ops,
            ack_command=self._command,
            want_side=wants_side,
        )
        asked_at = time.monotonic()
        reply = await self._ask(SYNC.path, msgspec.json.encode(body), cookie=self._cookies)
        out = msgspec.json.decode(body_of(reply), type=SyncOut)
        self._heard()
        self._receipt(line, out)
        self._hear_time(out, asked_at)
        self._side_ops = out.side_ops
        self._command = max([self._command, *(command.no for command in out.commands)])
        if wants_side:
            self._side_asked = out.side_ops
            self._adopt(line, out.side)
        again = line.answered(out)
        self.is_writing = line.mode is not Mode.SIDE
        if line.mode is Mode.FORK:
            self.taken.forks += 1
        time_up = out.state == "running" and out.remaining_ms <= 0 and line.mode is Mode.OPEN
        is_over = is_over or self.state == "closed" or line.mode in {Mode.LATE, Mode.LATE_REFUSED}
        if out.state != "void" and (time_up or (is_over and line.mode is not Mode.SIDE)):
            return await self._submit(line)
        if again:
            return 0.0
        return DEBOUNCE_S if line.waiting() and line.mode is Mode.OPEN else self._beat_s()

    async def _submit(self, line: Line) -> float:
        sent = line.next_range()
        body = SubmitIn(base=sent.base, base_head=sent.base_head, ops=sent.ops, offline=self._hand_in_offline)
        reply = await self._ask(SUBMIT.path, msgspec.json.encode(body), cookie=self._cookies)
        out = msgspec.json.decode(body_of(reply), type=SubmitOut)
        self._heard()
        self.state = "closed"
        self.handed = out
        self.taken.hand_ins.append(out)
        if not out.durable:
            return DURABLE_S
        self.done.set()
        self.network.close()
        return 0.0

    async def _refused(self, line: Line, refused: Problem) -> float:
        if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR or refused.status == 429:  # noqa: PLR2004
            self._silent_since = None
            line.refused_by(refused.slug, None)
            return self._retry_in(refused.wait_s or BUSY_S)
        self._heard()
        if refused.slug in {"attempt-token-invalid", "not-your-attempt"}:
            return await self._start_again()
        if refused.slug == "too-early":
            return 1.0
        held = refused.told.get("held")
        again = line.refused_by(refused.slug, held if isinstance(held, int) else None)
        self.is_writing = line.mode is not Mode.SIDE
        if line.mode is Mode.FORK:
            self.taken.forks += 1
        return 0.0 if again else BEAT_S

    async def _start_again(self) -> float:
        """The token ran out, or the start itself was lost."""
        try:
            await self.enter()
        except NoAnswer:
            return self._retry_in(None)
        except Problem as refused:
            return self._retry_in(refused.wait_s or BUSY_S) if _may_come_later(refused) else BEAT_S
        return DEBOUNCE_S

    async def _sleep(self) -> None:
        while (left := self._wake_at - time.monotonic()) > 0:
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), left)
            except TimeoutError:
                return

    # --- small parts ----------------------------------------------------------------------------------------

    async def see_result(self) -> SubmitOut:
        """What 我的考试 tells of it. Raises NoAnswer, Problem."""
        path = f"/api/my/exams/{self.taken.attempt_id}/result"
        return msgspec.json.decode(body_of(await self._ask(path, None, cookie=self._login)), type=SubmitOut)

    async def send_picture(self, picture: bytes, beside: Network) -> bool:
        """Agree to pictures and send one, beside what goes on; whether it was taken. Raises NoAnswer."""
        agreed = msgspec.json.encode(ConsentIn(choice="photos", text_version="2026-11"))
        path = f"/api/my/exams/{self.taken.attempt_id}/consent"
        await beside.ask(path, agreed, cookie=self._login)
        reply = await beside.ask(SNAPSHOT.path, picture, cookie=self._cookies, kind="image/jpeg")
        return reply.status == HTTPStatus.OK

    async def _ask(self, path: str, body: bytes | None, *, cookie: str) -> Reply:
        if self._silent_since is None:
            self._silent_since = time.monotonic()
        reply = await self.network.ask(path, body, cookie=cookie)
        if reply.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return reply
        refused = Problem(reply)
        self.taken.refusals[refused.slug] = self.taken.refusals.get(refused.slug, 0) + 1
        raise refused

    def _answer(self, line: Line, slot: int, version: str, mask: int) -> None:
        self._append(line, OpKind.ANSWER, slot, version, mask)
        self._answers[slot] = mask
        self.kick(DEBOUNCE_S)

    def _append(self, line: Line, kind: OpKind, slot: int, version: str, mask: int) -> None:
        now_ms = time.time_ns() // 1_000_000
        line.append(kind, slot, version, mask, now_ms)

    def _receipt(self, line: Line, out: SyncOut) -> None:
        """Keep what the server said it holds, if it is about this device's fence."""
        head = bytes.fromhex(out.head or "")
        self.taken.macs.append(
            (Said(self.taken.attempt_id, out.fence, out.seq, head, out.server_ms), out.mac)
        )
        if out.fence != line.fence or out.took not in {"ok", "behind"}:
            return
        if out.seq > line.top or (out.seq > line.origin.seq and line.head_at(out.seq) != out.head):
            self.taken.false_heads += 1
            return
        self.back += out.seq < self.taken.acked.get(line.fence, 0)
        self.taken.acked[line.fence] = max(out.seq, self.taken.acked.get(line.fence, 0))

    def _adopt(self, line: Line, side: Sequence[HeldOp]) -> None:
        """Take over what another device left, for items that are unanswered here."""
        last: dict[int, int] = {}
        for op in sorted(side, key=lambda one: (one.fence, one.seq)):
            last[op.slot] = op.mask
        paper = self.taken.paper
        if paper is None or not self.is_open:
            return
        for slot, mask in sorted(last.items()):
            if mask and slot < len(self._answers) and not self._answers[slot]:
                self._answer(line, slot, paper.items[slot].version, mask)
        self._side_seen = self._side_ops

    def _hear_time(self, out: StartOut | SyncOut, asked_at: float) -> None:
        self.state, self.deadline_ms = out.state, out.deadline_ms
        self._ends_at = asked_at + out.remaining_ms / 1000

    def _heard(self) -> None:
        self._failures, self._silent_since, self.heard_at = 0, None, time.monotonic()

    def _beat_s(self) -> float:
        left = self._ends_at - time.monotonic()
        return left + 0.02 if self.state == "running" and 0 < left < BEAT_S else BEAT_S

    def _retry_in(self, busy_s: float | None) -> float:
        self._failures += 1
        step = min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** min(10, self._failures - 1))
        scattered = step * (0.5 + self._dice.random() / 2)
        return max(scattered, (busy_s or 0.0) * (1 + self._dice.random() / 4))

    @property
    def _cookies(self) -> str:
        return f"{self._login}; {self._attempt}"


def _may_come_later(refused: Problem) -> bool:
    busy = (
        refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR or refused.status == HTTPStatus.TOO_MANY_REQUESTS
    )
    return busy or refused.slug == "not-yet-open"
