"""What is found of blueprints, as wire and problems show it: cells that lack, outlook, previewed papers."""

from collections.abc import Sequence

from exam_api.http.wire_blueprints import (
    InfeasibleOut,
    OutlookOut,
    PreviewItemOut,
    PreviewOut,
    PreviewPaperOut,
    RepairOut,
)
from exam_api.http.wire_staff import Says
from exam_api.usecases.preview_papers import Previewed, common_items
from question_pools.blueprint import Infeasible
from question_pools.draw import Paper
from question_pools.items import HARDEST, Item, PoolVersion, letters, version_of
from question_pools.outlook import Outlook
from question_pools.repairs import Repair


def infeasible_out(one: Infeasible, repairs: Sequence[Repair] = ()) -> InfeasibleOut:
    """A cell that cannot be filled, in words, with what one click could change."""
    return InfeasibleOut(
        section=one.section,
        cell=one.at,
        wanted=one.wanted,
        available=one.available,
        message=_message(one),
        share_percent=one.share_percent,
        repairs=[_repair(repair) for repair in repairs],
    )


def _message(one: Infeasible) -> Says:
    cell = one.cell
    level = f"难度 {cell.difficulty}" if cell.difficulty else ""
    if cell.hardest and cell.hardest != cell.difficulty:
        level += f"–{cell.hardest}"
    which = "·".join(part for part in (cell.outline, level) if part)
    where = f"“{one.title}”" + (f"（{which}）" if which else "")
    if one.share_percent is None:
        return Says(
            zh=f"{where}需要 {one.wanted} 题，题库只能提供 {one.available} 题",
            en=f"{where} asks for {one.wanted} items, the pool can give {one.available}",
        )
    return Says(
        zh=(
            f"{where}需要 {one.wanted} 题；每题最多进 {one.share_percent}% 的试卷，"
            f"题库只够抽 {one.available} 题"
        ),
        en=(
            f"{where} asks for {one.wanted} items; with each on at most {one.share_percent} % of the papers "
            f"the pool is enough for {one.available}"
        ),
    )


def _repair(one: Repair) -> RepairOut:
    return RepairOut(
        what=one.what,
        section=one.section,
        cell=one.at,
        count=one.count,
        outline=one.outline,
        difficulty=one.difficulty,
        hardest=one.hardest,
        section_count=one.section_count,
        other=one.other,
        other_count=one.other_count,
        share_percent=one.share_percent,
        there=one.there,
    )


def outlook_out(one: Outlook) -> OutlookOut:
    """Expectations over all papers."""
    return OutlookOut(
        mean_centi=round(one.mean * 100),
        spread_centi=round(one.spread * 100),
        levels_centi=[round(level * 100) for level in one.levels],
        common_centi=round(one.common * 100),
        highest_permille=round(one.highest * 1000),
        exact=one.exact,
    )


def preview_out(found: Previewed, *, keys: bool) -> PreviewOut:
    """Papers as candidates would see them; keys only where they were asked for."""
    by_version = {version_of(item): item for item in found.version.items}
    common = common_items(found.papers, found.version)
    return PreviewOut(
        papers=[
            _paper(paper, found.version, by_version, common[number], keys=keys)
            for number, paper in enumerate(found.papers)
        ],
        outlook=outlook_out(found.outlook),
    )


def _paper(
    paper: Paper, version: PoolVersion, by_version: dict[str, Item], common: Sequence[int], *, keys: bool
) -> PreviewPaperOut:
    sets = {one.id: one.stem for one in version.sets}
    items = [by_version[slot.version] for slot in paper.slots]
    levels = [0] * HARDEST
    for item in items:
        levels[item.difficulty - 1] += 1
    return PreviewPaperOut(
        seed=paper.seed,
        mean_centi=round(100 * sum(item.difficulty for item in items) / len(items)),
        levels=levels,
        common=list(common),
        items=[
            PreviewItemOut(
                item_id=item.id,
                version=slot.version,
                section=slot.section,
                kind=item.kind,
                stem=item.stem,
                options=[item.options[index].text for index in slot.order],
                key=_shown_key(item, slot.order) if keys else "",
                difficulty=item.difficulty,
                outline=item.outline,
                material=sets[slot.set_id] if slot.set_id else "",
            )
            for slot, item in zip(paper.slots, items, strict=True)
        ],
    )


def _shown_key(item: Item, order: Sequence[int]) -> str:
    return letters(sum(1 << place for place, index in enumerate(order) if item.key >> index & 1))
