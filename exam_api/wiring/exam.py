"""Parts of the running exam and of the practice paper."""

import secrets
from collections.abc import Sequence
from importlib import resources
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.attempt.receipt import key_id, public_bytes
from exam_api.keys import Purpose
from exam_api.live.armory import RedisArmory
from exam_api.live.attempts import RedisLive
from exam_api.live.gaps import RedisGaps
from exam_api.live.log_tail import RedisLogTail
from exam_api.live.logins import RedisLogins
from exam_api.live.starts import RedisStarts, Seen
from exam_api.record import Registration
from exam_api.store.credits import CreditStore
from exam_api.store.exposure import ExposureStore
from exam_api.store.plans import PlanStore
from exam_api.store.record import RecordStore
from exam_api.store.results import ResultStore
from exam_api.store.rulings import RulingStore
from exam_api.store.sealed import number_context
from exam_api.usecases.login_tickets import desk_mark, ticket_mark
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.practice import Practice
from exam_api.usecases.shelf import Shelf
from exam_api.usecases.signing import Signing
from exam_api.wiring.ground import Ground
from question_pools.exchange.pool_json import read_json


def exam_parts(ground: Ground) -> ExamParts:
    """What start, sync, hand-in and staff acts are given."""
    lane, database, keys = ground.lane, ground.database, ground.keys
    seen = Seen()
    live, armory, plans = RedisLive(lane, seen), RedisArmory(lane), PlanStore(database)
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
        logins=RedisLogins(lane, seen),
        starts=RedisStarts(lane, seen),
        plans=plans,
        exposures=ExposureStore(database),
        record=RecordStore(database),
        results=ResultStore(database),
        log_tail=RedisLogTail(lane),
        rulings=RulingStore(database),
        gaps=RedisGaps(lane),
        credits=CreditStore(database),
        sealer=ground.sealer,
        shelf=Shelf(armory=armory, plans=plans, live=live, sealer=ground.sealer),
        mac_key=keys[Purpose.SYNC_RECEIPT],
        code_key=keys[Purpose.LOGIN_TOKEN],
        draw_key=keys[Purpose.PAPER_DRAW],
        seal_key=keys[Purpose.PAPER_SEAL],
        signing_key=signing_key,
        receipts=Signing(signing_key),
        key_id=key_id(public_bytes(signing_key)),
        new_id=uuid4,
        new_code=lambda: f"{secrets.randbelow(1_000_000):06d}",
        roster_marks=marks,
    )


def practice() -> Practice:
    """The practice paper, from the package."""
    held = resources.files("exam_api").joinpath("demo", "pools", "practice.json").read_bytes()
    return Practice(read_json(held)[0])
