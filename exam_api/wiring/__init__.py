"""From settings to parts: the only package that knows every adapter."""

import contextlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from exam_api.errors import LiveAway
from exam_api.http.cookies import PLAIN, SECURE
from exam_api.http.doors import Entry
from exam_api.http.parts import Parts
from exam_api.http.wall import Wall
from exam_api.keys import Purpose, derive
from exam_api.live.cluster_lane import open_lane
from exam_api.live.lane import Lane
from exam_api.live.log import RedisLog
from exam_api.live.watch import Watch
from exam_api.passwords import Passwords
from exam_api.ports import Clock, Log
from exam_api.settings import Settings
from exam_api.store.engine import Database
from exam_api.store.house import HouseStore
from exam_api.store.sealed import AesSealer, BlindIndex
from exam_api.store.trail import TrailStore
from exam_api.usecases.login_parts import LoginKeys
from exam_api.usecases.parts import ExamParts
from exam_api.wiring.accounts import account_parts
from exam_api.wiring.audit import audit_parts
from exam_api.wiring.exam import exam_parts, practice
from exam_api.wiring.ground import Ground, WallClock
from exam_api.wiring.home import Asked, home_sources
from exam_api.wiring.items import item_parts
from exam_api.wiring.later import Later
from exam_api.wiring.office import console_parts, login_parts
from exam_api.wiring.persons import persons_parts
from exam_api.wiring.rescoring import rescoring_parts
from exam_api.wiring.running import Running
from exam_api.wiring.snapshots import snapshot_parts

TOKEN_KEY_NO = 1
"""Number of the key that signs attempt tokens; a new key takes the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """Everything that was made from the settings."""

    parts: Parts
    exam: ExamParts
    log: Log
    accounts: HouseStore
    passwords: Passwords
    database: Database
    lane: Lane
    trail: TrailStore
    ground: Ground


def wire(settings: Settings, *, clock: Clock | None = None) -> Wired:
    """Make all parts; nothing connects before `open_parts`, or `Parts.start` in an API process.

    `clock`: what tells the time; this machine's clock unless a story moves its own.
    """
    ground = _ground(settings, clock or WallClock())
    exam, passwords = exam_parts(ground), Passwords()
    watch = Watch(settings.redis_url, epoch=secrets.token_hex(4))
    wall = Wall(live=exam.live, watch=watch, clock=exam.clock)
    trail = TrailStore(ground.database)
    snapshots, console = snapshot_parts(settings, ground), console_parts(settings, ground, exam)
    login = login_parts(settings, ground, exam, passwords)
    running = Running(
        exam, ground=ground, watch=watch, wall=wall, trail=trail, segments=snapshots.segments, sms=login.sms
    )
    asked = Asked(
        console=console,
        items=item_parts(ground, console),
        rescoring=rescoring_parts(ground, console),
        persons=persons_parts(ground, exam),
        audit=audit_parts(settings, ground, trail),
        accounts=account_parts(settings, ground, login, passwords),
        ready=running.ready,
    )
    parts = Parts(
        login=login,
        accounts=asked.accounts,
        exam=exam,
        console=console,
        items=asked.items,
        audit=asked.audit,
        rescoring=asked.rescoring,
        persons=asked.persons,
        snapshots=snapshots,
        practice=practice(),
        home=home_sources(asked),
        watch=watch,
        wall=wall,
        cookies=SECURE if settings.cookies_secure else PLAIN,
        origins=settings.public_origins,
        token_keys={TOKEN_KEY_NO: ground.keys[Purpose.ATTEMPT_TOKEN]},
        entry=Entry(settings.entry_places, ground.keys[Purpose.ENTRY_TURN]),
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
        log=RedisLog(ground.lane, kept_ms=settings.log_kept_minutes * 60_000),
        accounts=HouseStore(ground.database),
        passwords=passwords,
        database=ground.database,
        lane=ground.lane,
        trail=trail,
        ground=ground,
    )


def _ground(settings: Settings, clock: Clock) -> Ground:
    """Clock, engines and keys; what former secrets sealed still opens."""
    keys = {purpose: derive(settings.secret, purpose) for purpose in Purpose}
    return Ground(
        clock=clock,
        database=Database(settings.database_url),
        lane=open_lane(settings.redis_url),
        keys=keys,
        sealer=AesSealer(
            keys[Purpose.FIELD_ENCRYPTION],
            older=[derive(one, Purpose.FIELD_ENCRYPTION) for one in settings.previous_secrets],
        ),
        login_keys=LoginKeys(
            blind=BlindIndex(keys[Purpose.BLIND_INDEX]),
            login=keys[Purpose.LOGIN_TOKEN],
            ticket=keys[Purpose.TICKET],
            older_blinds=tuple(
                BlindIndex(derive(one, Purpose.BLIND_INDEX)) for one in settings.previous_secrets
            ),
        ),
        later=Later(),
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
        await wired.ground.later.finish()
        await wired.parts.login.sms.close()
        await wired.lane.close()
        await wired.database.close()
