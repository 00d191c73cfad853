"""Persons in the record: what senders learn, who may change what, requests, retention, rotation."""

from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from enrollment.identity import check_character
from exam_api.console_ports import Act, NewRegistration
from exam_api.errors import ErasureHeld, OthersFacts
from exam_api.people import Reach
from exam_api.persons_ports import Consent, NewCorrection, PeopleAsk, SentEmployment, SentPerson
from exam_api.store.employers import EmployerStore
from exam_api.store.engine import Database
from exam_api.store.erasing import APPEAL_MS
from exam_api.store.houses import HouseFileStore
from exam_api.store.keeping import Keeper
from exam_api.store.persons import PersonStore
from exam_api.store.requests import RequestStore
from exam_api.store.retention import RetentionStore
from exam_api.store.rights import RightStore
from tests.integration.store.builders import NOON_MS
from tests.integration.store.world import ACT, BLIND, SEALER, Stores, a_session

ALL = Reach(everywhere=True)
USCC = "91350100M000100Y43"


def an_id_no(n: int) -> str:
    """Numbers that no other test of this folder makes."""
    body = f"632123{1950 + n // 336_000}{n // 28_000 % 12 + 1:02d}{n // 1_000 % 28 + 1:02d}{n % 1_000:03d}"
    return body + check_character(body)


def sent(n: int, name: str = "", phone: str = "13900000000", **given: object) -> SentPerson:
    return SentPerson(
        person_id=uuid4(),
        name=name or f"工人{n}",
        id_no=an_id_no(n),
        phone=phone,
        **given,  # type: ignore[arg-type]
    )


