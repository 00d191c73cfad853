"""Complaints of candidates about items: read by those who work on the pool, answered with a reason."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from exam_api.item_ports import Complaint, Waiting
from exam_api.people import Login
from exam_api.usecases.console_parts import actor_of, scope_of
from exam_api.usecases.errors import NoSuchComplaint
from exam_api.usecases.item_parts import ItemParts


class Told(msgspec.Struct, frozen=True, kw_only=True):
    complaints: Sequence[Complaint]
    names: Mapping[str, str]


async def list_complaints(
    login: Login, parts: ItemParts, *, pool_id: UUID | None, item_id: str, still_open: bool
) -> Told:
    """Complaints about items of the pools in reach, the newest first.

    Raises RecordAway.
    """
    found = await parts.complaints.complaints(
        scope_of(login), pool_id=pool_id, item_id=item_id, still_open=still_open
    )
    return Told(complaints=found, names=await parts.items.names({one.by for one in found}))


async def answer_complaint(
    complaint_id: UUID, outcome: str, reason: str, login: Login, parts: ItemParts
) -> None:
    """Close a complaint with what became of it.

    Raises NoSuchComplaint, RecordAway.
    """
    done = await parts.complaints.answer(
        scope_of(login), complaint_id, outcome=outcome, reason=reason.strip(), act=parts.console.act(login)
    )
    if not done:
        raise NoSuchComplaint(complaint_id)


async def waiting_items(login: Login, parts: ItemParts) -> Sequence[Waiting]:
    """What waits for this login, by pool: what others wrote, own drafts, open complaints.

    Raises RecordAway.
    """
    return await parts.complaints.waiting(scope_of(login), actor_of(login))
