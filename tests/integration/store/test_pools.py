"""Pools: what is imported comes back whole, what is published never changes, keys lie apart."""

import asyncio
import hashlib
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from exam_api.people import Reach
from exam_api.store.contents import HELD, ITEM, ITEM_KEY
from exam_api.store.engine import Database
from exam_api.store.pools import VERSION
from question_pools.errors import BadPool
from question_pools.items import Picture, Pool, version_of
from tests.integration.store.world import ACT, SECOND, Stores, a_blueprint, a_pool, an_institution, an_item

EVERYWHERE = Reach(everywhere=True)


async def test_a_pool_comes_back_as_it_was_imported(database: Database) -> None:
    stores = Stores(database)
    pool = a_pool(uuid4().hex)
    stored = await stores.pools.store(pool, (), pool_id=None, institution_id=None, act=ACT)
    version = await stores.pools.newest(stored.pool_id)
    assert version is not None
    assert (version.items, version.sets) == (pool.items, pool.sets)
    assert (version.pool_code, version.number, version.digest) == (pool.code, 1, stored.digest)


async def test_a_draft_is_not_published_until_somebody_says_so(database: Database) -> None:
    stores = Stores(database)
    stored = await stores.pools.store(a_pool(uuid4().hex), (), pool_id=None, institution_id=None, act=ACT)
    assert await stores.pools.published(stored.pool_id) is None
    await stores.pools.vouch(stored.pool_id, act=SECOND)
    assert await stores.pools.publish(stored.pool_id, act=ACT) == stored
    version = await stores.pools.published(stored.pool_id)
    assert version is not None
    assert version.digest == stored.digest


async def test_importing_again_changes_nothing(database: Database) -> None:
    stores = Stores(database)
    pool = a_pool(uuid4().hex)
    first = await stores.pools.store(pool, (), pool_id=None, institution_id=None, act=ACT)
    await stores.pools.vouch(first.pool_id, act=SECOND)
    await stores.pools.publish(first.pool_id, act=ACT)
    assert await stores.pools.store(pool, (), pool_id=None, institution_id=None, act=ACT) == first
    summary = await stores.pools.pool(first.pool_id)
    assert summary is not None
    assert (summary.versions, summary.published, summary.items) == (1, 1, 8)


async def test_parallel_imports_of_one_file_make_one_pool_with_one_version(database: Database) -> None:
    stores = Stores(database)
    pool = a_pool(uuid4().hex)
    stored = await asyncio.gather(
        *(stores.pools.store(pool, (), pool_id=None, institution_id=None, act=ACT) for _ in range(8))
    )
    assert len(set(map(msgspec.json.encode, stored))) == 1


async def test_a_draft_is_replaced_and_a_published_version_gets_a_successor(database: Database) -> None:
    stores = Stores(database)
    code = uuid4().hex
    first = await stores.pools.store(a_pool(code), (), pool_id=None, institution_id=None, act=ACT)
    better = await stores.pools.store(a_pool(code, items=5), (), pool_id=None, institution_id=None, act=ACT)
    await stores.pools.vouch(first.pool_id, act=SECOND)
    await stores.pools.publish(first.pool_id, act=ACT)
    third = await stores.pools.store(
        a_pool(code, items=6), (), pool_id=first.pool_id, institution_id=None, act=ACT
    )
    published = await stores.pools.published(first.pool_id)
    assert (first.number, better.number, third.number) == (1, 1, 2)
    assert published is not None
    assert published.digest == better.digest


async def test_one_code_of_two_institutions_is_two_pools(database: Database) -> None:
    stores = Stores(database)
    pool = a_pool(uuid4().hex)
    a, b = await an_institution(stores), await an_institution(stores)
    own = [
        await stores.pools.store(pool, (), pool_id=None, institution_id=owner, act=ACT)
        for owner in (a, b, None)
    ]
    seen = {one.id for one in await stores.pools.pools(Reach(institution_id=a))}
    assert [one.pool_id in seen for one in own] == [True, False, True]
    assert {one.pool_id for one in own} <= {one.id for one in await stores.pools.pools(EVERYWHERE)}


