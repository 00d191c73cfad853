"""From settings to parts: the only file that knows every adapter."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any
from uuid import uuid4

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from exam_api.attempt.receipt import key_id, public_bytes
from exam_api.blobs.pictures import LocalPictures
from exam_api.console_ports import SigningKey
from exam_api.errors import AwayError, LiveAway, RecordAway
from exam_api.http.cookies import PLAIN, SECURE
from exam_api.http.parts import Parts
from exam_api.http.wall import Wall
from exam_api.jobs.beat import keep_beating
from exam_api.jobs.warm import keep_warm
from exam_api.keys import Purpose, derive
from exam_api.live.armory import RedisArmory
from exam_api.live.attempts import RedisLive
from exam_api.live.log import RedisLog
from exam_api.live.logins import RedisLogins
from exam_api.live.redis_lane import RedisLane
from exam_api.live.watch import Watch
from exam_api.passwords import Passwords
from exam_api.ports import Clock, Log, Sms
from exam_api.record import Registration
from exam_api.settings import Settings
from exam_api.sms.gateway import HttpGateway, Nowhere
from exam_api.sms.outbox import DemoOutbox
from exam_api.store.blueprints import BlueprintStore
from exam_api.store.engine import Database
from exam_api.store.house import HouseStore
from exam_api.store.people import PeopleStore
from exam_api.store.plans import PlanStore
from exam_api.store.pools import PoolStore
from exam_api.store.record import RecordStore
from exam_api.store.result_book import ResultBookStore
from exam_api.store.results import ResultStore
from exam_api.store.roster import Registrar
from exam_api.store.sealed import AesSealer, BlindIndex, number_context
from exam_api.store.signing_keys import SigningKeyStore
from exam_api.store.sittings import SittingStore
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.login_parts import LoginKeys, LoginParts
from exam_api.usecases.login_tickets import desk_mark, ticket_mark
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.practice import Practice
from exam_api.usecases.shelf import Shelf
from question_pools.exchange.pool_json import read_json

TOKEN_KEY_NO = 1
"""Number of the key that signs attempt tokens; a new key takes the next one."""

RETRY_S = 0.5
"""Pause between two attempts to open what does not answer at the start."""

_log = structlog.get_logger("wiring")


class WallClock(Clock):
    """This machine's clock."""

    def now_ms(self) -> int:
        """Unix time in ms."""
        return time.time_ns() // 1_000_000  # noqa: TID251 - the one clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """Everything that was made from the settings."""

    parts: Parts
    exam: ExamParts
    log: Log
    accounts: HouseStore
    passwords: Passwords
    database: Database
    lane: RedisLane


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What most parts are made from."""

    clock: Clock
    database: Database
    lane: RedisLane
    keys: Mapping[Purpose, bytes]
    sealer: AesSealer
    login_keys: LoginKeys


def wire(settings: Settings, *, clock: Clock | None = None) -> Wired:
    """Make all parts; nothing connects before `open_parts`, or `Parts.start` in an API process.

    Args:
        clock: what tells the time; this machine's clock unless a story moves its own.
    """
    keys = {purpose: derive(settings.secret, purpose) for purpose in Purpose}
    ground = _Ground(
        clock=clock or WallClock(),
        database=Database(settings.database_url),
        lane=RedisLane(settings.redis_url),
        keys=keys,
        sealer=AesSealer(keys[Purpose.FIELD_ENCRYPTION]),
        login_keys=LoginKeys(
            blind=BlindIndex(keys[Purpose.BLIND_INDEX]),
            login=keys[Purpose.LOGIN_TOKEN],
            ticket=keys[Purpose.TICKET],
        ),
    )
    exam, passwords = _exam(ground), Passwords()
    watch = Watch(settings.redis_url, epoch=secrets.token_hex(4))
    wall = Wall(live=exam.live, watch=watch, clock=exam.clock)
    running = Running(exam, lane=ground.lane, database=ground.database, watch=watch, wall=wall)
    parts = Parts(
        login=_login(settings, ground, exam, passwords),
        exam=exam,
        console=_console(settings, ground, exam),
        practice=_practice(),
        watch=watch,
        wall=wall,
        cookies=SECURE if settings.cookies_secure else PLAIN,
        origins=settings.public_origins,
        token_keys={TOKEN_KEY_NO: keys[Purpose.ATTEMPT_TOKEN]},
        demo=settings.demo,
        support_phone=settings.support_phone,
        web_dir=settings.web_dir,
        ready=running.ready,
        start=running.start,
        stop=running.stop,
    )
    return Wired(
        parts=parts,
        exam=exam,
        log=RedisLog(ground.lane),
        accounts=HouseStore(ground.database),
        passwords=passwords,
        database=ground.database,
        lane=ground.lane,
    )


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncGenerator[Wired, None]:
    """All parts, connected, for a process that is no API: worker and commands.

    Raises nothing when Redis is away: what needs it says so, and it is connected to when it comes.
    """
    wired = wire(settings)
    with contextlib.suppress(LiveAway):
        await wired.lane.open()
    try:
        yield wired
    finally:
        await wired.lane.close()
        await wired.database.close()


class Later:
    """Does things after the reply; what goes wrong is logged, nobody waits for it."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def do(self, what: Coroutine[Any, Any, None]) -> None:
        """Begin now, go on beside everything else."""
        task = asyncio.get_running_loop().create_task(what)
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (wrong := task.exception()) is not None:
            _log.error("later.failed", why=type(wrong).__name__)


