"""What armed sessions need with no database, in Redis."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from exam_api.live import keys
from exam_api.live.lane import Lane
from exam_api.live.replies import ids
from exam_api.live.together import of_nodes_there, put_all, together
from exam_api.people import ArmedPerson, RosterEntry
from exam_api.ports import Armory
from exam_api.record import SessionFacts

_FACTS: Final = msgspec.msgpack.Decoder(SessionFacts)
_PERSON: Final = msgspec.msgpack.Decoder(ArmedPerson)


class RedisArmory(Armory):
    """`Armory` on Redis. Fails closed; putting again begins the life of 7 days anew."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def put_session(self, facts: SessionFacts, *, source: bytes, sealed_keys: bytes) -> None:
        key = keys.armed(facts.id)
        packed = msgspec.msgpack.encode(facts)
        await together(
            [
                self._lane.command("HSET", key, "facts", packed, "source", source, "keys", sealed_keys),
                self._lane.command("PEXPIRE", key, keys.ROSTER_LIFE_MS),
                self._lane.command("SADD", keys.armed_sessions(), facts.id.bytes),
            ]
        )

    async def session(self, session_id: UUID) -> SessionFacts | None:
        held = await self._lane.command("HGET", keys.armed(session_id), "facts")
        return None if held is None else _FACTS.decode(held)

    async def source(self, session_id: UUID) -> bytes | None:
        return await self._lane.command("HGET", keys.armed(session_id), "source")

    async def sealed_keys(self, session_id: UUID) -> bytes | None:
        return await self._lane.command("HGET", keys.armed(session_id), "keys")

    async def put_roster(self, session_id: UUID, people: Sequence[RosterEntry]) -> None:
        """As the port says."""
        await put_all(self._put_person(session_id, entry) for entry in people)

    async def person(self, blind: bytes) -> ArmedPerson | None:
        """With the registrations of all armed sessions that list the person."""
        listed = [_PERSON.decode(held) for held in await self._lane.command("HVALS", keys.person(blind))]
        if not listed:
            return None
        registrations = {each: None for person in listed for each in person.registrations}
        return msgspec.structs.replace(listed[-1], registrations=tuple(registrations))

    async def armed_sessions(self) -> Sequence[UUID]:
        """Those that have not died, or whose node is away; dead ones leave the list here."""
        raws = sorted(await self._lane.command("SMEMBERS", keys.armed_sessions()))
        session_ids = ids(raws)
        alive = await of_nodes_there(
            partial(self._lane.command, "EXISTS", keys.armed(each)) for each in session_ids
        )
        gone = [raw for raw, there in zip(raws, alive, strict=True) if not there]
        if gone:
            await self._lane.command("SREM", keys.armed_sessions(), *gone)
        return [each for each, there in zip(session_ids, alive, strict=True) if there]

    async def _put_person(self, session_id: UUID, entry: RosterEntry) -> None:
        key = keys.person(entry.blind)
        await asyncio.gather(
            self._lane.command("HSET", key, session_id.bytes, msgspec.msgpack.encode(entry.person)),
            self._lane.command("PEXPIRE", key, keys.ROSTER_LIFE_MS),
        )
