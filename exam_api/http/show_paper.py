"""A drawn paper as its candidate's page shows it."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
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
"""Items that a process keeps as bytes, some 1 KB each: the papers of all sessions are joined from them."""

_ORDERS_KEPT: Final = 4_096
"""Orders of options that are kept: those of four options are 24."""

_encode: Final = msgspec.json.Encoder().encode
_pieces: Final[dict[str, tuple[bytes, ...]]] = {}
"""By version, a hash of the item's content: all but its options, each option as the first one, as another."""
_orders: Final[dict[tuple[int, ...], Callable[[tuple[bytes, ...]], Sequence[bytes]]]] = {}


def paper_bytes(paper: draw.Paper, source: PaperSource, *, digest: bytes) -> Paper:
    """What `shown_paper` gives, as bytes.

    Args:
        digest: as `shown_paper`.
    """
    # A Raw is taken as it is wherever a struct is encoded.
    return cast("Paper", msgspec.Raw(b"".join(paper_pieces(paper, source, digest=digest))))


def paper_pieces(paper: draw.Paper, source: PaperSource, *, digest: bytes) -> list[bytes]:
    """The same in pieces that were encoded once for all papers that show the same items: to be joined once.

    Args:
        digest: as `shown_paper`.
    """
    pieces, orders, items = _pieces, _orders, source.public.items
    around = _encode(_around(paper, source, digest))
    shown = [around[:-1], b',"items":[']
    for slot, place in zip(paper.slots, _places(tuple([slot.section for slot in paper.slots])), strict=True):
        in_order = orders.get(slot.order) or _in_order(slot.order)
        shown.append(place)
        shown += in_order(pieces.get(slot.version) or _piece(items[slot.version]))
    shown.append(b"]}]}" if paper.slots else b"]}")
    return shown


@lru_cache(maxsize=256)
def _places(sections: tuple[int, ...]) -> tuple[bytes, ...]:
    """How each item begins, the one before it having ended: where it stands. Blueprints are few."""
    return tuple(
        b'%b{"slot":%d,"section":%d,' % (b"]}," if number else b"", number, section)
        for number, section in enumerate(sections)
    )


def _in_order(order: tuple[int, ...]) -> Callable[[tuple[bytes, ...]], Sequence[bytes]]:
    """What picks an item's pieces in that order of options; the same few orders come in every paper."""
    if len(_orders) >= _ORDERS_KEPT:
        _orders.clear()
    count = len(order)
    at = [0, *(1 + bit for bit in order[:1]), *(1 + count + bit for bit in order[1:])]
    found = _orders[order] = (lambda held: held[:1]) if not order else itemgetter(*at)
    return found


def prepare_items(source: PaperSource) -> None:
    """Encode every item of a session before the first paper is asked for."""
    for item in source.public.items.values():
        if item.version not in _pieces:
            _piece(item)


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


def _piece(item: PublicItem) -> tuple[bytes, ...]:
    """An item's JSON from behind slot and section up to its options; then each option by bit, twice."""
    held = cast("dict[str, Any]", msgspec.to_builtins(_shown(0, 0, item, tuple(range(len(item.options))))))
    del held["slot"], held["section"]
    options = [_encode(option) for option in held.pop("options")]
    if len(_pieces) >= PIECES_KEPT:
        _pieces.clear()
    stem = b'%b,"options":[' % _encode(held)[1:-1]
    piece = _pieces[item.version] = (stem, *options, *[b"," + option for option in options])
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
