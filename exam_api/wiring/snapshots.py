"""Parts of camera snapshots."""

import secrets
from random import SystemRandom

from exam_api.blobs.segments import LocalSegments
from exam_api.keys import KEY_BYTES
from exam_api.live.snapshots import RedisSnapshots
from exam_api.settings import Settings
from exam_api.store.snapshots import SnapshotStore
from exam_api.usecases.snapshot_parts import SnapshotParts
from exam_api.wiring.ground import Ground


def snapshot_parts(settings: Settings, ground: Ground) -> SnapshotParts:
    """What taking and looking at pictures is given."""
    return SnapshotParts(
        clock=ground.clock,
        segments=LocalSegments(settings.data_dir / "snapshots"),
        gate=RedisSnapshots(ground.lane),
        record=SnapshotStore(ground.database),
        sealer=ground.sealer,
        new_key=lambda: secrets.token_bytes(KEY_BYTES),
        chance=SystemRandom().random,
    )
