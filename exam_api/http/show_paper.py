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
"""Items that a process keeps as bytes, some 700 each: the papers of all sessions are joined from them."""

_encode: Final = msgspec.json.Encoder().encode
_pieces: Final[dict[str, tuple[bytes, tuple[bytes, ...]]]] = {}
"""By version, which is a hash of the item's content: all but its options, and each option."""


def paper_bytes(paper: draw.Paper, source: PaperSource, *, digest: bytes) -> Paper:
    """What `shown_paper` gives, as bytes that were encoded once for all papers that show the same items.

    Args:
        digest: as `shown_paper`.
    """
    items, pieces, in_order = source.public.items, _pieces, _in_order
    shown: list[bytes] = []
    for number, slot in enumerate(paper.slots):
        stem, options = pieces.get(slot.version) or _piece(items[slot.version])
        shown += (_place(number, slot.section), stem, b",".join(in_order(slot.order)(options)), b"]},")
    if shown:
        shown[-1] = b"]}"
    around = _encode(_around(paper, source, digest))
    # A Raw is taken as it is wherever a struct is encoded.
    return cast("Paper", msgspec.Raw(b"".join([around[:-1], b',"items":[', *shown, b"]}"])))


@lru_cache(maxsize=1_024)
def _place(number: int, section: int) -> bytes:
    """How an item begins: where it stands."""
    return b'{"slot":%d,"section":%d,' % (number, section)


@lru_cache(maxsize=1_024)
def _in_order(order: tuple[int, ...]) -> Callable[[tuple[bytes, ...]], Sequence[bytes]]:
    """What picks options in that order; the same few orders come in every paper."""
    if len(order) < 2:  # noqa: PLR2004 - of one, itemgetter would give no tuple
        return lambda options: [options[bit] for bit in order]
    return itemgetter(*order)


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


def _piece(item: PublicItem) -> tuple[bytes, tuple[bytes, ...]]:
    """An item as its JSON stands behind slot and section up to its options, and the options by bit."""
    held = cast("dict[str, Any]", msgspec.to_builtins(_shown(0, 0, item, tuple(range(len(item.options))))))
    del held["slot"], held["section"]
    options = tuple(_encode(option) for option in held.pop("options"))
    if len(_pieces) >= PIECES_KEPT:
        _pieces.clear()
    piece = _pieces[item.version] = (b'%b,"options":[' % _encode(held)[1:-1], options)
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