class Office:
    """The stores about persons on one database, with two institutions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.keeper = Keeper(SEALER, BLIND)
        self.persons = PersonStore(database, self.keeper)
        self.employers = EmployerStore(database)
        self.houses = HouseFileStore(database)
        self.rights = RightStore(database, self.keeper)
        self.requests = RequestStore(database, self.keeper, SEALER)
        self.retention = RetentionStore(database)
        self.one, self.two = uuid4(), uuid4()

    async def begin(self) -> "Office":
        house = Stores(self.database).house
        for institution_id, name in ((self.one, "甲机构"), (self.two, "乙机构")):
            await house.keep_institution(institution_id, name=f"{name}{institution_id.hex[:6]}", act=ACT)
        return self

    async def find(self, id_no: str, reach: Reach = ALL) -> UUID | None:
        lines = await self.persons.people(PeopleAsk(reach=reach, id_no=id_no))
        return lines[0].id if lines else None

    async def take(self, person: SentPerson, institution_id: UUID | None, *, at_ms: int = NOON_MS) -> UUID:
        await self.persons.take([person], institution_id, act=Act(actor=ACT.actor, at_ms=at_ms))
        found = await self.find(person.id_no)
        assert found is not None
        return found


async def lines_of(database: Database, act: str, on: str) -> int:
    asked = text("SELECT count(*) FROM audit WHERE act = :act AND object = :object")
    async with database.reading() as connection:
        return (await connection.execute(asked, {"act": act, "object": on})).scalar_one()


async def test_an_institution_learns_of_a_known_person_only_what_it_sent_itself(database: Database) -> None:
    office = await Office(database).begin()
    work = SentEmployment(uscc=USCC, employer="建筑公司", role="worker", since="2024-03-01")
    person_id = await office.take(sent(9001, "张三丰", "13811112222", employment=work), office.one)
    await office.take(sent(9001, "张三丰", "13933334444"), office.two)
    first = await office.persons.person(person_id, Reach(institution_id=office.one))
    second = await office.persons.person(person_id, Reach(institution_id=office.two))
    assert first is not None
    assert second is not None
    assert (first.line.phone_mask, second.line.phone_mask) == ("138****2222", "139****4444")
    assert [one.employer for one in first.employments] != []
    assert (second.line.employer, second.employments, second.sittings, second.given_by) == ("", [], [], [])


async def test_nobody_finds_a_person_whom_they_never_sent(database: Database) -> None:
    office = await Office(database).begin()
    person = sent(9002)
    person_id = await office.take(person, office.one)
    for reach in (Reach(institution_id=office.two), Reach(employer_id=uuid4()), Reach()):
        assert await office.find(person.id_no, reach) is None
        assert await office.persons.person(person_id, reach) is None
        assert await office.persons.number(person_id, reach, reason="核对", act=ACT) is None


async def test_another_name_for_somebody_elses_person_is_refused_whole_and_changes_nothing(
    database: Database,
) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9003, "张三丰"), office.one)
    people = [sent(9004, "李四"), sent(9003, "王五")]
    assert await office.persons.contradicted(people, office.two) == [1]
    with pytest.raises(OthersFacts):
        await office.persons.take(people, office.two, act=ACT)
    assert await office.find(an_id_no(9004)) is None
    file = await office.rights.own_file(person_id)
    assert file is not None
    assert file.person["name"] == "张三丰"


async def test_the_refused_person_sees_who_was_refused_and_why(database: Database) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9005, "张三丰"), office.one)
    await office.persons.notice([sent(9005, "王五")], office.two, code="name-differs", at_ms=NOON_MS + 5)
    file = await office.rights.own_file(person_id)
    assert file is not None
    assert [(one.code, one.institution[:3]) for one in file.notices] == [("name-differs", "乙机构")]


async def test_the_only_institution_may_put_a_name_right_until_another_sent_the_person_too(
    database: Database,
) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9006, "张三峰"), office.one)
    await office.take(sent(9006, "张三丰"), office.one, at_ms=NOON_MS + 1)
    await office.take(sent(9006, "张三丰", "13900009999"), office.two, at_ms=NOON_MS + 2)
    with pytest.raises(OthersFacts):
        await office.take(sent(9006, "张三封"), office.one, at_ms=NOON_MS + 3)
    file = await office.rights.own_file(person_id)
    assert file is not None
    assert (file.person["name"], file.person["phone"]) == ("张三丰", "13900000000")


async def test_what_the_department_says_stands_against_institutions(database: Database) -> None:
    office = await Office(database).begin()
    await office.take(sent(9007, "张三丰"), office.one)
    await office.take(sent(9007, "张三风"), None, at_ms=NOON_MS + 1)
    with pytest.raises(OthersFacts):
        await office.take(sent(9007, "张三丰"), office.one, at_ms=NOON_MS + 2)


async def test_opening_a_number_is_in_the_audit_with_its_reason(database: Database) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9008), office.one)
    opened = await office.persons.number(
        person_id, Reach(institution_id=office.one), reason="现场核对", act=ACT
    )
    assert opened == an_id_no(9008)
    assert await lines_of(database, "person.number-opened", f"person:{person_id}") == 1


async def test_persons_are_listed_by_name_in_pages(database: Database) -> None:
    office = await Office(database).begin()
    people = [sent(9100 + n, f"翻页{n:02d}") for n in range(7)]
    await office.persons.take(people, office.one, act=ACT)
    reach = Reach(institution_id=office.one)
    first = await office.persons.people(PeopleAsk(reach=reach, name="翻页", limit=4))
    rest = await office.persons.people(PeopleAsk(reach=reach, name="翻页", after=first[-1].id, limit=4))
    assert [one.name for one in (*first, *rest)] == [f"翻页{n:02d}" for n in range(7)]


async def test_an_employer_reaches_who_works_there_now_and_nobody_else(database: Database) -> None:
    office = await Office(database).begin()
    work = SentEmployment(uscc="11110000000021135M", employer="某公司", role="worker", since="2024-03-01")
    person = sent(9009, employment=work)
    person_id = await office.take(person, office.one)
    employer = next(
        one for one in await office.employers.employers(ALL, words=work.uscc) if one.uscc == work.uscc
    )
    own = Reach(employer_id=employer.id)
    file = await office.persons.person(person_id, own)
    assert file is not None
    assert await office.employers.confirm_employment(file.employments[0].id, own, act=ACT)
    assert not await office.employers.end_employment(
        file.employments[0].id, own, until="2024-02-01", act=ACT
    ), "a day before it began"
    assert await office.employers.end_employment(file.employments[0].id, own, until="2025-01-01", act=ACT)
    assert await office.persons.person(person_id, own) is None


async def test_taking_photos_back_holds_for_exams_ahead_from_now_on(database: Database) -> None:
    stores = Stores(database)
    planned, person_id, office = await registered(stores, 9010)
    (own,) = await stores.sittings.own(person_id)
    await stores.sittings.consent(own.id, choice="photos", text_version="2026-11", at_ms=NOON_MS)
    back = Consent(purpose="photos", given=False, at_ms=planned - 1, text_version="2026-11")
    await office.rights.set_consent(person_id, back)
    (own,) = await stores.sittings.own(person_id)
    assert own.consent == "no-photos"
    assert [(one.purpose, one.given) for one in await office.rights.consents(person_id)] == [
        ("photos", False)
    ]


async def registered(stores: Stores, n: int) -> tuple[int, UUID, Office]:
    """A person registered for an announced session; the instant of its close."""
    planned = await a_session(stores)
    line = NewRegistration(
        id=uuid4(), person_id=uuid4(), name=f"工人{n}", id_no=an_id_no(n), phone="13800000000"
    )
    await stores.sittings.register(planned.id, [line], act=ACT)
    await stores.sittings.announce(planned.id, act=ACT)
    office = await Office(stores.database).begin()
    person_id = await office.find(line.id_no)
    assert person_id is not None
    return planned.facts.closes_ms, person_id, office


async def ask(office: Office, person_id: UUID, field: str, value: str) -> UUID:
    asked = NewCorrection(
        id=uuid4(),
        person_id=person_id,
        field=field,
        value=value,
        value_mask="…",
        reason="",
        asked_ms=NOON_MS,
    )
    assert await office.requests.ask_correction(asked)
    return asked.id


async def test_a_granted_correction_stands_and_no_institution_overwrites_it(database: Database) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9011, "张三峰"), office.one)
    correction_id = await ask(office, person_id, "name", "张三丰")
    decided = await office.requests.decide_correction(correction_id, ALL, grant=True, answer="", act=ACT)
    assert decided is not None
    with pytest.raises(OthersFacts):
        await office.take(sent(9011, "张三峰"), office.one, at_ms=NOON_MS + 1)
    file = await office.rights.own_file(person_id)
    assert file is not None
    assert file.person["name"] == "张三丰"
    assert (
        await office.requests.decide_correction(correction_id, ALL, grant=False, answer="", act=ACT) is None
    )


async def test_an_institution_decides_only_where_no_other_sent_the_person(database: Database) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9012, "张三"), office.one)
    correction_id = await ask(office, person_id, "phone", "13700001111")
    number_id = await ask(office, person_id, "id-number", an_id_no(9013))
    own = Reach(institution_id=office.one)
    assert [one.id for one in await office.requests.corrections(own, open_only=True)] == [correction_id]
    assert await office.requests.decide_correction(number_id, own, grant=True, answer="", act=ACT) is None
    await office.take(sent(9012, "张三"), office.two, at_ms=NOON_MS + 1)
    assert await office.requests.corrections(own, open_only=True) == []


async def test_a_number_that_is_another_persons_is_refused_without_saying_whose(database: Database) -> None:
    office = await Office(database).begin()
    await office.take(sent(9014), office.two)
    person_id = await office.take(sent(9015), office.one)
    correction_id = await ask(office, person_id, "id-number", an_id_no(9014))
    with pytest.raises(OthersFacts):
        await office.requests.decide_correction(correction_id, ALL, grant=True, answer="", act=ACT)
    assert await office.find(an_id_no(9015)) == person_id


async def test_somebody_with_an_exam_ahead_or_an_appeal_possible_is_not_deleted_yet(
    database: Database,
) -> None:
    closes_ms, person_id, office = await registered(Stores(database), 9016)
    erasure_id = uuid4()
    assert await office.requests.ask_erasure(erasure_id, person_id, reason="", at_ms=NOON_MS)
    assert not await office.requests.ask_erasure(uuid4(), person_id, reason="", at_ms=NOON_MS)
    for at_ms, why in ((closes_ms - 1, "exam-ahead"), (closes_ms + 1, "appeal-possible")):
        with pytest.raises(ErasureHeld) as held:
            await office.requests.erase(erasure_id, ALL, act=Act(actor=ACT.actor, at_ms=at_ms))
        assert (held.value.why, held.value.until_ms) == (why, closes_ms + APPEAL_MS)


async def test_a_hold_keeps_a_person_until_it_is_lifted(database: Database) -> None:
    office = await Office(database).begin()
    person_id = await office.take(sent(9017), office.one)
    erasure_id = uuid4()
    await office.requests.ask_erasure(erasure_id, person_id, reason="", at_ms=NOON_MS)
    assert await office.requests.hold(person_id, hold_id=uuid4(), reason="申诉", act=ACT)
    with pytest.raises(ErasureHeld):
        await office.requests.erase(erasure_id, ALL, act=ACT)
    assert await office.requests.lift_hold(person_id, act=ACT) == 1
    assert await office.requests.erase(erasure_id, ALL, act=ACT) is not None


async def test_a_deleted_person_is_gone_and_their_number_is_free_while_results_stay(
    database: Database,
) -> None:
    closes_ms, person_id, office = await registered(Stores(database), 9018)
    erasure_id = uuid4()
    await office.requests.ask_erasure(erasure_id, person_id, reason="不再从业", at_ms=NOON_MS)
    late = Act(actor=ACT.actor, at_ms=closes_ms + APPEAL_MS + 1)
    done = await office.requests.erase(erasure_id, ALL, act=late)
    assert done is not None
    erased = {one.kind for one in done.outcome if one.erased}
    assert erased == {"identity", "phone", "given", "employment", "photos"}
    assert {one.kind for one in done.outcome} - erased == {"results", "answers", "audit", "consents"}
    assert await office.rights.own_file(person_id) is None
    assert await office.find(an_id_no(9018)) is None
    again = await office.take(sent(9018, "新来的"), office.one)
    assert again != person_id
    async with database.reading() as connection:
        kept = text("SELECT count(*) FROM registration WHERE person_id = :id")
        own = person_id.hex if database.is_sqlite else person_id
        assert (await connection.execute(kept, {"id": own})).scalar_one() == 1


async def test_a_licence_under_a_code_that_is_anothers_is_not_kept(database: Database) -> None:
    office = await Office(database).begin()
    files = {one.id: one for one in await office.houses.institution_files()}
    mine = msgspec.structs.replace(
        files[office.one], uscc=f"X{uuid4().hex[:17].upper()}", licence_until="2030-01-01", scopes=["架子工"]
    )
    assert await office.houses.keep_institution_file(mine, act=ACT)
    taken = msgspec.structs.replace(mine, id=office.two)
    assert not await office.houses.keep_institution_file(taken, act=ACT)
    files = {one.id: one for one in await office.houses.institution_files()}
    assert (files[office.one].scopes, files[office.two].uscc) == (["架子工"], "")
