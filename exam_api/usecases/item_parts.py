"""What the use cases around items are given, and which part a role has in an item's life."""

from dataclasses import dataclass
from typing import Final

from exam_api.item_ports import Complaints, Items, Outlines
from exam_api.people import Login, Role
from exam_api.usecases.console_parts import ConsoleParts, actor_of
from question_pools.life import Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemParts:
    """Ports of the life of items. Made by `wiring`."""

    console: ConsoleParts
    items: Items
    complaints: Complaints
    outlines: Outlines


WRITING: Final = frozenset({Role.ITEM_AUTHOR, Role.INSTITUTION_ADMIN, Role.OFFICER})
"""Roles that write items."""

JUDGING: Final = frozenset({Role.ITEM_REVIEWER, Role.INSTITUTION_ADMIN, Role.OFFICER})
"""Roles that review, approve, retire and restore: never what they wrote themselves."""


def hand_of(login: Login) -> Hand:
    """The login as a party in an item's life."""
    return Hand(actor_of(login), writes=login.role in WRITING, judges=login.role in JUDGING)
