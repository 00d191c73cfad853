"""A candidate's device as the service meets it: an outbox with a chain, a storage key, cookies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from exam_api.attempt import chain
from exam_api.attempt.model import Op, OpKind

ORIGIN = "http://testserver.local"


@dataclass
class Device:
    """One phone or desk. `ops` is its outbox: everything it ever did under its fence."""

    http: httpx.AsyncClient
    clock_skew_ms: int = 0
    storage_key: str = field(default_factory=lambda: secrets.token_hex(16))
    attempt_id: UUID | None = None
    fence: int = 0
    held: int = 0
    paper: dict[str, Any] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    now_ms: int = 1_800_000_000_000

    async def start(self, attempt_id: UUID | str, **more: Any) -> httpx.Response:
        body = {"attemptId": str(attempt_id), "storageKey": self.storage_key, **more}
        reply = await self.http.post("/api/attempt/start", json=body)
        if reply.status_code == 200:
            told = reply.json()
            if told["fence"] != self.fence:
                self.ops = []
            self.attempt_id = UUID(told["attemptId"])
            self.fence, self.held, self.paper = told["fence"], told["seq"], told["paper"]
        return reply

    def choose(self, slot: int, mask: int = 1) -> Op:
        """Tap an option: the op goes into the outbox."""
        return self._push(OpKind.ANSWER, slot, bytes.fromhex(self.paper["items"][slot]["version"]), mask)

    def tap_hand_in(self) -> Op:
        return self._push(OpKind.HAND_IN, 0, bytes(16), 0)

    def _push(self, kind: OpKind, slot: int, version: bytes, mask: int) -> Op:
        op = Op(len(self.ops) + 1, kind, slot, version, mask, self.now_ms + self.clock_skew_ms)
        self.ops.append(op)
        return op

    def head_at(self, seq: int) -> str | None:
        """The device's own head, computed over its outbox."""
        if seq == 0 or self.attempt_id is None:
            return None
        packed = chain.pack_all(self.ops[:seq], self.fence)
        heads = chain.heads(self.attempt_id, fence=self.fence, base=0, base_head=b"", ops=packed)
        return heads[-chain.HEAD_BYTES :].hex()

    def range_from(self, base: int) -> dict[str, Any]:
        return {
            "base": base,
            "baseHead": self.head_at(base),
            "ops": [
                {
                    "seq": op.seq,
                    "kind": int(op.kind),
                    "slot": op.slot,
                    "version": op.version.hex(),
                    "mask": op.mask,
                    "clientMs": op.client_ms,
                }
                for op in self.ops[base:]
            ],
        }

    async def sync(self, *, base: int | None = None, lose_reply: bool = False, **more: Any) -> httpx.Response:
        """Say everything after `base` (what is held, unless told otherwise)."""
        body = {**self.range_from(self.held if base is None else base), **more}
        reply = await self.http.post("/api/attempt/sync", json=body)
        if reply.status_code == 200 and not lose_reply:
            told = reply.json()
            if told["took"] in {"ok", "behind"} and told["fence"] == self.fence:
                self.held = told["seq"]
            self.commands += told["commands"]
        return reply

    async def sync_all(self) -> dict[str, Any]:
        """Sync until everything is held, as the page's loop does."""
        for _ in range(5):
            told = (await self.sync()).json()
            if told["took"] != "behind":
                return told
        raise AssertionError("still behind after five syncs")

    async def submit(self, *, lose_reply: bool = False, offline: bool = False) -> httpx.Response:
        body = {**self.range_from(self.held), "offline": offline}
        reply = await self.http.post("/api/attempt/submit", json=body)
        if lose_reply:
            return httpx.Response(599)
        return reply
