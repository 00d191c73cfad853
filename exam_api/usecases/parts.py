"""The parts that the use cases of an exam are given, bundled because they change for the same reason."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from exam_api.attempt.receipt import ReceiptSigner
from exam_api.ports import Armory, Clock, Live, Logins, Plans, Record, Results
from exam_api.usecases.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamParts:
    """Ports and keys of the running exam. Made by `wiring`."""

    clock: Clock
    live: Live
    armory: Armory
    logins: Logins
    plans: Plans
    record: Record
    results: Results
    shelf: Shelf
    mac_key: bytes
    """Key of the sync receipts' MAC."""
    code_key: bytes
    """Key under which takeover codes are hashed before they are kept."""
    draw_key: bytes
    """Key that the seeds of papers are derived from."""
    signer: ReceiptSigner
    new_id: Callable[[], UUID]
    new_code: Callable[[], str]
    """Six random digits."""
