"""Institutions and their staff: the keeping of them."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select, update

from exam_api.console_ports import Act, House, NewStaff
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import InstitutionRow, StaffRow, table

INSTITUTION: Final = table(InstitutionRow)
STAFF: Final = table(StaffRow)


class HouseStore(House):
    """For the operator's commands and the demo."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_institution(self, institution_id: UUID, *, name: str, act: Act) -> None:
        """One that is there stays as it is."""
        row = {"id": institution_id, "name": name, "made_ms": act.at_ms}
        async with self._database.writing() as connection:
            if await put_rows(connection, INSTITUTION, [row]):
                line = _line(act, "institution.kept", f"institution:{institution_id}", org=institution_id)
                await audit.append(connection, [line])

    async def keep_staff(self, account: NewStaff, *, act: Act) -> None:
        """An account of that login name that is there stays as it is."""
        row = {
            "id": uuid4(),
            "login": account.login_name.lower(),
            "name": account.name,
            "role": account.role.value,
            "institution_id": account.institution_id,
            "employer_id": None,
            "password_hash": account.password_hash,
            "made_ms": act.at_ms,
            "disabled_ms": 0,
            "must_change": False,
        }
        async with self._database.writing() as connection:
            if await put_rows(connection, STAFF, [row]):
                line = _line(
                    act,
                    "staff.kept",
                    f"staff:{row['id']}",
                    org=account.institution_id,
                    role=account.role.value,
                )
                await audit.append(connection, [line])

    async def set_password(self, login_name: str, password_hash: str, *, act: Act) -> bool:
        """Give an account a new password; False: there is no such account."""
        held = STAFF.c.login == login_name.lower()
        async with self._database.writing() as connection:
            staff = (await connection.execute(select(STAFF.c.id, STAFF.c.institution_id).where(held))).first()
            if staff is None:
                return False
            await connection.execute(update(STAFF).where(held).values(password_hash=password_hash))
            line = _line(act, "staff.password", f"staff:{staff.id}", org=staff.institution_id)
            await audit.append(connection, [line])
        return True

    async def disable_staff(self, login_name: str, *, act: Act) -> bool:
        """Close an account; False: there is none open. Its log-ins are ended by the caller."""
        held = (STAFF.c.login == login_name.lower(), STAFF.c.disabled_ms == 0)
        async with self._database.writing() as connection:
            staff = (
                await connection.execute(select(STAFF.c.id, STAFF.c.institution_id).where(*held))
            ).first()
            if staff is None:
                return False
            await connection.execute(update(STAFF).where(*held).values(disabled_ms=act.at_ms))
            line = _line(act, "staff.disabled", f"staff:{staff.id}", org=staff.institution_id)
            await audit.append(connection, [line])
        return True


def _line(act: Act, what: str, of: str, *, org: UUID | None, **body: str) -> audit.Line:
    return audit.Line(at_ms=act.at_ms, actor=act.actor, act=what, object=of, body=body, org=org)
