"""Items in the database: only approved wordings are published, search finds what it says, backfill."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.item_ports import ItemQuery
from exam_api.people import Reach
from exam_api.store.bulk import put_rows
from exam_api.store.complaints import ComplaintStore
from exam_api.store.contents import item_rows, write_contents
from exam_api.store.engine import Database
from exam_api.store.items import ItemStore
from exam_api.store.lives import WORDING
from exam_api.store.migrate import upgrade
from exam_api.store.outlines import OutlineStore
from exam_api.store.pools import VERSION
from exam_api.store.working_copy import ITEM, ITEM_KEY, POOL
from question_pools.errors import BadPool, NothingApproved, OwnWording, WordingMoved
from question_pools.items import Item, ItemSet, Option, Pool, PoolVersion, version_of
from question_pools.life import Hand, State, Step
from question_pools.outline import Node
from question_pools.soundness import freeze
from tests.integration.store.world import ACT, SECOND, Stores, a_pool, a_session, an_item

JUDGE = Hand(SECOND.actor, writes=False, judges=True)


async def stored(stores: Stores, pool: Pool) -> UUID:
    return (await stores.pools.store(pool, (), pool_id=None, institution_id=None, act=ACT)).pool_id


async def judged(items: ItemStore, pool_id: UUID, *item_ids: str) -> None:
    for step in (Step.REVIEW, Step.APPROVE):
        refused = await items.step(pool_id, item_ids, step, JUDGE, reason="", act=SECOND)
        assert refused == {}


async def published(stores: Stores, pool_id: UUID) -> list[Item]:
    await stores.pools.publish(pool_id, act=ACT)
    version = await stores.pools.published(pool_id)
    assert version is not None
    return list(version.items)


async def test_a_pool_without_an_approved_item_is_not_published_and_says_how_many_wait(
    database: Database,
) -> None:
    stores = Stores(database)
    pool_id = await stored(stores, a_pool(uuid4().hex))
    with pytest.raises(NothingApproved) as refused:
        await stores.pools.publish(pool_id, act=ACT)
    assert (refused.value.drafts, refused.value.reviewed, refused.value.retired) == (9, 0, 0)
    assert await stores.pools.published(pool_id) is None


async def test_a_published_version_holds_what_is_approved_and_the_working_copy_goes_on(
    database: Database,
) -> None:
    stores, items = Stores(database), ItemStore(database)
    code = uuid4().hex
    pool = a_pool(code)
    pool_id = await stored(stores, pool)
    await judged(items, pool_id, f"{code}-s0", f"{code}-c0", f"{code}-c1")
    assert [one.id for one in await published(stores, pool_id)] == [f"{code}-s0"]  # the set's material waits
    working = await stores.pools.newest(pool_id)
    assert working is not None
    assert (working.items, working.sets, working.number) == (pool.items, pool.sets, 2)
    await judged(items, pool_id, f"set:{code}-set")
    again = await stores.pools.publish(pool_id, act=ACT)
    version = await stores.pools.published(pool_id)
    assert version is not None
    assert again is not None
    assert (again.number, again.left_out, len(version.sets)) == (2, 5, 1)
    assert [one.id for one in version.items] == [f"{code}-s0", f"{code}-c0", f"{code}-c1"]


async def test_a_new_wording_waits_while_the_approved_one_is_published_again(database: Database) -> None:
    stores, items = Stores(database), ItemStore(database)
    one, two = an_item(f"{uuid4().hex}-a"), an_item(f"{uuid4().hex}-b")
    pool_id = await stored(stores, Pool(uuid4().hex, "架子工", (one, two)))
    await judged(items, pool_id, one.id)
    better = msgspec.structs.replace(one, stem="改过的题干？")
    await items.write(pool_id, better, base=version_of(one), act=ACT)
    assert await published(stores, pool_id) == [one]
    await judged(items, pool_id, one.id, two.id)
    assert await published(stores, pool_id) == [better, two]


async def test_what_is_retired_is_left_out_of_the_next_version(database: Database) -> None:
    stores, items = Stores(database), ItemStore(database)
    one, two = an_item(f"{uuid4().hex}-a"), an_item(f"{uuid4().hex}-b")
    pool_id = await stored(stores, Pool(uuid4().hex, "架子工", (one, two)))
    await stores.pools.vouch(pool_id, act=SECOND)
    assert await published(stores, pool_id) == [one, two]
    await items.step(pool_id, [one.id], Step.RETIRE, JUDGE, reason="法规已修订", act=SECOND)
    assert await published(stores, pool_id) == [two]
    sheet = await items.sheet(pool_id, one.id)
    assert sheet is not None
    assert sheet.life.state is State.RETIRED
    await items.step(pool_id, [one.id], Step.RESTORE, JUDGE, reason="又改回来", act=SECOND)
    assert await published(stores, pool_id) == [two]
    await items.step(pool_id, [one.id], Step.APPROVE, JUDGE, reason="", act=SECOND)
    assert await published(stores, pool_id) == [one, two]


async def test_the_database_itself_refuses_to_publish_what_is_not_approved(database: Database) -> None:
    stores = Stores(database)
    pool_id = await stored(stores, a_pool(uuid4().hex))
    with pytest.raises(IntegrityError, match="only approved"):
        async with database.writing() as connection:
            await connection.execute(
                update(VERSION).where(VERSION.c.pool_id == pool_id).values(published_ms=1)
            )


@pytest.mark.parametrize("values", [{"state": "approved"}, {"state": "approved", "own": True}])
async def test_the_database_itself_refuses_an_approval_by_nobody_or_by_the_author(
    database: Database, values: dict[str, object]
) -> None:
    stores = Stores(database)
    pool_id = await stored(stores, a_pool(uuid4().hex))
    who = ACT.actor if values.pop("own", False) else ""
    judged_by = values | {"reviewer": who, "approver": who}
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(update(WORDING).where(WORDING.c.pool_id == pool_id).values(judged_by))


async def test_vouching_in_the_authors_name_approves_nothing(database: Database) -> None:
    stores = Stores(database)
    pool_id = await stored(stores, a_pool(uuid4().hex))
    with pytest.raises(OwnWording):
        await stores.pools.vouch(pool_id, act=ACT)
    assert (await ItemStore(database).standing(pool_id)).approved == 0


async def test_of_two_who_write_at_once_one_is_told(database: Database) -> None:
    stores, items = Stores(database), ItemStore(database)
    item = an_item(uuid4().hex)
    pool_id = await stored(stores, Pool(uuid4().hex, "架子工", (item,)))
    ways = [msgspec.structs.replace(item, stem=f"第 {n} 种写法？") for n in range(4)]
    done = await asyncio.gather(
        *(items.write(pool_id, way, base=version_of(item), act=ACT) for way in ways),
        return_exceptions=True,
    )
    assert [type(one) for one in done if one] == [WordingMoved] * 3
    sheet = await items.sheet(pool_id, item.id)
    assert sheet is not None
    assert len(sheet.worded) == 2


async def test_an_unsound_wording_is_refused_and_changes_nothing(database: Database) -> None:
    stores, items = Stores(database), ItemStore(database)
    item = an_item(uuid4().hex)
    pool_id = await stored(stores, Pool(uuid4().hex, "架子工", (item,)))
    with pytest.raises(BadPool):
        await items.write(pool_id, msgspec.structs.replace(item, key=0), base=version_of(item), act=ACT)
    version = await stores.pools.newest(pool_id)
    assert version is not None
    assert version.items == (item,)


async def test_an_import_of_the_same_content_keeps_what_is_approved(database: Database) -> None:
    stores, items = Stores(database), ItemStore(database)
    code = uuid4().hex
    pool_id = await stored(stores, a_pool(code))
    await stores.pools.vouch(pool_id, act=SECOND)
    await stores.pools.store(a_pool(code, items=6), (), pool_id=pool_id, institution_id=None, act=ACT)
    held = await items.standing(pool_id)
    assert (held.approved, held.drafts) == (9, 2)


async def test_the_changed_material_of_a_set_is_a_draft_again_and_the_old_one_is_drawn(
    database: Database,
) -> None:
    stores = Stores(database)
    code = uuid4().hex
    pool = a_pool(code)
    pool_id = await stored(stores, pool)
    await stores.pools.vouch(pool_id, act=SECOND)
    [material] = pool.sets
    changed = ItemSet(material.id, "另一个工地……", (), material.items)
    again = msgspec.structs.replace(pool, sets=(changed,))
    await stores.pools.store(again, (), pool_id=pool_id, institution_id=None, act=ACT)
    await stores.pools.publish(pool_id, act=ACT)
    version = await stores.pools.published(pool_id)
    assert version is not None
    assert version.sets == (material,)


SEARCHED = (
    ("100%_安全", {"text": "0%_安"}, ["a"]),
    ("100%_安全", {"text": "%"}, ["a"]),
    ("100%_安全", {"text": "a\\b"}, []),
    ("x", {"text": "SAFETY 帽"}, ["c"]),
    ("x", {"text": "旧 帽"}, []),
    ("x", {"outline": "1.2"}, ["a", "b"]),
    ("x", {"outline": "1.2.3"}, ["b"]),
    ("x", {"difficulty": 5}, ["c"]),
    ("x", {"state": "approved"}, ["b"]),
    ("x", {"waits_for": SECOND.actor}, ["a", "c"]),
    ("x", {"waits_for": ACT.actor}, []),
    ("x", {"drawn_to": 0}, ["a", "b", "c"]),
    ("x", {"drawn_from": 1}, []),
    ("x", {"reported": True}, []),
    ("x", {"offset": 1, "limit": 1}, ["b"]),
)


@pytest.mark.parametrize(("stem", "query", "found"), SEARCHED)
async def test_search_finds_what_it_says(
    database: Database, stem: str, query: dict[str, object], found: list[str]
) -> None:
    stores, items = Stores(database), ItemStore(database)
    code = uuid4().hex
    pair = (Option("帽"), Option("带"))
    made = (
        an_item(f"{code}-a", stem=stem, outline="1.2"),
        an_item(f"{code}-b", stem="什么？", outline="1.2.3"),
        an_item(f"{code}-c", stem="新 Safety 题？", outline="1.20", difficulty=5, options=pair),
    )
    pool_id = await stored(stores, Pool(code, "架子工", made))
    await judged(items, pool_id, made[1].id)
    answer = await items.found(pool_id, msgspec.convert({"limit": 10} | query, ItemQuery))
    assert [line.item_id.removeprefix(f"{code}-") for line in answer.lines] == found
    if "offset" not in query:
        assert answer.total == len(found)


async def test_a_complaint_belongs_to_the_pool_its_session_drew_from(database: Database) -> None:
    stores, complaints = Stores(database), ComplaintStore(database)
    planned = await a_session(stores)
    async with database.reading() as connection:
        told = text(
            "select held.version from pool_version_item held join session s "
            "on s.pool_version_id = held.pool_version_id where s.id = :id order by held.position limit 1"
        ).columns(version=WORDING.c.version.type)
        held_id = planned.id if database.url.get_backend_name() != "sqlite" else planned.id.hex
        version = (await connection.execute(told, {"id": held_id})).scalar_one()
    await stores.sittings.report_item(uuid4(), planned.id, slot=0, version=version, text="两项相同", at_ms=5)
    own = Reach(institution_id=planned.institution_id)
    [found] = await complaints.complaints(own, pool_id=None, item_id="", still_open=True)
    assert (found.text, found.version) == ("两项相同", version.hex())
    for other in (Reach(), Reach(institution_id=uuid4())):
        assert await complaints.complaints(other, pool_id=None, item_id="", still_open=True) == []
        assert not await complaints.answer(other, found.id, outcome="mended", reason="改了", act=ACT)
    [waits] = [one for one in await complaints.waiting(own, ACT.actor) if one.complaints]
    assert (waits.pool_id, waits.complaints) == (found.pool_id, 1)
    done = await asyncio.gather(
        *(complaints.answer(own, found.id, outcome="mended", reason="改了", act=ACT) for _ in range(3))
    )
    assert sorted(done) == [False, False, True]


async def test_an_outline_takes_the_place_of_the_one_before(database: Database) -> None:
    stores, outlines = Stores(database), OutlineStore(database)
    code = uuid4().hex
    items = (an_item(f"{code}-a", outline="1.2"), an_item(f"{code}-b", outline="1.2"))
    pool_id = await stored(stores, Pool(code, "架子工", items))
    await outlines.keep_outline(pool_id, [Node("1", "一"), Node("1.10", "十"), Node("1.2", "二")], act=ACT)
    nodes, held = await outlines.outline(pool_id)
    assert ([node.code for node in nodes], held) == (["1", "1.2", "1.10"], {"1.2": 2})
    await outlines.keep_outline(pool_id, [Node("2", "另")], act=ACT)
    assert (await outlines.outline(pool_id))[0] == [Node("2", "另")]


async def a_version(connection: AsyncConnection, pool_id: UUID, number: int, pool: Pool) -> PoolVersion:
    """A version as it was written before items had states."""
    frozen = freeze(pool, number)
    row = {
        "pool_id": pool_id,
        "number": number,
        "digest": frozen.digest,
        "made_ms": number,
        "published_ms": 0,
    }
    version_id = uuid4()
    await connection.execute(insert(VERSION), row | {"id": version_id})
    public, secret = item_rows(frozen.items)
    await put_rows(connection, ITEM, public)
    await put_rows(connection, ITEM_KEY, secret)
    await write_contents(connection, version_id, frozen)
    return frozen


async def test_pools_from_before_items_had_states_stay_valid(tmp_path: Path) -> None:
    """What was published counts as approved after the migration; what waited in a draft is a draft."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"
    await asyncio.to_thread(upgrade, url, "0005")
    code, pool_id = uuid4().hex, uuid4()
    database = Database(url)
    async with database.writing() as connection:
        row = {"id": pool_id, "institution_id": None, "code": code, "title": "架子工", "made_ms": 1}
        await connection.execute(insert(POOL), row)
        before = await a_version(connection, pool_id, 1, a_pool(code))
        await connection.execute(update(VERSION).values(published_ms=5))
        await a_version(connection, pool_id, 2, a_pool(code, items=5))
    await database.close()
    await asyncio.to_thread(upgrade, url)
    database = Database(url)
    stores, items = Stores(database, tmp_path), ItemStore(database)
    held = await items.standing(pool_id)
    assert (held.approved, held.drafts) == (9, 1)
    version = await stores.pools.published(pool_id)
    assert version == before
    same = await stores.pools.publish(pool_id, act=ACT)
    assert same is not None
    assert (same.is_new, same.left_out, same.digest) == (False, 1, before.digest)
    sheet = await items.sheet(pool_id, f"set:{code}-set")
    assert sheet is not None
    assert (sheet.life.state, sheet.life.newest.author) == (State.APPROVED, "system:before")
    await stores.pools.store(a_pool(code, items=6), (), pool_id=pool_id, institution_id=None, act=ACT)
    await stores.pools.vouch(pool_id, act=SECOND)
    again = await stores.pools.publish(pool_id, act=ACT)
    assert again is not None
    assert (again.number, again.left_out) == (2, 0)
    await database.close()
