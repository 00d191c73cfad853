"""A drawn paper as its candidate's page shows it."""

from functools import lru_cache
from typing import Final

from exam_api.http.wire_attempt import (
    Paper,
    PaperItem,
    PaperOption,
    PaperSection,
    PaperSet,
)
from exam_api.usecases.shelf import PaperSource
from question_pools import draw
from question_pools.blueprint import Blueprint
from question_pools.publish import PublicItem

OPTIONS_KEPT: Final = 65_536
"""Orders of options a process keeps ready: papers of one session share most of them."""


def shown_paper(paper: draw.Paper, source: PaperSource, *, digest: bytes) -> Paper:
    """Texts in the drawn order; there is no key in what this is made from.

    Args:
        digest: `draw.paper_digest` of the paper, which whoever armed it has worked out.
    """
    items = [source.public.items[slot.version] for slot in paper.slots]
    sets = dict.fromkeys(slot.set_id for slot in paper.slots if slot.set_id is not None)
    return Paper(
        digest=digest.hex(),
        sections=shown_sections(source.blueprint),
        items=[
            PaperItem(
                slot=number,
                version=slot.version,
                kind=item.kind,
                stem=item.stem,
                pictures=list(item.pictures),
                options=_options(item, slot.order),
                section=slot.section,
                set_id=slot.set_id,
            )
            for number, (slot, item) in enumerate(zip(paper.slots, items, strict=True))
        ],
        sets=[
            PaperSet(id=held.id, stem=held.stem, pictures=list(held.pictures))
            for held in (source.public.sets[set_id] for set_id in sets)
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


@lru_cache(maxsize=OPTIONS_KEPT)
def _options(item: PublicItem, order: tuple[int, ...]) -> list[PaperOption]:
    """Shared between papers, never changed: `bit` stays the canonical option wherever it is shown."""
    return [
        PaperOption(bit=bit, text=item.options[bit].text, picture=item.options[bit].picture) for bit in order
    ]
