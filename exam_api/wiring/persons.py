"""Parts of everything about persons, for the API and for the operator's commands."""

import asyncio
from uuid import uuid4

from exam_api.store.employers import EmployerStore
from exam_api.store.houses import HouseFileStore
from exam_api.store.keeping import Keeper
from exam_api.store.persons import PersonStore
from exam_api.store.requests import RequestStore
from exam_api.store.rights import RightStore
from exam_api.store.rotating import Rotation
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.persons_parts import PersonsParts
from exam_api.wiring.ground import Ground


def keeper(ground: Ground) -> Keeper:
    """What keeps persons, with the keys of before."""
    keys = ground.login_keys
    return Keeper(ground.sealer, keys.blind, older=keys.older_blinds)


def rotation(ground: Ground) -> Rotation:
    """What seals everything anew."""
    return Rotation(ground.database, ground.sealer, keeper(ground))


def persons_parts(ground: Ground, exam: ExamParts) -> PersonsParts:
    """What the use cases about persons are given."""
    database, keeps = ground.database, keeper(ground)
    return PersonsParts(
        clock=exam.clock,
        persons=PersonStore(database, keeps),
        employers=EmployerStore(database),
        houses=HouseFileStore(database),
        rights=RightStore(database, keeps),
        requests=RequestStore(database, keeps, ground.sealer),
        logins=exam.logins,
        in_thread=asyncio.to_thread,
        new_id=uuid4,
    )
