"""Accounts, second factors and keys in both databases: each step, code and name is taken once."""

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest

from exam_api.account_ports import MachineKey, NewAccount, NewEmployer
from exam_api.people import Reach, Role
from exam_api.store.accounts import AccountStore
from exam_api.store.engine import Database
from exam_api.store.machine_keys import MachineKeyStore
from exam_api.store.second_factors import FactorStore
from tests.integration.store.builders import NOON_MS
from tests.integration.store.world import ACT, Stores, an_institution


def an_account(role: Role = Role.OFFICER, **given: object) -> NewAccount:
    account = NewAccount(
        id=uuid4(),
        login_name=uuid4().hex[:20],
        name="何主任",
        role=role,
        institution_id=None,
        employer_id=None,
        password_hash="$argon2id$1",
    )
    return msgspec.structs.replace(account, **given)


async def made(database: Database, role: Role = Role.OFFICER, **given: object) -> UUID:
    account = an_account(role, **given)
    assert await AccountStore(database).create(account, None, act=ACT)
    return account.id


async def test_of_two_who_take_one_login_name_one_gets_it(database: Database) -> None:
    store = AccountStore(database)
    name = uuid4().hex
    got = await asyncio.gather(*(store.create(an_account(login_name=name), None, act=ACT) for _ in range(5)))
    assert sum(got) == 1


async def test_an_institution_reaches_its_own_accounts_only(database: Database) -> None:
    store, stores = AccountStore(database), Stores(database)
    own, other = await an_institution(stores, "甲校"), await an_institution(stores, "乙校")
    mine = await made(database, Role.INVIGILATOR, institution_id=own)
    theirs = await made(database, Role.INVIGILATOR, institution_id=other)
    assert [one.id for one in await store.accounts(Reach(institution_id=own))] == [mine]
    everywhere = {one.id for one in await store.accounts(Reach(everywhere=True))}
    assert {mine, theirs} <= everywhere


async def test_an_employer_is_found_again_by_its_credit_code(database: Database) -> None:
    store, uscc = AccountStore(database), uuid4().hex[:18].upper()
    found = []
    for name in ("第一个名字", "第二个名字"):
        account = an_account(Role.EMPLOYER_CLERK)
        assert await store.create(account, NewEmployer(id=uuid4(), uscc=uscc, name=name), act=ACT)
        found.append(await store.account(account.id))
    assert {one.employer for one in found if one} == {"第一个名字"}
    assert len({one.employer_id for one in found if one}) == 1


async def test_a_password_is_hashed_anew_only_where_it_was_not_changed_meanwhile(database: Database) -> None:
    store, account_id = AccountStore(database), await made(database)
    await store.rehash(account_id, old="$argon2id$other", new="$argon2id$new")
    held = await store.credential(account_id)
    assert held is not None
    assert held.password_hash == "$argon2id$1"
    await store.rehash(account_id, old="$argon2id$1", new="$argon2id$new")
    held = await store.credential(account_id)
    assert held is not None
    assert held.password_hash == "$argon2id$new"
    await store.set_open(account_id, is_open=False, act=ACT)
    assert await store.credential(account_id) is None


async def test_a_step_and_a_recovery_code_are_taken_once_whoever_comes_together(database: Database) -> None:
    store, account_id = FactorStore(database), await made(database)
    assert await store.begin(account_id, b"first", at_ms=NOON_MS)
    assert await store.begin(account_id, b"second", at_ms=NOON_MS), (
        "until it is confirmed it may be begun again"
    )
    codes = [bytes([number]) * 32 for number in range(3)]
    assert await store.confirm(account_id, 100, codes, act=ACT)
    assert not await store.confirm(account_id, 101, codes, act=ACT)
    assert not await store.begin(account_id, b"third", at_ms=NOON_MS)
    assert sum(await asyncio.gather(*(store.use_step(account_id, 101) for _ in range(5)))) == 1
    assert not await store.use_step(account_id, 100)
    used = await asyncio.gather(*(store.use_code(account_id, [codes[0]], act=ACT) for _ in range(5)))
    assert sum(used) == 1
    factor = await store.factor(account_id)
    assert factor is not None
    assert (factor.secret_sealed, factor.last_step, factor.codes_left) == (b"second", 101, 2)
    await store.new_codes(account_id, codes[:1], act=ACT)
    assert await store.use_code(account_id, [b"x" * 32, codes[0]], act=ACT), "kept under a former key"
    await store.remove(account_id, act=ACT)
    assert await store.factor(account_id) is None
    assert not await store.use_code(account_id, [codes[0]], act=ACT)


async def test_a_machine_is_found_by_a_good_key_while_it_is_open(database: Database) -> None:
    store, account_id = MachineKeyStore(database), await made(database, Role.CE_PLATFORM)
    first, second = (
        MachineKey(id=uuid4(), hint="abcd", made_ms=NOON_MS + number, until_ms=0) for number in range(2)
    )
    hashes = [uuid4().bytes * 2, uuid4().bytes * 2]
    await store.add(account_id, first, hashes[0], others_until_ms=NOON_MS + 10, act=ACT)
    await store.add(account_id, second, hashes[1], others_until_ms=NOON_MS + 10, act=ACT)

    async def found(now_ms: int) -> list[bool]:
        return [await store.machine(one, now_ms=now_ms) is not None for one in hashes]

    assert await found(NOON_MS + 9) == [True, True]
    assert await found(NOON_MS + 10) == [False, True]
    assert [one.id for one in await store.keys(account_id, now_ms=NOON_MS)] == [second.id, first.id]
    assert await store.revoke(account_id, second.id, act=ACT)
    assert not await store.revoke(account_id, second.id, act=ACT)
    assert await found(NOON_MS) == [True, False]
    await AccountStore(database).set_open(account_id, is_open=False, act=ACT)
    assert await found(NOON_MS) == [False, False]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.OPERATOR])
async def test_a_key_of_a_person_is_no_machine(database: Database, role: Role) -> None:
    store, account_id = MachineKeyStore(database), await made(database, role)
    key = MachineKey(id=uuid4(), hint="abcd", made_ms=NOON_MS, until_ms=0)
    key_hash = uuid4().bytes * 2
    await store.add(account_id, key, key_hash, others_until_ms=NOON_MS, act=ACT)
    assert await store.machine(key_hash, now_ms=NOON_MS) is None