async def test_an_unsound_pool_is_refused_whole(database: Database) -> None:
    stores = Stores(database)
    code = uuid4().hex
    twice = Pool(code, "架子工", (an_item(code), an_item(code)))
    with pytest.raises(BadPool):
        await stores.pools.store(twice, (), pool_id=None, institution_id=None, act=ACT)
    assert code not in {one.code for one in await stores.pools.pools(EVERYWHERE)}


async def test_no_key_or_rationale_lies_in_the_public_content(database: Database) -> None:
    stores = Stores(database)
    item = an_item(uuid4().hex, rationale="只有阅卷可见")
    await stores.pools.store(Pool(item.id, "架子工", (item,)), (), pool_id=None, institution_id=None, act=ACT)
    version = bytes.fromhex(version_of(item))
    async with database.reading() as connection:
        content = await connection.scalar(select(ITEM.c.content).where(ITEM.c.version == version))
        secret = await connection.scalar(select(ITEM_KEY.c.secret).where(ITEM_KEY.c.version == version))
    assert content is not None
    assert '"key"' not in content
    assert "只有阅卷可见" not in content
    assert msgspec.json.decode(secret or "") == {"key": 2, "rationale": "只有阅卷可见"}


@pytest.mark.parametrize("change", ["unpublish", "take an item out", "change a wording", "change a key"])
async def test_the_database_itself_refuses_to_change_what_was_published(
    database: Database, change: str
) -> None:
    stores = Stores(database)
    stored = await stores.pools.store(a_pool(uuid4().hex), (), pool_id=None, institution_id=None, act=ACT)
    await stores.pools.vouch(stored.pool_id, act=SECOND)
    await stores.pools.publish(stored.pool_id, act=ACT)
    version_id = select(VERSION.c.id).where(VERSION.c.pool_id == stored.pool_id).scalar_subquery()
    version = select(HELD.c.version).where(HELD.c.pool_version_id == version_id)
    statement = {
        "unpublish": update(VERSION).where(VERSION.c.pool_id == stored.pool_id).values(published_ms=0),
        "take an item out": delete(HELD).where(HELD.c.pool_version_id == version_id),
        "change a wording": update(ITEM).where(ITEM.c.version.in_(version)).values(content="{}"),
        "change a key": update(ITEM_KEY).where(ITEM_KEY.c.version.in_(version)).values(secret="{}"),
    }[change]
    with pytest.raises(IntegrityError, match="never changed"):
        async with database.writing() as connection:
            await connection.execute(statement)


async def test_pictures_come_back_with_their_kind(database: Database, tmp_path: Path) -> None:
    stores = Stores(database, tmp_path)
    data = uuid4().bytes
    picture = Picture(hashlib.sha256(data).hexdigest(), "image/png", data)
    pool = Pool(uuid4().hex, "架子工", (an_item("p", pictures=(picture.sha256,)),))
    await stores.pools.store(pool, (picture,), pool_id=None, institution_id=None, act=ACT)
    assert await stores.pools.picture(picture.sha256) == picture
    assert await stores.pools.picture("0" * 64) is None


async def test_an_equal_blueprint_is_given_back(database: Database) -> None:
    stores = Stores(database)
    a, b = await an_institution(stores), await an_institution(stores)
    kept = await asyncio.gather(
        *(stores.blueprints.keep_blueprint(a_blueprint(), institution_id=a, act=ACT) for _ in range(5))
    )
    other = await stores.blueprints.keep_blueprint(a_blueprint(), institution_id=b, act=ACT)
    assert len({one.id for one in kept}) == 1
    assert await stores.blueprints.blueprint(kept[0].id) == kept[0]
    assert other.id not in {one.id for one in await stores.blueprints.blueprints(Reach(institution_id=a))}
    everywhere = await stores.blueprints.blueprints(Reach(everywhere=True))
    assert {kept[0].id, other.id} <= {one.id for one in everywhere}
