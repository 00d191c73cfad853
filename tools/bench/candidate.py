"""A candidate of a benchmark: every request of an exam, ready before it is sent, and what was answered."""

import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.model import Op, OpKind
from exam_api.http.attempts import START, SUBMIT, SYNC
from exam_api.http.snapshots import SNAPSHOT
from exam_api.http.wire_attempt import (
    CandidateLoginIn,
    CodeIn,
    ConsentIn,
    OpIn,
    StartIn,
    StartOut,
    SubmitIn,
    SubmitOut,
    SyncIn,
    SyncOut,
    Wire,
)
from exam_api.http.wire_snapshots import SnapshotOut
from exam_api.retention import SCHEDULE
from exam_api.usecases.snapshots import PHOTOS
from tools.bench.ground import Person
from tools.bench.load import Call, NotUnderstood, Reply, get, post

SINGLES: Final = 50
"""Syncs of one op each that are measured, as many as an exam has: the first one of an attempt costs more.

The other slots are answered by one more, which is not measured."""

FENCE: Final = 1
"""The fence of an attempt's first device."""

_COOKIE: Final = re.compile(rb"(?i)\r\nset-cookie: *([^;\r]+)")
_SEALED: Final = re.compile(rb"(?i)\r\nx-sealed-digest: *([0-9a-f]{64})")
_GZIP: Final = re.compile(rb"(?i)\r\ncontent-encoding: *gzip")