class Running:
    """What an API process keeps open."""

    def __init__(
        self, exam: ExamParts, *, lane: RedisLane, database: Database, watch: Watch, wall: Wall
    ) -> None:
        self._exam = exam
        self._lane = lane
        self._database = database
        self._signing_keys = SigningKeyStore(database)
        self._watch = watch
        self._wall = wall
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect and begin to beat; what is away at the start is tried again beside the requests."""
        with contextlib.suppress(LiveAway):
            await self._lane.open()
        jobs = (
            self._open_watch(),
            self._publish_key(),
            keep_beating(self._exam.live, self._exam.clock),
            keep_warm(self._exam.armory, self._exam.shelf),
        )
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Let everything go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._wall.close()
        await self._watch.close()
        await self._lane.close()
        await self._database.close()

    async def ready(self) -> Mapping[str, bool]:
        """Whether live state and record answer."""
        return {"live": await _answers(self._ask_live()), "record": await _answers(self._ask_record())}

    async def _ask_live(self) -> None:
        await self._lane.command("PING")

    async def _ask_record(self) -> None:
        async with self._database.reading() as connection:
            await connection.execute(text("select 1"))

    async def _open_watch(self) -> None:
        while True:
            try:
                await self._watch.open()
            except LiveAway:
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _publish_key(self) -> None:
        """Keep the signing key's public half on record: receipts are checked after it is retired too."""
        key = SigningKey(
            id=self._exam.key_id,
            public_key=public_bytes(self._exam.signing_key),
            since_ms=self._exam.clock.now_ms(),
        )
        while True:
            try:
                await self._signing_keys.keep(key)
            except RecordAway:
                await asyncio.sleep(RETRY_S * 10)
            else:
                return


async def _answers(asked: Coroutine[Any, Any, None]) -> bool:
    try:
        await asked
    except AwayError:
        return False
    return True


def _login(settings: Settings, ground: _Ground, exam: ExamParts, passwords: Passwords) -> LoginParts:
    return LoginParts(
        clock=exam.clock,
        logins=exam.logins,
        armory=exam.armory,
        live=exam.live,
        people=PeopleStore(ground.database, ground.sealer),
        sms=_sms(settings),
        sealer=ground.sealer,
        keys=ground.login_keys,
        password_fits=passwords.fits,
        later=Later().do,
        new_id=uuid4,
        new_code=exam.new_code,
        new_token=lambda: secrets.token_bytes(32),
        demo=settings.demo,
    )


def _console(settings: Settings, ground: _Ground, exam: ExamParts) -> ConsoleParts:
    database = ground.database
    return ConsoleParts(
        exam=exam,
        pools=PoolStore(database, LocalPictures(settings.data_dir / "pictures")),
        blueprints=BlueprintStore(database),
        sittings=SittingStore(database, Registrar(ground.sealer, ground.login_keys.blind)),
        book=ResultBookStore(database),
        signing_keys=SigningKeyStore(database),
        in_thread=asyncio.to_thread,
        item_salt=ground.keys[Purpose.ITEM_SALT],
        ticket_key=ground.keys[Purpose.TICKET],
    )


def _exam(ground: _Ground) -> ExamParts:
    lane, database, keys = ground.lane, ground.database, ground.keys
    live, armory, plans = RedisLive(lane), RedisArmory(lane), PlanStore(database)
    signing_key = Ed25519PrivateKey.from_private_bytes(keys[Purpose.RECEIPT_SIGNING])

    def marks(registration: Registration) -> Sequence[bytes]:
        context = number_context(registration.person_id.bytes)
        last_six = ground.sealer.open(registration.id_sealed, context=context)[-6:].decode()
        return (
            ticket_mark(ground.login_keys, registration.id, last_six),
            desk_mark(ground.login_keys, registration.ticket_no, last_six),
        )

    return ExamParts(
        clock=ground.clock,
        live=live,
        armory=armory,
        logins=RedisLogins(lane),
        plans=plans,
        record=RecordStore(database),
        results=ResultStore(database),
        sealer=ground.sealer,
        shelf=Shelf(armory=armory, plans=plans, live=live, sealer=ground.sealer),
        mac_key=keys[Purpose.SYNC_RECEIPT],
        code_key=keys[Purpose.LOGIN_TOKEN],
        draw_key=keys[Purpose.PAPER_DRAW],
        signing_key=signing_key,
        key_id=key_id(public_bytes(signing_key)),
        new_id=uuid4,
        new_code=lambda: f"{secrets.randbelow(1_000_000):06d}",
        roster_marks=marks,
    )


def _sms(settings: Settings) -> Sms:
    if settings.sms_url:
        return HttpGateway(settings.sms_url, token=settings.sms_token)
    return DemoOutbox() if settings.demo else Nowhere()


def _practice() -> Practice:
    held = resources.files("exam_api").joinpath("demo", "pools", "practice.json").read_bytes()
    return Practice(read_json(held)[0])
