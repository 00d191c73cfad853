"""A drawn paper as its candidate's page shows it."""

from typing import Any, Final, cast

import msgspec

from exam_api.http.wire_attempt import (
    Paper,
    PaperItem,
    PaperOption,
    PaperSection,
    PaperSet,
    Wire,
)
from exam_api.usecases.shelf import PaperSource
from question_pools import draw
from question_pools.blueprint import Blueprint
from question_pools.publish import PublicItem

PIECES_KEPT: Final = 65_536
"""Items in one order of options that a process keeps as bytes, 500 each: papers of a session share them."""

_encode: Final = msgspec.json.Encoder().encode
_pieces: Final[dict[tuple[str, tuple[int, ...]], bytes]] = {}
"""By version and order: a version is a hash of the item's content, so it says it all."""


def paper_bytes(paper: draw.Paper, source: PaperSource, *, digest: bytes) -> Paper:
    """What `shown_paper` gives, as bytes that were encoded once for all papers that show the same items.

    Args:
        digest: as `shown_paper`.
    """
    items = source.public.items
    shown = b",".join(
        b'{"slot":%d,"section":%d,%b' % (number, slot.section, _piece(items[slot.version], slot.order))
        for number, slot in enumerate(paper.slots)
    )
    around = _encode(_around(paper, source, digest))
    # A Raw is taken as it is wherever a struct is encoded.
    return cast("Paper", msgspec.Raw(b'%b,"items":[%b]}' % (around[:-1], shown)))


def shown_paper(paper: draw.Paper, source: PaperSource, *, digest: bytes) -> Paper:
    """Texts in the drawn order; there is no key in what this is made from.

    Args:
        digest: `draw.paper_digest` of the paper, which whoever armed it has worked out.
    """
    items = [source.public.items[slot.version] for slot in paper.slots]
    around = _around(paper, source, digest)
    return Paper(
        digest=around.digest,
        sections=around.sections,
        sets=around.sets,
        items=[
            _shown(number, slot.section, item, slot.order)
            for number, (slot, item) in enumerate(zip(paper.slots, items, strict=True))
        ],
    )


def shown_sections(blueprint: Blueprint) -> list[PaperSection]:
    """The sections as they are announced above their items."""
    return [
        PaperSection(
            title=section.title,
            kind=section.kind,
            count=section.count,
            points_centi=section.points_centi,
            policy=section.policy,
        )
        for section in blueprint.sections
    ]


class _Around(Wire, kw_only=True):
    """A paper without its items; fields as in `Paper`."""

    digest: str
    sections: list[PaperSection]
    sets: list[PaperSet]


def _around(paper: draw.Paper, source: PaperSource, digest: bytes) -> _Around:
    sets = dict.fromkeys(slot.set_id for slot in paper.slots if slot.set_id is not None)
    return _Around(
        digest=digest.hex(),
        sections=shown_sections(source.blueprint),
        sets=[
            PaperSet(id=held.id, stem=held.stem, pictures=list(held.pictures))
            for held in (source.public.sets[set_id] for set_id in sets)
        ],
    )


def _piece(item: PublicItem, order: tuple[int, ...]) -> bytes:
    """An item as its JSON stands behind slot and section."""
    key = item.version, order
    piece = _pieces.get(key)
    if piece is None:
        held = cast("dict[str, Any]", msgspec.to_builtins(_shown(0, 0, item, order)))
        del held["slot"], held["section"]
        if len(_pieces) >= PIECES_KEPT:
            _pieces.clear()
        piece = _pieces[key] = _encode(held)[1:]
    return piece


def _shown(slot: int, section: int, item: PublicItem, order: tuple[int, ...]) -> PaperItem:
    """An item in a drawn order; `bit` stays the canonical option wherever it is shown."""
    return PaperItem(
        slot=slot,
        version=item.version,
        kind=item.kind,
        stem=item.stem,
        pictures=list(item.pictures),
        options=[
            PaperOption(bit=bit, text=item.options[bit].text, picture=item.options[bit].picture)
            for bit in order
        ],
        section=section,
        set_id=item.set_id,
    )
