"""Public keys that receipts were signed with: published for as long as there are receipts."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from exam_api.console_ports import SigningKey, SigningKeys
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import SigningKeyRow, table

KEY: Final = table(SigningKeyRow)


class SigningKeyStore(SigningKeys):
    """`SigningKeys` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, key: SigningKey) -> None:
        """As the port says."""
        row = {
            "id": key.id,
            "algorithm": "ed25519",
            "public_key": key.public_key,
            "made_ms": key.since_ms,
            "retired_ms": 0,
        }
        async with self._database.writing() as connection:
            await put_rows(connection, KEY, [row])

    async def all(self) -> Sequence[SigningKey]:
        """Oldest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(KEY).order_by(KEY.c.made_ms, KEY.c.id))
            return [SigningKey(id=row.id, public_key=row.public_key, since_ms=row.made_ms) for row in rows]
