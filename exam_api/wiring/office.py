"""Parts of log-ins and of the console."""

import asyncio
import secrets
from uuid import uuid4

from exam_api.blobs.pictures import LocalPictures
from exam_api.keys import Purpose
from exam_api.passwords import Passwords
from exam_api.ports import Sms
from exam_api.settings import Settings
from exam_api.sms.gateway import HttpGateway, Nowhere
from exam_api.sms.outbox import DemoOutbox
from exam_api.store.blueprints import BlueprintStore
from exam_api.store.people import PeopleStore
from exam_api.store.pools import PoolStore
from exam_api.store.result_book import ResultBookStore
from exam_api.store.roster import Registrar
from exam_api.store.signing_keys import SigningKeyStore
from exam_api.store.sittings import SittingStore
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.crowds import Crowds
from exam_api.usecases.login_parts import LoginParts
from exam_api.usecases.parts import ExamParts
from exam_api.wiring.ground import Ground
from exam_api.wiring.persons import keeper


def login_parts(settings: Settings, ground: Ground, exam: ExamParts, passwords: Passwords) -> LoginParts:
    """What log-ins are given."""
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
        later=ground.later.do,
        new_id=uuid4,
        new_code=exam.new_code,
        new_token=lambda: secrets.token_bytes(32),
        demo=settings.demo,
    )


def console_parts(settings: Settings, ground: Ground, exam: ExamParts) -> ConsoleParts:
    """What the console's use cases are given."""
    database = ground.database
    sittings = SittingStore(database, Registrar(keeper(ground)))
    return ConsoleParts(
        exam=exam,
        pools=PoolStore(database, LocalPictures(settings.data_dir / "pictures")),
        blueprints=BlueprintStore(database),
        sittings=sittings,
        crowds=Crowds(sittings, exam.clock),
        book=ResultBookStore(database),
        signing_keys=SigningKeyStore(database),
        in_thread=asyncio.to_thread,
        item_salt=ground.keys[Purpose.ITEM_SALT],
        ticket_key=ground.keys[Purpose.TICKET],
    )


def _sms(settings: Settings) -> Sms:
    if settings.sms_url:
        return HttpGateway(settings.sms_url, token=settings.sms_token)
    return DemoOutbox() if settings.demo else Nowhere()
