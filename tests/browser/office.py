"""The department's officer at the API: finds, plans and reads what the stories need."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from enrollment.identity import check_character
from exam_api.demo.load import INSTITUTION, PASSWORD
from tests.fixtures.pools.workbooks import xlsx

OFFICER = "renshichu"
INSTITUTION_ADMIN = "jigou"
OTHER_ADMIN = "jigou2"
INVIGILATOR = "jiankao"


SLACK_MS = 60_000
"""Between the last deadline and the close of a session of a story's own."""


@dataclass(frozen=True)
class Exam:
    """What the demo has for one channel."""

    pool: str
    blueprint: str
    profile: str


EXAMS = {
    "phone": Exam("worker-scaffolder", "架子工手机考试（示例）", "qh-worker-phone"),
    "desk": Exam("safety-c", "专职安全生产管理人员（C 类）机考（示例）", "qh-abc-default"),
}


@dataclass(frozen=True)
class Seat:
    """A person's place in a session, with what the person knows."""

    session_id: str
    attempt_id: str
    name: str
    id_no: str
    ticket_no: str
    room_code: str


class Office:
    """The officer's own client: sees every institution."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str) -> Any:
        reply = await self._client.get(path)
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        return reply.json()

    async def post(self, path: str, body: object = None, **query: Any) -> Any:
        sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
        reply = await self._client.post(path, params=query, **sent)
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        return reply.json()

    async def log_in(self, login_name: str) -> None:
        await self.post("/api/login/staff", {"loginName": login_name, "password": PASSWORD})

    async def seat(self, channel: str, name: str, id_no: str) -> Seat:
        """The place of a demo person in the demo's session."""
        sessions = (await self.get("/api/sessions"))["sessions"]
        session = next(one for one in sessions if one["channel"] == channel and "（示例）" in one["title"])
        return await self.seat_in(session, name, id_no)

    async def seat_in(self, session: dict[str, Any], name: str, id_no: str) -> Seat:
        listed = (await self.get(f"/api/sessions/{session['id']}/registrations"))["registrations"]
        row = next(one for one in listed if one["name"] == name)
        return Seat(session["id"], row["id"], name, id_no, row["ticketNo"], session["roomCode"])

    async def own_session(
        self, title: str, *, opens_in_ms: int, length_ms: int, people: Sequence[str], channel: str
    ) -> list[Seat]:
        """Plan a session on demo questions, register people by a workbook, open it, wait until it is armed."""
        exam = EXAMS[channel]
        now_ms = (await self.get("/api/sessions"))["serverMs"]
        pools = (await self.get("/api/pools"))["pools"]
        blueprints = (await self.get("/api/blueprints"))["blueprints"]
        houses = (await self.get("/api/institutions"))["institutions"]
        plan = {
            "title": title,
            "poolId": next(one["id"] for one in pools if one["code"] == exam.pool),
            "blueprintId": next(one["id"] for one in blueprints if one["title"] == exam.blueprint),
            "profile": exam.profile,
            "opensMs": now_ms + opens_in_ms,
            "closesMs": now_ms + opens_in_ms + length_ms + SLACK_MS,
            "institutionId": next(one["id"] for one in houses if one["name"] == INSTITUTION),
            "lengthMs": length_ms,
        }
        session = await self.post("/api/sessions", plan)
        numbers = {name: identity(title, place) for place, name in enumerate(people)}
        path = f"/api/sessions/{session['id']}"
        taken = await self.post(f"{path}/roster", roster(numbers), filename="名单.xlsx", store=True)
        assert taken["stored"], taken
        session = await self.post(f"{path}/open")
        await self.until_armed(session["id"])
        return [await self.seat_in(session, name, number) for name, number in numbers.items()]

    async def act(self, seat: Seat, act: str, reason: str, **more: int) -> None:
        """Do something to an attempt, as the console's drawer does."""
        await self.post(
            f"/api/sessions/{seat.session_id}/attempts/{seat.attempt_id}/{act}", {"reason": reason, **more}
        )

    async def until_armed(self, session_id: str) -> None:
        async def is_armed() -> bool:
            sessions = (await self.get("/api/sessions"))["sessions"]
            return any(one["id"] == session_id and one["armed"] for one in sessions)

        await until(is_armed, what="the session is armed")

    async def ticket(self, seat: Seat) -> str:
        """The text of a ticket's QR."""
        held = (await self.get(f"/api/sessions/{seat.session_id}/tickets"))["tickets"]
        text = next(one["qr"] for one in held if one["id"] == seat.attempt_id)
        return str(text).rpartition("t=")[2]

    async def live(self, seat: Seat) -> dict[str, Any]:
        """The row of a candidate in the live table."""
        rows = (await self.get(f"/api/sessions/{seat.session_id}/live"))["rows"]
        return next(row for row in rows if row["id"] == seat.attempt_id)

    async def result(self, seat: Seat) -> dict[str, Any]:
        """The row of a candidate in the results, once it is durable."""
        rows = (await self.get(f"/api/sessions/{seat.session_id}/results"))["rows"]
        return next(row for row in rows if row["id"] == seat.attempt_id)


async def until(probe: Callable[[], Any], *, what: str, within_s: float = 30.0) -> None:
    """Ask ten times a second until `probe` says yes."""
    end = time.monotonic() + within_s
    while not await probe():
        assert time.monotonic() < end, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(0.1)


def identity(title: str, at: int) -> str:
    """An identity number that checks and belongs to nobody, another one for every session and person."""
    body = f"639900{1950 + sum(title.encode()) % 40}0{1 + at % 9}1{at % 9}{501 + at:03d}"
    return body + check_character(body)


def roster(numbers: dict[str, str]) -> bytes:
    """A roster as institutions send it."""
    rows = [("姓名", "身份证号", "手机号")]
    rows += [(name, number, f"1380000{at:04d}") for at, (name, number) in enumerate(numbers.items())]
    return xlsx({"名单": rows})
