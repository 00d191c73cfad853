"""Sealing everything anew after the master secret changed: table by table, in batches, resumable."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import LargeBinary, Table, and_, bindparam, func, select, tuple_, update
from sqlalchemy import cast as sql_cast

from exam_api.console_ports import Act
from exam_api.snapshot_ports import picture_key_context
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.keeping import Keeper
from exam_api.store.sealed import FORM, KEY_ID_BYTES, AesSealer, correction_context, number_context
from exam_api.store.tables import (
    CorrectionRow,
    PersonGivenRow,
    PersonRow,
    PictureKeyRow,
    RecoveryCodeRow,
    SecondFactorRow,
    WechatLinkRow,
    table,
)

BATCH: Final = 500
"""Rows of one transaction: it holds their locks for some tens of milliseconds."""


class SealedColumn(msgspec.Struct, frozen=True):
    """Where sealed values lie, and in which context each was sealed."""

    table: Table
    column: str
    of: str
    """The column whose id makes the context."""
    context: Callable[[UUID], bytes]

    @property
    def name(self) -> str:
        """As it is told to people."""
        return f"{self.table.name}.{self.column}"


def _bare(of: UUID) -> bytes:
    return of.bytes


def _second_factor(of: UUID) -> bytes:
    return b"second-factor" + of.bytes


SEALED: Final[Sequence[SealedColumn]] = (
    SealedColumn(table(PersonRow), "id_sealed", "id", lambda of: number_context(of.bytes)),
    SealedColumn(table(PersonRow), "phone_sealed", "id", _bare),
    SealedColumn(table(PersonGivenRow), "phone_sealed", "person_id", _bare),
    SealedColumn(table(CorrectionRow), "value_sealed", "id", lambda of: correction_context(of.bytes)),
    SealedColumn(table(SecondFactorRow), "secret_sealed", "staff_id", _second_factor),
    SealedColumn(table(PictureKeyRow), "key_sealed", "attempt_id", picture_key_context),
)
"""Every sealed column of the record; a test compares it with the tables."""


CODE: Final = table(RecoveryCodeRow)
LINK: Final = table(WechatLinkRow)


class Hashed(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept as a hash only: it cannot be made anew, and is found by the former secret alone."""

    recovery_codes: int
    """Not used yet."""
    wechat_links: int

    @property
    def none(self) -> bool:
        """Nothing hangs on the former secret."""
        return not (self.recovery_codes or self.wechat_links)


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    """One batch was sealed anew."""

    column: str
    rows: int


class Rotation:
    """Walks every sealed column; what is sealed under the present key is passed over."""

    def __init__(self, database: Database, sealer: AesSealer, keeper: Keeper) -> None:
        self._database = database
        self._sealer = sealer
        self._keeper = keeper
        self._head = sealer.head

    async def waiting(self) -> int:
        """How many values are not sealed under the present key."""
        total = 0
        async with self._database.reading() as connection:
            for one in SEALED:
                asked = select(func.count()).select_from(one.table).where(self._old(one))
                total += (await connection.execute(asked)).scalar_one()
        return total

    async def hashed(self, *, before_ms: int) -> Hashed:
        """How many hashes were made before the present secret came into use."""
        codes = select(func.count()).where(CODE.c.used_ms == 0, CODE.c.made_ms < before_ms)
        links = select(func.count()).where(LINK.c.made_ms < before_ms)
        async with self._database.reading() as connection:
            return Hashed(
                recovery_codes=(await connection.execute(codes)).scalar_one(),
                wechat_links=(await connection.execute(links)).scalar_one(),
            )

    async def run(self, *, act: Act) -> AsyncIterator[Rotated]:
        """Seal anew until nothing is left; may be stopped at any time and begun again."""
        for one in SEALED:
            last: Sequence[Any] | None = None
            while True:
                rows, last = await self._batch(one, last)
                if not rows:
                    break
                yield Rotated(column=one.name, rows=rows)
        async with self._database.writing() as connection:
            line = audit.Line(at_ms=act.at_ms, actor=act.actor, act="keys.rotated", object="record")
            await audit.append(connection, [line])

    async def _batch(
        self, one: SealedColumn, after: Sequence[Any] | None
    ) -> tuple[int, Sequence[Any] | None]:
        """The next rows in the order of the table's key."""
        of, sealed = one.table, one.table.c[one.column]
        keys = list(of.primary_key.columns)
        asked = select(*keys, of.c[one.of].label("of_"), sealed.label("sealed_"))
        asked = asked.where(self._old(one)).order_by(*keys).limit(BATCH).with_for_update()
        if after is not None:
            asked = asked.where(tuple_(*keys) > tuple_(*after))
        async with self._database.writing() as connection:
            found = (await connection.execute(asked)).all()
            if not found:
                return 0, after
            rows = [self._anew(one, row, [key.name for key in keys]) for row in found]
            where = and_(*(key == bindparam(f"at_{key.name}") for key in keys))
            fresh: dict[str, Any] = {
                name: bindparam(f"to_{name}") for name in (one.column, *self._blinds(one))
            }
            await connection.execute(update(of).where(where).values(fresh), rows)
        return len(found), [getattr(found[-1], key.name) for key in keys]

    def _anew(self, one: SealedColumn, row: Any, keys: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401
        context = one.context(row.of_)
        clear = self._sealer.open(row.sealed_, context=context)
        fresh: dict[str, Any] = {f"at_{key}": getattr(row, key) for key in keys}
        fresh[f"to_{one.column}"] = self._sealer.seal(clear, context=context)
        for name in self._blinds(one):
            fresh[f"to_{name}"] = self._keeper.blinds(clear.decode())[0]
        return fresh

    def _blinds(self, one: SealedColumn) -> Sequence[str]:
        """Blind indexes that are made from the same value: keyed anew in the same statement."""
        return ("id_blind",) if one.column == "id_sealed" else ()

    def _old(self, one: SealedColumn) -> Any:  # noqa: ANN401 - a condition
        sealed = one.table.c[one.column]
        head = func.substr(sealed, 1, len(FORM) + KEY_ID_BYTES)
        current = sql_cast(head, LargeBinary) == self._head
        return and_(func.length(sealed) > 0, ~current)
