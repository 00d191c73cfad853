"""The audit: gapless chains by organisation and day, telling where somebody changed them."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from exam_api.audit_ports import End, Fault, Found, Line, Place
from exam_api.store import audit
from exam_api.store.audit import AUDIT, DEPARTMENT, FIRST, HEAD, day_of, line_hash, written_body
from exam_api.store.audit_walk import walked
from exam_api.store.engine import Database
from exam_api.store.migrate import downgrade, upgrade
from tests.integration.store.builders import NOON_MS
from tests.servers import PostgresServer

DAY_MS = 86_400_000
DAYS = [day_of(NOON_MS + n * DAY_MS) for n in range(4)]
SCHOOL = UUID("10000000-0000-4000-8000-000000000001")


def a_line(act: str = "session.announced", *, org: UUID | None = SCHOOL, day: int = 0) -> Line:
    body = {"rows": 3, "title": "第一场", "open": True, "reason": None}
    return Line(
        at_ms=NOON_MS + day * DAY_MS,
        actor=f"staff:{uuid4()}",
        act=act,
        object=f"session:{uuid4()}",
        body=body,
        org=org,
    )


async def append(database: Database, *lines: Line) -> None:
    async with database.writing() as connection:
        await audit.append(connection, lines)


async def faults(
    database: Database, *, day: str | None = None, sealed: Mapping[UUID, Mapping[str, End]] | None = None
) -> list[Found]:
    found = await walked(database, day=day, sealed=sealed or {})
    return [one.found for one in found if one.found]


async def places(database: Database, org: UUID) -> list[tuple[str, int]]:
    asked = select(AUDIT.c.day, AUDIT.c.no).where(AUDIT.c.org == org).order_by(AUDIT.c.day, AUDIT.c.no)
    async with database.reading() as connection:
        return [(row.day, row.no) for row in await connection.execute(asked)]


async def without_guards(database: Database, *statements: object) -> None:
    """As somebody would who owns the database."""
    async with database.writing() as connection:
        for guard in ("keep_audit_update", "keep_audit_delete"):
            await connection.execute(text(f"DROP TRIGGER {guard}"))
        for statement in statements:
            await connection.execute(statement)  # type: ignore[call-overload]


async def test_lines_of_parallel_writers_make_one_chain_for_each_organisation(database: Database) -> None:
    await append(database)
    orgs = [uuid4(), uuid4(), None]
    pairs = [(a_line(org=orgs[n % 3]), a_line(org=orgs[(n + 1) % 3])) for n in range(21)]
    await asyncio.gather(*(append(database, *pair) for pair in pairs))
    assert await faults(database) == []
    for org in orgs[:2]:
        assert org is not None
        assert await places(database, org) == [(DAYS[0], no) for no in range(1, 15)]


async def test_the_very_first_lines_may_come_together(database_url: str) -> None:
    fresh = Database(database_url)
    await asyncio.gather(*(append(fresh, a_line()) for _ in range(5)))
    assert await faults(fresh) == []
    await fresh.close()


async def test_an_organisation_does_not_wait_for_another(postgres_database: Database) -> None:
    one, two = uuid4(), uuid4()
    await append(postgres_database, a_line(org=one), a_line(org=two))
    async with postgres_database.writing() as slow:
        await audit.append(slow, [a_line(org=one)])
        await asyncio.wait_for(append(postgres_database, a_line(org=two)), timeout=5)
    assert await faults(postgres_database) == []


async def test_every_day_is_numbered_anew_and_tied_to_the_last(sqlite_database: Database) -> None:
    await append(sqlite_database, a_line(), a_line(), a_line(day=1))
    await append(sqlite_database, a_line(day=3))
    assert await places(sqlite_database, SCHOOL) == [
        (DAYS[0], 1),
        (DAYS[0], 2),
        (DAYS[1], 1),
        (DAYS[3], 1),
    ]
    assert await faults(sqlite_database) == []


async def test_a_line_told_late_stands_in_the_newest_day(sqlite_database: Database) -> None:
    await append(sqlite_database, a_line(day=1))
    await append(sqlite_database, a_line(day=0))
    assert await places(sqlite_database, SCHOOL) == [(DAYS[1], 1), (DAYS[1], 2)]
    assert await faults(sqlite_database) == []


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert [day_of(ms) for ms in (1_799_942_399_999, 1_799_942_400_000)] == ["2027-01-14", "2027-01-15"]
    assert day_of(-1) == "1970-01-01"
    assert day_of(1 << 62) == "9999-01-01"


@pytest.mark.parametrize("way", ["update", "delete"])
async def test_the_database_itself_refuses_to_change_a_line(database: Database, way: str) -> None:
    await append(database, a_line())
    statement = update(AUDIT).values(act="nothing") if way == "update" else delete(AUDIT)
    with pytest.raises(IntegrityError, match="never changed"):
        async with database.writing() as connection:
            await connection.execute(statement)


async def test_an_unused_audit_is_sound(sqlite_database: Database) -> None:
    assert await faults(sqlite_database) == []


def at(day: int, no: int) -> object:
    return (AUDIT.c.day == DAYS[day]) & (AUDIT.c.no == no)


def changed(day: int, no: int, **values: object) -> object:
    return update(AUDIT).where(at(day, no)).values(**values)  # type: ignore[arg-type]


def renumbered(no: int, other: int) -> object:
    return update(AUDIT).where(at(0, no)).values(no=other)  # type: ignore[arg-type]


def gone(day: int, no: int) -> object:
    return delete(AUDIT).where(at(day, no))  # type: ignore[arg-type]


CHANGES = {
    "another act": ([changed(0, 2, act="nothing")], (0, 2), Fault.ALTERED),
    "another actor": ([changed(1, 1, actor="system")], (1, 1), Fault.ALTERED),
    "another instant": ([changed(1, 2, at_ms=NOON_MS)], (1, 2), Fault.ALTERED),
    "another object": ([changed(0, 1, object="session:0")], (0, 1), Fault.ALTERED),
    "another body": ([changed(0, 3, body='{"rows":4}')], (0, 3), Fault.ALTERED),
    "a body written otherwise": ([changed(0, 3, body='{"rows": 3}')], (0, 3), Fault.ALTERED),
    "another hash": ([changed(0, 3, hash=FIRST)], (0, 3), Fault.ALTERED),
    "a line taken out": ([gone(0, 2)], (0, 2), Fault.MISSING),
    "the first line taken out": ([gone(0, 1)], (0, 1), Fault.MISSING),
    "the last line of a day taken out": ([gone(0, 4)], (0, 4), Fault.MISSING),
    "the last line taken out": ([gone(2, 1)], (1, 3), Fault.MISSING),
    "a whole day taken out": ([delete(AUDIT).where(AUDIT.c.day == DAYS[1])], (0, 5), Fault.MISSING),
    "the first day taken out": ([delete(AUDIT).where(AUDIT.c.day == DAYS[0])], ("", 1), Fault.MISSING),
    "all taken out": ([delete(AUDIT)], ("", 1), Fault.MISSING),
    "two lines in each other's place": (
        [renumbered(2, 9), renumbered(3, 2), renumbered(9, 3)],
        (0, 2),
        Fault.ALTERED,
    ),
    "a line moved to another day": (
        [update(AUDIT).where(at(0, 4)).values(day=DAYS[1], no=3)],
        (0, 4),
        Fault.MISSING,
    ),
    "a line given to another organisation": ([changed(0, 4, org=DEPARTMENT)], (0, 4), Fault.MISSING),
    "the head set back": ([update(HEAD).values(no=9)], (2, 9), Fault.HEAD),
    "the head taken away": ([delete(HEAD)], ("", 0), Fault.HEAD),
}


def named(place: tuple[int | str, int]) -> tuple[str, int]:
    day, no = place
    return (day if isinstance(day, str) else DAYS[day]), no


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_past_the_guards_is_found_where_it_was_made(
    sqlite_database: Database, change: str
) -> None:
    await append(sqlite_database, *(a_line() for _ in range(4)), *(a_line(day=1) for _ in range(2)))
    await append(sqlite_database, a_line(day=2))
    statements, place, fault = CHANGES[change]
    await without_guards(sqlite_database, *statements)
    found = [one for one in await faults(sqlite_database) if one.place.org == SCHOOL]
    assert [((one.place.day, one.place.no), one.fault) for one in found] == [(named(place), fault)]


@pytest.mark.parametrize(("day", "no"), [(0, 5), (1, 3), (2, 2), (3, 1)])
async def test_a_line_added_past_the_chain_is_found(sqlite_database: Database, day: int, no: int) -> None:
    await append(sqlite_database, *(a_line() for _ in range(4)), *(a_line(day=1) for _ in range(2)))
    await append(sqlite_database, a_line(day=2))
    forged, place = a_line(day=day), Place(SCHOOL, DAYS[day], no)
    last = select(AUDIT.c.hash).where(AUDIT.c.day <= DAYS[day])
    async with sqlite_database.writing() as connection:
        before = (
            (await connection.execute(last.order_by(AUDIT.c.day.desc(), AUDIT.c.no.desc()))).scalars().first()
        )
        assert before is not None
        await connection.execute(insert(AUDIT), row_of(forged, place, before))
    assert [(one.place, one.fault) for one in await faults(sqlite_database)] == [(place, Fault.INSERTED)]


def row_of(line: Line, place: Place, before: bytes) -> dict[str, object]:
    body = written_body(line)
    return {
        **msgspec.structs.asdict(place),
        "at_ms": line.at_ms,
        "actor": line.actor,
        "act": line.act,
        "object": line.object,
        "body": body,
        "before": before,
        "hash": line_hash(before, place, line, body),
    }


async def test_a_chain_written_anew_from_a_line_on_is_found_by_a_seal(sqlite_database: Database) -> None:
    lines = [a_line() for _ in range(3)]
    await append(sqlite_database, *lines)
    async with sqlite_database.reading() as connection:
        end = (await connection.execute(select(HEAD.c.no, HEAD.c.hash))).one()
    sealed = {SCHOOL: {DAYS[0]: End(end.no, end.hash)}}
    assert await faults(sqlite_database, sealed=sealed) == []
    before, rows = FIRST, []
    for no, line in enumerate((a_line("another"), *lines[1:]), 1):
        rows.append(row_of(line, Place(SCHOOL, DAYS[0], no), before))
        before = rows[-1]["hash"]
    await without_guards(sqlite_database, delete(AUDIT), update(HEAD).values(hash=before))
    async with sqlite_database.writing() as connection:
        await connection.execute(insert(AUDIT), rows)
    assert await faults(sqlite_database) == [], "the chain alone cannot tell"
    found = await faults(sqlite_database, sealed=sealed)
    assert [(one.place, one.fault) for one in found] == [(Place(SCHOOL, DAYS[0], 3), Fault.ALTERED)]
    await without_lines(sqlite_database)
    found = await faults(sqlite_database, sealed=sealed)
    assert [(one.place, one.fault) for one in found] == [(Place(SCHOOL, DAYS[0], 1), Fault.MISSING)]


async def without_lines(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(delete(AUDIT))
        await connection.execute(delete(HEAD))


async def test_one_day_is_walked_with_its_ties_to_both_sides(sqlite_database: Database) -> None:
    await append(sqlite_database, *(a_line() for _ in range(4)), *(a_line(day=1) for _ in range(2)))
    await append(sqlite_database, a_line(day=2))
    whole = await walked(sqlite_database, day=DAYS[1], sealed={})
    assert [(one.lines, one.found) for one in whole] == [(2, None)]
    await without_guards(sqlite_database, gone(1, 2), changed(0, 1, act="nothing"))
    found = await faults(sqlite_database, day=DAYS[1])
    assert [(one.place.no, one.fault) for one in found] == [(2, Fault.MISSING)]
    assert await faults(sqlite_database, day=DAYS[2]) == found
    assert [one.place.day for one in await faults(sqlite_database, day=DAYS[0])] == [DAYS[0]]


@pytest.mark.postgres
async def test_lines_from_before_there_were_days_stay_and_stay_verifiable(
    sqlite_url: str, postgres_server: PostgresServer
) -> None:
    for url in (sqlite_url, postgres_server.new_database()):
        await asyncio.to_thread(downgrade, url, "0010")
        old = Database(url)
        before, rows = FIRST, []
        for no in range(1, 4):
            line = a_line(org=None)
            body = written_body(line)
            own = line_hash(before, Place(DEPARTMENT, "", no), line, body)
            rows.append(
                {
                    "no": no,
                    "at_ms": line.at_ms,
                    "actor": line.actor,
                    "act": line.act,
                    "object": line.object,
                    "body": body,
                    "before": before,
                    "hash": own,
                }
            )
            before = own
        names = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        async with old.writing() as connection:
            await connection.execute(text(f"INSERT INTO audit ({names}) VALUES ({values})"), rows)  # noqa: S608 - our own names
            head = text("INSERT INTO audit_head (id, no, hash) VALUES (1, 3, :hash)")
            await connection.execute(head.bindparams(bindparam("hash", before)))
        await old.close()
        await asyncio.to_thread(upgrade, url)
        database = Database(url)
        await append(database, a_line(org=None), a_line())
        assert await places(database, DEPARTMENT) == [("", 1), ("", 2), ("", 3), (DAYS[0], 1)]
        assert await faults(database) == []
        with pytest.raises(IntegrityError, match="never changed"):
            async with database.writing() as connection:
                await connection.execute(update(AUDIT).values(act="nothing"))
        with pytest.raises(RuntimeError, match="chains by day"):
            await asyncio.to_thread(downgrade, url, "0010")
        await database.close()
