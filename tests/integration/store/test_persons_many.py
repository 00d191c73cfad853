"""Ten thousand people at once, from the bytes of a workbook to the commit, and a roster as long as a plan."""

import io
from collections.abc import Callable
from datetime import date
from time import process_time
from uuid import uuid4

import pytest
import xlsxwriter

from enrollment.people_list import parse_people
from enrollment.roster import parse_roster
from enrollment.ticket import HEADS_MAX
from exam_api.console_ports import NewRegistration
from exam_api.persons_ports import SentEmployment, SentPerson
from exam_api.store.engine import Database
from question_pools.exchange.sheets import read_workbook
from tests.integration.store.test_persons import Office, an_id_no
from tests.integration.store.world import ACT, Stores, a_session
from tests.servers import PostgresServer
from tools.bench.cpu import read_cpu

PEOPLE = 10_000
MOST_S = 10.0
"""CPU of this process and of PostgreSQL together: what a person waits where nothing else runs."""
CODES = ("91350100M000100Y43", "11110000000021135M", "11430000006122244L", "11100000000013338W")


def workbook(first: int, count: int) -> bytes:
    out = io.BytesIO()
    file = xlsxwriter.Workbook(out)
    sheet = file.add_worksheet()
    rows = [["姓名", "身份证号", "手机", "单位名称", "统一社会信用代码", "岗位", "入职日期"]]
    for n in range(first, first + count):
        code = CODES[n % 4]
        rows.append([f"工人{n}", an_id_no(n), f"139{n:08d}", f"单位{code[-4:]}", code, "工人", "2024-03-01"])
    for n, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(n, column, cell)
    file.close()
    return out.getvalue()


@pytest.fixture
def cpu_s(request: pytest.FixtureRequest, database: Database) -> Callable[[], float]:
    """Seconds of CPU used so far, by this process and by the database's."""
    if database.url.get_backend_name() == "sqlite":
        return process_time
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return lambda: process_time() + sum(read_cpu(server.pid).values()) / 1e9


@pytest.mark.long
async def test_ten_thousand_people_are_kept_within_ten_seconds_new_and_known(
    database: Database, cpu_s: Callable[[], float]
) -> None:
    office = await Office(database).begin()
    data = workbook(100_000, PEOPLE)
    for institution_id, new in ((office.one, PEOPLE), (office.one, 0), (office.two, 0)):
        begun = cpu_s()
        found = parse_people(read_workbook(data, "people.xlsx").sheets[0].rows, today=date(2026, 11, 22))
        assert found.clean
        people = [
            SentPerson(
                person_id=uuid4(),
                name=entry.name,
                id_no=entry.identity.number,
                phone=entry.mobile,
                employment=SentEmployment(
                    uscc=work.uscc, employer=work.employer, role=work.role, since=work.since
                )
                if work
                else None,
            )
            for entry, work in found.entries
        ]
        assert await office.persons.contradicted(people, institution_id) == []
        taken = await office.persons.take(people, institution_id, act=ACT)
        took_s = cpu_s() - begun
        print(f"{database.url.get_backend_name()}: {PEOPLE} people, {new} new: {took_s:.2f} s CPU")  # noqa: T201
        assert taken.new == new
        assert took_s < MOST_S


@pytest.mark.long
async def test_a_roster_as_long_as_a_plan_is_registered_within_ten_seconds(
    database: Database, cpu_s: Callable[[], float]
) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    data = workbook(200_000, HEADS_MAX)
    for added in (HEADS_MAX, 0):
        begun = cpu_s()
        roster = parse_roster(read_workbook(data, "roster.xlsx").sheets[0].rows, today=date(2026, 11, 22))
        people = [
            NewRegistration(
                id=uuid4(), person_id=uuid4(), name=one.name, id_no=one.identity.number, phone=one.mobile
            )
            for one in roster.entries
        ]
        assert await stores.sittings.contradicted(planned.id, people) == []
        assert await stores.sittings.register(planned.id, people, act=ACT) == added
        took_s = cpu_s() - begun
        print(f"{database.url.get_backend_name()}: roster of {HEADS_MAX}, {added} new: {took_s:.2f} s CPU")  # noqa: T201
        assert took_s < MOST_S
