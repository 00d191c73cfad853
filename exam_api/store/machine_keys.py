"""Keys with which machines call, kept as hashes."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select, update

from exam_api.account_ports import Account, MachineKey, MachineKeys
from exam_api.console_ports import Act
from exam_api.people import Role
from exam_api.store import audit
from exam_api.store.accounts import AccountStore, account_line
from exam_api.store.engine import Database
from exam_api.store.tables import MachineKeyRow, table

KEY: Final = table(MachineKeyRow)


class MachineKeyStore(MachineKeys):
    """`MachineKeys` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts = AccountStore(database)

    async def keys(self, account_id: UUID, *, now_ms: int) -> Sequence[MachineKey]:
        """Those that are good, newest first."""
        asked = select(KEY).where(KEY.c.staff_id == account_id, _good(now_ms)).order_by(KEY.c.made_ms.desc())
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        return [
            MachineKey(id=row.id, hint=row.hint, made_ms=row.made_ms, until_ms=row.until_ms) for row in rows
        ]

    async def add(
        self, account_id: UUID, key: MachineKey, key_hash: bytes, *, others_until_ms: int, act: Act
    ) -> None:
        """A new key; all others of the machine end at that instant at the latest."""
        row = {
            "id": key.id,
            "staff_id": account_id,
            "key_hash": key_hash,
            "hint": key.hint,
            "made_ms": key.made_ms,
            "until_ms": key.until_ms,
        }
        longer = or_(KEY.c.until_ms == 0, KEY.c.until_ms > others_until_ms)
        others = update(KEY).where(KEY.c.staff_id == account_id, longer).values(until_ms=others_until_ms)
        async with self._database.writing() as connection:
            await connection.execute(others)
            await connection.execute(insert(KEY).values(row))
            line = await account_line(connection, "machine-key.made", account_id, act, key=str(key.id))
            await audit.append(connection, [line])

    async def revoke(self, account_id: UUID, key_id: UUID, *, act: Act) -> bool:
        """End a key now."""
        own = (KEY.c.staff_id == account_id, KEY.c.id == key_id, _good(act.at_ms))
        async with self._database.writing() as connection:
            done = await connection.execute(update(KEY).where(*own).values(until_ms=act.at_ms))
            if not done.rowcount:
                return False
            line = await account_line(connection, "machine-key.revoked", account_id, act, key=str(key_id))
            await audit.append(connection, [line])
        return True

    async def machine(self, key_hash: bytes, *, now_ms: int) -> Account | None:
        """The open machine account whose good key it is."""
        asked = select(KEY.c.staff_id).where(KEY.c.key_hash == key_hash, _good(now_ms))
        async with self._database.reading() as connection:
            account_id = (await connection.execute(asked)).scalar_one_or_none()
        account = await self._accounts.account(account_id) if account_id else None
        if account is None or account.disabled_ms or account.role is not Role.CE_PLATFORM:
            return None
        return account


def _good(now_ms: int) -> ColumnElement[bool]:
    return or_(KEY.c.until_ms == 0, KEY.c.until_ms > now_ms)