class Candidate:
    """One person on the way from log-in to hand-in, always over HTTP."""

    def __init__(self, attempt_id: UUID, person: Person, *, port: int, now_ms: int) -> None:
        self.attempt_id = attempt_id
        self.person = person
        self.slots = 0
        self.went_on = False
        """Whether the last step that others build on (log-in, start) was answered."""
        self._port = port
        self._now_ms = now_ms
        self._login = ""
        self._attempt = ""
        self._sealed = ""
        self._started: bytes = b""
        self._synced: list[bytes] = []
        self._handed: bytes = b""
        self._pictured: bytes = b""
        self._ops: list[Op] = []
        self._packed = b""
        self._heads = b""

    # --- calls ----------------------------------------------------------------------------------------------

    def ask_code(self) -> Call:
        return self._call("/api/login/code", CodeIn(name=self.person.name, id_no=self.person.id_no))

    def log_in(self, code: str) -> Call:
        """The call with the code; the login token is kept."""

        def taken(reply: Reply) -> None:
            self._login, self.went_on = _cookie(reply), True

        self.went_on = False
        body = CandidateLoginIn(name=self.person.name, id_no=self.person.id_no, code=code)
        return self._call("/api/login/candidate", body, taken=taken)

    def fetch_sealed(self) -> Call:
        """The call before the opening that brings the own paper, sealed; its digest is shown at the start."""

        def taken(reply: Reply) -> None:
            found = _SEALED.search(reply.head)
            if found is None:
                raise NotUnderstood("the sealed paper has no digest")
            self._sealed, self.went_on = found[1].decode(), True

        self.went_on = False
        path = f"/api/my/exams/{self.attempt_id}/sealed"
        return Call(get(path, port=self._port, cookie=self._login), taken)

    def agree_to_pictures(self) -> Call:
        """The choice before the start; without it no picture is taken in."""
        body = ConsentIn(choice=PHOTOS, text_version=SCHEDULE.version)
        return self._call(f"/api/my/exams/{self.attempt_id}/consent", body, cookie=self._login)

    def send_picture(self, picture: bytes) -> Call:
        """One camera picture as it is; what was answered to the last one is kept."""

        def taken(reply: Reply) -> None:
            self._pictured = reply.body

        request = post(SNAPSHOT.path, picture, port=self._port, cookie=self._cookies, kind="image/jpeg")
        return Call(request, taken)

    def start(self) -> Call:
        """The call that starts the attempt; the paper is read later, by `open_paper`."""

        def taken(reply: Reply) -> None:
            self._attempt, self._started, self.went_on = _cookie(reply), _unpacked(reply), True

        self.went_on = False
        body = StartIn(
            attempt_id=str(self.attempt_id), storage_key=self.attempt_id.hex, sealed_digest=self._sealed
        )
        return self._call(START.path, body, cookie=self._login, taken=taken)

    def sync(self, base: int) -> Call:
        """One op more than `base`, with its chain."""
        return self._sync(base, base + 1, lambda reply: self._synced.append(reply.body))

    def fill(self) -> Call:
        """All slots that the single syncs left."""
        return self._sync(SINGLES, len(self._ops), None)

    def submit(self) -> Call:
        """The hand-in, everything having been said before."""

        def taken(reply: Reply) -> None:
            self._handed = reply.body

        end = len(self._ops)
        body = SubmitIn(base=end, base_head=self.head_at(end))
        return self._call(SUBMIT.path, body, cookie=self._cookies, taken=taken)

    # --- answers --------------------------------------------------------------------------------------------

    def open_paper(self) -> None:
        """Read what the start answered and choose an option in every slot."""
        told = msgspec.json.decode(self._started, type=StartOut)
        self._started = b""
        if told.paper is None:
            raise NotUnderstood("the start brought no paper")
        self.slots = len(told.paper.items)
        self._ops = [
            Op(
                seq,
                OpKind.ANSWER,
                item.slot,
                bytes.fromhex(item.version),
                1 << seq % len(item.options),
                self._now_ms,
            )
            for seq, item in enumerate(told.paper.items, start=1)
        ]
        self._packed = chain.pack_all(self._ops, FENCE)
        self._heads = chain.heads(self.attempt_id, fence=FENCE, base=0, base_head=b"", ops=self._packed)

    @property
    def ops(self) -> Sequence[Op]:
        """Everything this device has to say, in order."""
        return self._ops

    @property
    def was_given_the_key(self) -> bool:
        """Whether the start answered with the key of the sealed paper, and with no paper."""
        told = msgspec.json.decode(self._started, type=StartOut)
        return told.paper is None and told.paper_key is not None

    @property
    def login_token(self) -> bytes:
        """The token as the service keeps its hash."""
        text = self._login.partition("=")[2]
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    @property
    def synced(self) -> list[SyncOut]:
        """What the measured syncs were answered."""
        return [msgspec.json.decode(body, type=SyncOut) for body in self._synced]

    @property
    def handed(self) -> SubmitOut | None:
        """What the hand-in was answered."""
        return msgspec.json.decode(self._handed, type=SubmitOut) if self._handed else None

    @property
    def picture_id(self) -> UUID | None:
        """Of the last picture that was taken in."""
        return UUID(msgspec.json.decode(self._pictured, type=SnapshotOut).id) if self._pictured else None

    @property
    def answers_digest(self) -> str:
        """What the hand-in's receipt must say of the answers."""
        answers = chain.replay(self._packed, slots=self.slots)
        return chain.answers_digest(self.attempt_id, answers, self.slots).hex()

    def head_at(self, seq: int) -> str | None:
        """The chain's head, as this device computed it."""
        start = seq * chain.HEAD_BYTES
        return self._heads[start : start + chain.HEAD_BYTES].hex() if seq else None

    @property
    def _cookies(self) -> str:
        return f"{self._login}; {self._attempt}"

    def _sync(self, base: int, end: int, taken: Callable[[Reply], None] | None) -> Call:
        ops = [
            OpIn(seq=op.seq, slot=op.slot, version=op.version.hex(), mask=op.mask, client_ms=op.client_ms)
            for op in self._ops[base:end]
        ]
        body = SyncIn(base=base, base_head=self.head_at(base), ops=ops)
        return self._call(SYNC.path, body, cookie=self._cookies, taken=taken)

    def _call(
        self, path: str, body: Wire, *, cookie: str = "", taken: Callable[[Reply], None] | None = None
    ) -> Call:
        return Call(post(path, msgspec.json.encode(body), port=self._port, cookie=cookie), taken)


def _cookie(reply: Reply) -> str:
    found = _COOKIE.search(reply.head)
    if found is None:
        raise NotUnderstood("no cookie was set")
    return found[1].decode()


def _unpacked(reply: Reply) -> bytes:
    return zlib.decompress(reply.body, wbits=31) if _GZIP.search(reply.head) else reply.body
