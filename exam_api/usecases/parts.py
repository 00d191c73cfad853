"""The parts that the use cases of an exam are given, bundled because they change for the same reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.exposure_ports import Exposures
from exam_api.fair_ports import Credits, Gaps
from exam_api.ports import Armory, Clock, Live, Logins, Plans, Record, Sealer
from exam_api.record import Registration
from exam_api.result_ports import LogTail, Results
from exam_api.ruling_ports import Rulings
from exam_api.start_ports import Starts
from exam_api.usecases.shelf import Shelf
from exam_api.usecases.signing import Signing


def no_marks(_registration: Registration) -> Sequence[bytes]:
    """List nobody under anything but the identity number."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamParts:
    """Ports and keys of the running exam. Made by `wiring`."""

    clock: Clock
    live: Live
    armory: Armory
    logins: Logins
    starts: Starts
    plans: Plans
    exposures: Exposures
    record: Record
    results: Results
    log_tail: LogTail
    rulings: Rulings
    gaps: Gaps
    credits: Credits
    sealer: Sealer
    shelf: Shelf
    mac_key: bytes
    """Key of the sync receipts' MAC."""
    code_key: bytes
    """Key under which takeover codes are hashed before they are kept."""
    draw_key: bytes
    """Key that the seeds of papers are derived from."""
    seal_key: bytes
    """Root of the keys of sealed papers."""
    signing_key: Ed25519PrivateKey
    """Signs hand-in receipts."""
    receipts: Signing
    """Signs those of a commit together."""
    key_id: str
    """`attempt.receipt.key_id` of its public half."""
    new_id: Callable[[], UUID]
    new_code: Callable[[], str]
    """Six random digits."""
    roster_marks: Callable[[Registration], Sequence[bytes]] = no_marks
    """What else than the blind index an armed roster lists a person under: ticket or desk with last six."""
