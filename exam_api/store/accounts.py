"""Accounts of staff and machines: reading, changing, and what the audit keeps of log-ins."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.account_ports import Account, Accounts, Credential, NewAccount, NewEmployer
from exam_api.console_ports import Act, NamedInstitution
from exam_api.people import Reach, Role
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.sessions import INSTITUTION, OF_REAL_HOUSE
from exam_api.store.tables import EmployerRow, SecondFactorRow, StaffRow, table

EMPLOYER: Final = table(EmployerRow)
FACTOR: Final = table(SecondFactorRow)
STAFF: Final = table(StaffRow)

MOST: Final = 5_000
"""Accounts in one list: far more than a province has."""


class AccountStore(Accounts):
    """`Accounts` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accounts(self, reach: Reach) -> Sequence[Account]:
        """By institution and name, those that are open first."""
        asked = _accounts().order_by(STAFF.c.disabled_ms > 0, INSTITUTION.c.name, STAFF.c.name, STAFF.c.id)
        if not reach.everywhere:
            asked = asked.where(STAFF.c.institution_id == reach.institution_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked.limit(MOST))).all()
        return [_account(row) for row in rows]

    async def account(self, account_id: UUID) -> Account | None:
        """One account, open or closed."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_accounts().where(STAFF.c.id == account_id))).first()
        return None if row is None else _account(row)

    async def institution(self, institution_id: UUID) -> str | None:
        """Name of an institution."""
        asked = select(INSTITUTION.c.name).where(INSTITUTION.c.id == institution_id)
        async with self._database.reading() as connection:
            name: str | None = (await connection.execute(asked)).scalar_one_or_none()
        return name

    async def institutions(self) -> Sequence[NamedInstitution]:
        """All institutions, by name."""
        asked = select(INSTITUTION.c.id, INSTITUTION.c.name).where(OF_REAL_HOUSE)
        asked = asked.order_by(INSTITUTION.c.name)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        return [NamedInstitution(id=row.id, name=row.name) for row in rows]

    async def create(self, account: NewAccount, employer: NewEmployer | None, *, act: Act) -> bool:
        """False: the login name is taken."""
        async with self._database.writing() as connection:
            employer_id = account.employer_id
            if employer is not None:
                employer_id = await _kept(connection, employer, at_ms=act.at_ms)
            row = {
                "id": account.id,
                "login": account.login_name,
                "name": account.name,
                "role": account.role.value,
                "institution_id": account.institution_id,
                "employer_id": employer_id,
                "password_hash": account.password_hash,
                "made_ms": act.at_ms,
                "disabled_ms": 0,
                "must_change": account.role is not Role.CE_PLATFORM,
            }
            if not await put_rows(connection, STAFF, [row]):
                return False
            line = _line(act, "staff.created", account.id, account.institution_id, role=account.role.value)
            await audit.append(connection, [line])
        return True

    async def set_role(self, account_id: UUID, *, role: Role, institution_id: UUID | None, act: Act) -> None:
        """Give an account another role or tenant."""
        changed = {"role": role.value, "institution_id": institution_id}
        async with self._database.writing() as connection:
            before = (await connection.execute(_held(account_id))).one()
            await connection.execute(update(STAFF).where(STAFF.c.id == account_id).values(changed))
            lines = [
                _line(act, "staff.role", account_id, org, role=role.value, before=str(before.role))
                for org in {before.institution_id, institution_id}
            ]
            await audit.append(connection, lines)

    async def set_open(self, account_id: UUID, *, is_open: bool, act: Act) -> None:
        """Close or open an account."""
        other = STAFF.c.disabled_ms > 0 if is_open else STAFF.c.disabled_ms == 0
        changed = update(STAFF).where(STAFF.c.id == account_id, other)
        async with self._database.writing() as connection:
            held = (await connection.execute(_held(account_id))).one()
            done = await connection.execute(changed.values(disabled_ms=0 if is_open else act.at_ms))
            if done.rowcount:
                what = "staff.enabled" if is_open else "staff.disabled"
                await audit.append(connection, [_line(act, what, account_id, held.institution_id)])

    async def set_password(
        self, account_id: UUID, password_hash: str, *, must_change: bool, act: Act
    ) -> None:
        """Keep a new password."""
        changed = {"password_hash": password_hash, "must_change": must_change}
        async with self._database.writing() as connection:
            held = (await connection.execute(_held(account_id))).one()
            await connection.execute(update(STAFF).where(STAFF.c.id == account_id).values(changed))
            given = "another" if must_change else "owner"
            line = _line(act, "staff.password", account_id, held.institution_id, chosen_by=given)
            await audit.append(connection, [line])

    async def rehash(self, account_id: UUID, *, old: str, new: str) -> None:
        """The same password under newer parameters."""
        held = (STAFF.c.id == account_id, STAFF.c.password_hash == old)
        async with self._database.writing() as connection:
            await connection.execute(update(STAFF).where(*held).values(password_hash=new))

    async def credential(self, account_id: UUID) -> Credential | None:
        """Of an open account."""
        asked = (
            select(STAFF, func.coalesce(INSTITUTION.c.name, "").label("institution"))
            .outerjoin(INSTITUTION, INSTITUTION.c.id == STAFF.c.institution_id)
            .where(STAFF.c.id == account_id, STAFF.c.disabled_ms == 0)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        if row is None:
            return None
        return Credential(
            login_name=row.login,
            name=row.name,
            institution=row.institution,
            role=Role(row.role),
            password_hash=row.password_hash,
        )

    async def note(self, what: str, account_id: UUID, *, act: Act, **body: str) -> None:
        """An audit line by itself."""
        async with self._database.writing() as connection:
            held = (await connection.execute(_held(account_id))).first()
            org = held.institution_id if held else None
            await audit.append(connection, [_line(act, what, account_id, org, **body)])


async def account_line(
    connection: AsyncConnection, what: str, account_id: UUID, act: Act, **body: str
) -> audit.Line:
    """The audit line of an act on an account, in the chain of its institution."""
    held = (await connection.execute(_held(account_id))).first()
    return _line(act, what, account_id, held.institution_id if held else None, **body)


async def _kept(connection: AsyncConnection, employer: NewEmployer, *, at_ms: int) -> UUID:
    """Id of the employer with this credit code; one that is there keeps its name."""
    row = {"id": employer.id, "uscc": employer.uscc, "name": employer.name, "made_ms": at_ms}
    await put_rows(connection, EMPLOYER, [row])
    found: UUID = (
        await connection.execute(select(EMPLOYER.c.id).where(EMPLOYER.c.uscc == employer.uscc))
    ).scalar_one()
    return found


def _accounts() -> Select[Any]:
    return (
        select(
            STAFF,
            func.coalesce(INSTITUTION.c.name, "").label("institution"),
            func.coalesce(EMPLOYER.c.name, "").label("employer"),
            func.coalesce(FACTOR.c.confirmed_ms, 0).label("confirmed_ms"),
        )
        .outerjoin(INSTITUTION, INSTITUTION.c.id == STAFF.c.institution_id)
        .outerjoin(EMPLOYER, EMPLOYER.c.id == STAFF.c.employer_id)
        .outerjoin(FACTOR, FACTOR.c.staff_id == STAFF.c.id)
    )


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        login_name=row.login,
        name=row.name,
        role=Role(row.role),
        institution_id=row.institution_id,
        institution=row.institution,
        employer_id=row.employer_id,
        employer=row.employer,
        made_ms=row.made_ms,
        disabled_ms=row.disabled_ms,
        must_change=row.must_change,
        second_factor=row.confirmed_ms > 0,
    )


def _held(account_id: UUID) -> Select[Any, Any]:
    return select(STAFF.c.role, STAFF.c.institution_id).where(STAFF.c.id == account_id)


def _line(act: Act, what: str, account_id: UUID, org: UUID | None, **body: str) -> audit.Line:
    of = f"staff:{account_id}"
    return audit.Line(at_ms=act.at_ms, actor=act.actor, act=what, object=of, body=body, org=org)
