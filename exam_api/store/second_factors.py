"""Second factors and recovery codes: each step and code is taken once, by the statement that checks it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.account_ports import Factor, Factors
from exam_api.console_ports import Act
from exam_api.store import audit
from exam_api.store.accounts import account_line
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import RecoveryCodeRow, SecondFactorRow, table

FACTOR: Final = table(SecondFactorRow)
CODE: Final = table(RecoveryCodeRow)


class FactorStore(Factors):
    """`Factors` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def factor(self, account_id: UUID) -> Factor | None:
        """The second factor, confirmed or waiting."""
        unused = select(func.count()).where(CODE.c.staff_id == account_id, CODE.c.used_ms == 0)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(FACTOR).where(FACTOR.c.staff_id == account_id))).first()
            if row is None:
                return None
            left = (await connection.execute(unused)).scalar_one()
        return Factor(
            secret_sealed=row.secret_sealed,
            confirmed=row.confirmed_ms > 0,
            last_step=row.last_step,
            codes_left=left,
        )

    async def begin(self, account_id: UUID, secret_sealed: bytes, *, at_ms: int) -> bool:
        """Keep a secret that waits to be confirmed; a later one takes its place."""
        row = {
            "staff_id": account_id,
            "secret_sealed": secret_sealed,
            "made_ms": at_ms,
            "confirmed_ms": 0,
            "last_step": 0,
        }
        waiting = (FACTOR.c.staff_id == account_id, FACTOR.c.confirmed_ms == 0)
        async with self._database.writing() as connection:
            await connection.execute(delete(FACTOR).where(*waiting))
            return bool(await put_rows(connection, FACTOR, [row]))

    async def use_step(self, account_id: UUID, step: int) -> bool:
        """Take a step once."""
        free = (FACTOR.c.staff_id == account_id, FACTOR.c.last_step < step)
        async with self._database.writing() as connection:
            done = await connection.execute(update(FACTOR).where(*free).values(last_step=step))
        return done.rowcount == 1

    async def confirm(self, account_id: UUID, step: int, codes: Sequence[bytes], *, act: Act) -> bool:
        """The waiting secret becomes the second factor."""
        waiting = (FACTOR.c.staff_id == account_id, FACTOR.c.confirmed_ms == 0)
        changed = update(FACTOR).where(*waiting).values(confirmed_ms=act.at_ms, last_step=step)
        async with self._database.writing() as connection:
            if not (await connection.execute(changed)).rowcount:
                return False
            await _put_codes(connection, account_id, codes, at_ms=act.at_ms)
            line = await account_line(connection, "second-factor.enrolled", account_id, act)
            await audit.append(connection, [line])
        return True

    async def new_codes(self, account_id: UUID, codes: Sequence[bytes], *, act: Act) -> None:
        """These recovery codes take the place of all former ones."""
        async with self._database.writing() as connection:
            await _put_codes(connection, account_id, codes, at_ms=act.at_ms)
            line = await account_line(connection, "second-factor.new-codes", account_id, act)
            await audit.append(connection, [line])

    async def use_code(self, account_id: UUID, code_hashes: Sequence[bytes], *, act: Act) -> bool:
        """Use up a recovery code."""
        unused = (CODE.c.staff_id == account_id, CODE.c.code_hash.in_(code_hashes), CODE.c.used_ms == 0)
        async with self._database.writing() as connection:
            done = await connection.execute(update(CODE).where(*unused).values(used_ms=act.at_ms))
            if not done.rowcount:
                return False
            line = await account_line(connection, "second-factor.code-used", account_id, act)
            await audit.append(connection, [line])
        return True

    async def remove(self, account_id: UUID, *, act: Act) -> None:
        """Take the second factor and its recovery codes away."""
        async with self._database.writing() as connection:
            await connection.execute(delete(CODE).where(CODE.c.staff_id == account_id))
            done = await connection.execute(delete(FACTOR).where(FACTOR.c.staff_id == account_id))
            if done.rowcount:
                line = await account_line(connection, "second-factor.removed", account_id, act)
                await audit.append(connection, [line])


async def _put_codes(
    connection: AsyncConnection, account_id: UUID, codes: Sequence[bytes], *, at_ms: int
) -> None:
    await connection.execute(delete(CODE).where(CODE.c.staff_id == account_id))
    rows = [{"staff_id": account_id, "code_hash": code, "made_ms": at_ms, "used_ms": 0} for code in codes]
    await put_rows(connection, CODE, rows)
