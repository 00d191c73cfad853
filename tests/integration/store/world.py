"""A small world made through the store's own adapters: an institution, a pool, a blueprint, a session."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID, uuid4

import msgspec

from enrollment.identity import check_character
from exam_api.blobs.pictures import LocalPictures
from exam_api.console_ports import Act, NewRegistration, PlanAsk
from exam_api.record import SessionFacts, SessionState
from exam_api.store.blueprints import BlueprintStore
from exam_api.store.engine import Database
from exam_api.store.house import HouseStore
from exam_api.store.keeping import Keeper
from exam_api.store.people import PeopleStore
from exam_api.store.plans import PlanStore
from exam_api.store.pools import PoolStore
from exam_api.store.roster import Registrar
from exam_api.store.sealed import AesSealer, BlindIndex
from exam_api.store.sittings import SittingStore
from question_pools.blueprint import Blueprint, Cell, Section, digest, total_centi
from question_pools.items import Item, ItemId, ItemSet, Kind, Option, Pool, judge_options
from tests.integration.store.builders import NOON_MS

ACT = Act(actor="staff:00000000-0000-4000-8000-000000000001", at_ms=NOON_MS)
SECOND = Act(actor="staff:00000000-0000-4000-8000-000000000002", at_ms=NOON_MS)
SEALER = AesSealer(hashlib.sha256(b"seal").digest())
BLIND = BlindIndex(hashlib.sha256(b"blind").digest())


class Stores:
    """All adapters on one database."""

    def __init__(self, database: Database, pictures: Path | None = None) -> None:
        self.database = database
        self.pools = PoolStore(database, LocalPictures(pictures or Path(gettempdir()) / "kaowu-no-pictures"))
        self.blueprints = BlueprintStore(database)
        self.house = HouseStore(database)
        self.sittings = SittingStore(database, Registrar(Keeper(SEALER, BLIND)))
        self.plans = PlanStore(database)
        self.people = PeopleStore(database, SEALER)


class Planned(msgspec.Struct, frozen=True):
    id: UUID
    institution_id: UUID
    facts: SessionFacts


def an_item(name: str, kind: Kind = Kind.SINGLE, **given: object) -> Item:
    options = (
        judge_options() if kind is Kind.JUDGE else tuple(Option(f"{name} 选项 {n}") for n in range(1, 5))
    )
    key = 0b101 if kind is Kind.MULTI else 0b10
    item = Item(ItemId(name), kind, f"{name}：以下说法正确的是？", options, key, rationale="见规范第 3 条")
    return msgspec.structs.replace(item, **given)


def a_pool(code: str, *, items: int = 4) -> Pool:
    singles = [an_item(f"{code}-s{n}") for n in range(items)]
    others = [an_item(f"{code}-m", Kind.MULTI), an_item(f"{code}-j", Kind.JUDGE)]
    children = [an_item(f"{code}-c{n}", set_id=f"{code}-set") for n in range(2)]
    one = ItemSet(f"{code}-set", "某工地发生事故……", (), tuple(child.id for child in children))
    return Pool(code, "架子工", (*singles, *others, *children), (one,))


def a_blueprint() -> Blueprint:
    section = Section("单选题", Kind.SINGLE, 2, 5_000, "all_or_nothing", cells=(Cell(count=1),))
    return Blueprint("worker", "标准卷", (section,))


def an_id_no(n: int) -> str:
    """Below 1,000 are those that a test names; random ones come from 1,000 on, 28,000 are different."""
    body = f"639900199001{n % 28 + 1:02d}{n // 28 % 1000:03d}"
    return body + check_character(body)


def a_roster(count: int, *, first: int = 0, phone: str = "13800000000") -> list[NewRegistration]:
    return [
        NewRegistration(id=uuid4(), person_id=uuid4(), name=f"考生{n}", id_no=an_id_no(n), phone=phone)
        for n in range(first, first + count)
    ]


async def an_institution(stores: Stores, name: str = "第一培训学校") -> UUID:
    institution_id = uuid4()
    await stores.house.keep_institution(institution_id, name=name, act=ACT)
    return institution_id


async def a_session(
    stores: Stores, institution_id: UUID | None = None, *, announced: bool = True, **given: object
) -> Planned:
    owner = institution_id or await an_institution(stores)
    stored = await stores.pools.store(a_pool(uuid4().hex), (), pool_id=None, institution_id=owner, act=ACT)
    await stores.pools.vouch(stored.pool_id, act=SECOND)
    await stores.pools.publish(stored.pool_id, act=ACT)
    kept = await stores.blueprints.keep_blueprint(a_blueprint(), institution_id=owner, act=ACT)
    facts = SessionFacts(
        id=uuid4(),
        institution_id=owner,
        institution="第一培训学校",
        title="第一场",
        channel="phone",
        profile="worker",
        profile_confirmed=True,
        pool_digest=stored.digest,
        blueprint_digest=digest(a_blueprint()),
        opens_ms=NOON_MS,
        entry_ms=NOON_MS - 1_800_000,
        latest_entry_ms=NOON_MS + 900_000,
        closes_ms=NOON_MS + 7_200_000,
        length_ms=3_600_000,
        earliest_hand_in_ms=0,
        navigation="free",
        takeover="staff",
        late_hold=True,
        pass_centi=6_000,
        full_centi=total_centi(a_blueprint()),
        state=SessionState.DRAFT,
    )
    facts = msgspec.structs.replace(facts, **given)
    ask = PlanAsk(facts=facts, pool_id=stored.pool_id, blueprint_id=kept.id)
    await stores.sittings.plan(ask, act=ACT)
    if announced:
        await stores.sittings.announce(facts.id, act=ACT)
        facts = msgspec.structs.replace(facts, state=SessionState.OPEN)
    return Planned(facts.id, owner, facts)


async def registered(stores: Stores, planned: Planned, people: Sequence[NewRegistration]) -> int:
    return await stores.sittings.register(planned.id, people, act=ACT)
