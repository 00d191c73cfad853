"""Parts of the life of items."""

from exam_api.store.complaints import ComplaintStore
from exam_api.store.items import ItemStore
from exam_api.store.outlines import OutlineStore
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.item_parts import ItemParts
from exam_api.wiring.ground import Ground


def item_parts(ground: Ground, console: ConsoleParts) -> ItemParts:
    """What the use cases around items are given."""
    return ItemParts(
        console=console,
        items=ItemStore(ground.database),
        complaints=ComplaintStore(ground.database),
        outlines=OutlineStore(ground.database),
    )
