"""Seals: the end of every day that is over, signed: whoever holds them outside can tell a rewritten day."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.attempt.receipt import key_id, public_bytes
from exam_api.audit_ports import End, Seal, Seals
from exam_api.store.audit import AUDIT, HEAD, day_of, locked_head, move_head
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import AuditSealRow, table

SEAL: Final = table(AuditSealRow)


def seal_text(org: UUID, day: str, end: End) -> bytes:
    """What is signed; its first line keeps it from being taken for anything else."""
    return f"kaowu-audit-seal-1\n{org}\n{day}\n{end.no}\n{end.digest.hex()}\n".encode()


def genuine(seal: Seal, keys: Mapping[str, bytes]) -> bool:
    """Whether one of these keys made the signature."""
    public = keys.get(seal.key_id)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            seal.signature, seal_text(seal.org, seal.day, seal.end)
        )
    except InvalidSignature:
        return False
    return True


class SealStore(Seals):
    """Closes days; several workers may do it at once."""

    def __init__(self, database: Database, signing_key: Ed25519PrivateKey) -> None:
        self._database = database
        self._key = signing_key
        self._key_id = key_id(public_bytes(signing_key))

    async def close_days(self, now_ms: int) -> int:
        """Sign the end of every day that is over; its chain goes on in the day that is now."""
        today = day_of(now_ms)
        async with self._database.reading() as connection:
            orgs = (await connection.execute(select(HEAD.c.org).order_by(HEAD.c.org))).scalars().all()
            open_days = [org for org in orgs if await _unsealed(connection, org, today)]
        signed = 0
        for org in open_days:  # one transaction each: nobody waits for another organisation's chain
            async with self._database.writing() as connection:
                signed += await self._close(connection, org, today, now_ms)
        return signed

    async def _close(self, connection: AsyncConnection, org: UUID, today: str, now_ms: int) -> int:
        day, no, digest = await locked_head(connection, org)
        rows = [
            self._row(org, one.day, End(one.no, one.hash), now_ms)
            for one in await _unsealed(connection, org, today)
        ]
        signed = await put_rows(connection, SEAL, rows)
        if no and day < today:  # what is told late must not make a signed day longer
            await move_head(connection, org, day=today, no=0, digest=digest)
        return signed

    def _row(self, org: UUID, day: str, end: End, now_ms: int) -> dict[str, Any]:
        return {
            "org": org,
            "day": day,
            "no": end.no,
            "hash": end.digest,
            "key_id": self._key_id,
            "signature": self._key.sign(seal_text(org, day, end)),
            "made_ms": now_ms,
        }


async def kept_seals(connection: AsyncConnection) -> Sequence[Seal]:
    """Every seal, oldest day first."""
    rows = await connection.execute(select(SEAL).order_by(SEAL.c.day, SEAL.c.org))
    return [
        Seal(
            org=row.org,
            day=row.day,
            end=End(row.no, row.hash),
            key_id=row.key_id,
            signature=row.signature,
            made_ms=row.made_ms,
        )
        for row in rows
    ]


def ends(seals: Sequence[Seal]) -> dict[UUID, dict[str, End]]:
    """The sealed ends by chain and day."""
    found: dict[UUID, dict[str, End]] = {}
    for seal in seals:
        found.setdefault(seal.org, {})[seal.day] = seal.end
    return found


async def _unsealed(connection: AsyncConnection, org: UUID, today: str) -> Sequence[Any]:
    """Last lines of the days before today that have no seal."""
    sealed = select(SEAL.c.day).where(SEAL.c.org == org).order_by(SEAL.c.day.desc()).limit(1)
    newest = await connection.scalar(sealed)
    asked = select(AUDIT.c.day).where(AUDIT.c.org == org, AUDIT.c.day < today).distinct()
    if newest is not None:
        asked = asked.where(AUDIT.c.day > newest)
    last = select(AUDIT.c.day, AUDIT.c.no, AUDIT.c.hash).where(AUDIT.c.org == org).limit(1)
    found: list[Any] = []
    for day in (await connection.execute(asked.order_by(AUDIT.c.day))).scalars().all():
        end = last.where(AUDIT.c.day == day).order_by(AUDIT.c.no.desc())
        found.append((await connection.execute(end)).one())
    return found
