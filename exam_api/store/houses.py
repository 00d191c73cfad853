"""What institutions are licensed for, and where they lend rooms."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, select

from exam_api.console_ports import Act
from exam_api.persons_ports import Houses, InstitutionFile
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.sessions import INSTITUTION, OF_REAL_HOUSE, SESSION
from exam_api.store.tables import InstitutionFileRow, SessionLenderRow, table

FILE: Final = table(InstitutionFileRow)
LENDER: Final = table(SessionLenderRow)


class HouseFileStore(Houses):
    """Institutions for the department's console."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def institution_files(self) -> Sequence[InstitutionFile]:
        """All institutions by name; fields are empty where nothing was entered."""
        asked = (
            select(INSTITUTION.c.id, INSTITUTION.c.name, FILE)
            .outerjoin(FILE, FILE.c.institution_id == INSTITUTION.c.id)
            .where(OF_REAL_HOUSE)
            .order_by(INSTITUTION.c.name, INSTITUTION.c.id)
        )
        async with self._database.reading() as connection:
            return [
                InstitutionFile(
                    id=row.id,
                    name=row.name,
                    uscc=row.uscc or "",
                    licence_no=row.licence_no or "",
                    licence_until=row.licence_until or "",
                    licence_by=row.licence_by or "",
                    scopes=msgspec.json.decode(row.scopes or "[]", type=list[str]),
                )
                for row in await connection.execute(asked)
            ]

    async def keep_institution_file(self, file: InstitutionFile, *, act: Act) -> bool:
        """False: no such institution, or the code is another's."""
        there = select(INSTITUTION.c.id).where(INSTITUTION.c.id == file.id)
        taken = select(FILE.c.uscc).where(FILE.c.uscc == file.uscc, FILE.c.institution_id != file.id)
        row = {
            "institution_id": file.id,
            "uscc": file.uscc,
            "licence_no": file.licence_no,
            "licence_until": file.licence_until,
            "licence_by": file.licence_by,
            "scopes": msgspec.json.encode(list(file.scopes)).decode(),
            "changed_ms": act.at_ms,
        }
        async with self._database.writing() as connection:
            if await connection.scalar(there) is None or await connection.scalar(taken) is not None:
                return False
            await connection.execute(delete(FILE).where(FILE.c.institution_id == file.id))
            await connection.execute(insert(FILE), row)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="institution.file-kept",
                object=f"institution:{file.id}",
                org=file.id,
            )
            await audit.append(connection, [line])
        return True

    async def lenders(self, session_id: UUID) -> frozenset[UUID]:
        """Institutions whose rooms a session uses."""
        asked = select(LENDER.c.institution_id).where(LENDER.c.session_id == session_id)
        async with self._database.reading() as connection:
            return frozenset((await connection.execute(asked)).scalars())

    async def lend(self, session_id: UUID, lenders: Sequence[UUID], *, act: Act) -> bool:
        """These institutions, and no others, lend rooms to a session; False: one of them is unknown."""
        owner = select(SESSION.c.institution_id).where(SESSION.c.id == session_id)
        found = select(func.count()).select_from(INSTITUTION).where(INSTITUTION.c.id.in_(lenders))
        rows = [{"session_id": session_id, "institution_id": one, "at_ms": act.at_ms} for one in set(lenders)]
        async with self._database.writing() as connection:
            org = await connection.scalar(owner)
            if org is None or await connection.scalar(found) != len(rows):
                return False
            await connection.execute(delete(LENDER).where(LENDER.c.session_id == session_id))
            if rows:
                await connection.execute(insert(LENDER), rows)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="session.lent",
                object=f"session:{session_id}",
                body={"lenders": len(rows)},
                org=org,
            )
            await audit.append(connection, [line])
        return True

    async def lent_sessions(self, institution_id: UUID) -> Sequence[UUID]:
        """Sessions of others that use this institution's rooms."""
        asked = select(LENDER.c.session_id).where(LENDER.c.institution_id == institution_id)
        async with self._database.reading() as connection:
            return (await connection.execute(asked)).scalars().all()
