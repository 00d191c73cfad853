"""The department's officer at the API: finds, plans and reads what the stories need."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx

from exam_api.demo.load import PASSWORD

OFFICER = "renshichu"
INSTITUTION_ADMIN = "jigou"
OTHER_ADMIN = "jigou2"
INVIGILATOR = "jiankao"
ITEM_AUTHOR = "mingti"
ITEM_REVIEWER = "shenti"
PATIENCE_S = 20.0


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
        sent: dict[str, Any] = (
            {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
        )
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

    async def act(self, seat: Seat, act: str, reason: str, **more: int) -> None:
        """Do something to an attempt, as the console's drawer does."""
        await self.post(
            f"/api/sessions/{seat.session_id}/attempts/{seat.attempt_id}/{act}", {"reason": reason, **more}
        )

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

    async def until_closed(self, seat: Seat) -> None:
        """Wait until the service has closed the attempt by itself."""
        end = time.monotonic() + PATIENCE_S
        while (await self.live(seat))["state"] != "closed":
            assert time.monotonic() < end, "the attempt is still open"
            await asyncio.sleep(0.1)
