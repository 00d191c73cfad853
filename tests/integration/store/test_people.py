"""People and accounts as log-ins ask for them."""

from uuid import uuid4

import pytest

from exam_api.console_ports import NewStaff, SigningKey
from exam_api.people import ArmedPerson, Holder, Role, StaffAccount
from exam_api.store.engine import Database
from exam_api.store.house import HouseStore
from exam_api.store.sealed import NotOurs
from exam_api.store.signing_keys import SigningKeyStore
from tests.integration.store.builders import NOON_MS
from tests.integration.store.world import (
    ACT,
    BLIND,
    SEALER,
    Stores,
    a_roster,
    a_session,
    an_id_no,
    an_institution,
    registered,
)


async def test_a_person_is_found_by_blind_index_with_all_registrations(database: Database) -> None:
    stores = Stores(database)
    sessions = [await a_session(stores), await a_session(stores)]
    for planned in sessions:
        await registered(stores, planned, a_roster(1, first=700))
    own = [(await stores.plans.registrations(planned.id))[0] for planned in sessions]
    person = await stores.people.person(BLIND(an_id_no(700)))
    assert person is not None
    assert set(person.registrations) == {one.id for one in own}
    assert person == ArmedPerson(
        person_id=own[0].person_id,
        name="考生700",
        phone_sealed=own[0].phone_sealed,
        registrations=person.registrations,
    )


async def test_a_ticket_tells_its_holder(database: Database) -> None:
    stores = Stores(database)
    planned = await a_session(stores)
    await registered(stores, planned, a_roster(1, first=701))
    (one,) = await stores.plans.registrations(planned.id)
    by_ticket = await stores.people.holder_by_ticket(one.ticket_no)
    assert by_ticket == await stores.people.holder(one.id)
    assert by_ticket == Holder(
        registration_id=one.id,
        session_id=planned.id,
        blind=BLIND(an_id_no(701)),
        id_no=an_id_no(701),
        person=ArmedPerson(
            person_id=one.person_id,
            name="考生701",
            phone_sealed=one.phone_sealed,
            registrations=(one.id,),
        ),
    )


async def test_strangers_are_nobody(database: Database) -> None:
    people = Stores(database).people
    assert await people.person(b"0" * 32) is None
    assert await people.holder(uuid4()) is None
    assert await people.holder_by_ticket("999999999") is None
    assert await people.staff("nobody") is None


def a_staff(login_name: str, **given: object) -> NewStaff:
    values: dict[str, object] = {
        "name": "何主任",
        "role": Role.OFFICER,
        "institution_id": None,
        "password_hash": "$argon2id$1",
    }
    return NewStaff(login_name=login_name, **values | given)  # type: ignore[arg-type]


async def test_an_account_is_found_with_its_institution_until_it_is_closed(database: Database) -> None:
    stores = Stores(database)
    owner = await an_institution(stores, "第二培训学校")
    login = uuid4().hex
    account = a_staff(login.upper(), role=Role.INSTITUTION_ADMIN, institution_id=owner)
    await stores.house.keep_staff(account, act=ACT)
    found = await stores.people.staff(login)
    assert found is not None
    assert found == StaffAccount(
        id=found.id,
        login_name=login,
        role=Role.INSTITUTION_ADMIN,
        name="何主任",
        institution_id=owner,
        institution="第二培训学校",
        password_hash="$argon2id$1",
    )
    assert await stores.people.staff_of(found.id) == found
    assert await stores.house.disable_staff(login, act=ACT)
    assert await stores.people.staff_of(found.id) is None
    assert await stores.people.staff(login) is None
    assert not await stores.house.disable_staff(login, act=ACT)


async def test_an_account_that_is_there_stays_and_takes_a_new_password(database: Database) -> None:
    stores = Stores(database)
    login = uuid4().hex
    await stores.house.keep_staff(a_staff(login), act=ACT)
    await stores.house.keep_staff(a_staff(login, password_hash="$argon2id$2"), act=ACT)
    before = await stores.people.staff(login)
    assert await stores.house.set_password(login, "$argon2id$3", act=ACT)
    after = await stores.people.staff(login)
    assert before is not None
    assert after is not None
    assert (before.password_hash, after.password_hash) == ("$argon2id$1", "$argon2id$3")
    assert not await stores.house.set_password(uuid4().hex, "$argon2id$3", act=ACT)


async def test_an_institution_that_is_there_keeps_its_name(database: Database) -> None:
    house, institution_id = HouseStore(database), uuid4()
    for name in ("第三培训学校", "别的名字"):
        await house.keep_institution(institution_id, name=name, act=ACT)
    assert await Stores(database).sittings.institution(institution_id) == "第三培训学校"


def test_what_is_sealed_for_one_person_does_not_open_for_another() -> None:
    sealed = SEALER.seal(b"13800000000", context=b"one")
    assert SEALER.open(sealed, context=b"one") == b"13800000000"
    for changed, context in (
        (sealed, b"two"),
        (sealed[:-1], b"one"),
        (b"", b"one"),
        (b"\x02" + sealed, b"one"),
    ):
        with pytest.raises(NotOurs):
            SEALER.open(changed, context=context)


async def test_published_keys_stay(database: Database) -> None:
    keys = SigningKeyStore(database)
    key = SigningKey(id=uuid4().hex[:8], public_key=b"k" * 32, since_ms=NOON_MS)
    await keys.keep(key)
    await keys.keep(SigningKey(id=key.id, public_key=b"x" * 32, since_ms=NOON_MS + 1))
    assert [one for one in await keys.all() if one.id == key.id] == [key]
