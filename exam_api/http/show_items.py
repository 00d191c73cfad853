"""Items, changes, complaints and outlines as the wire shows them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from exam_api.http.problems import row_of
from exam_api.http.wire_items import (
    ChangeOut,
    CommentOut,
    ComplaintRow,
    FieldChangeOut,
    ItemContent,
    ItemIn,
    ItemOption,
    ItemOut,
    ItemRow,
    ItemsOut,
    OptionChangeOut,
    OutlineBranch,
    OutlineOut,
    PoolStanding,
    RetiredOut,
    SpanOut,
    StepOut,
    StepRefused,
    WordingOut,
)
from exam_api.item_ports import Complaint, Worded
from exam_api.usecases.items import Draft, Listed, Sheet, Stepped
from question_pools.change import Change, Span
from question_pools.items import Item, Kind, Option
from question_pools.life import Wording
from question_pools.outline import Branch

PPM = 1_000_000
"""Millionths of a whole."""


def items_out(listed: Listed, actor: str) -> ItemsOut:
    """A page of found items."""
    rows = [
        ItemRow(
            id=line.item_id,
            version=line.version,
            number=line.number,
            state=line.state,
            kind=line.kind,
            outline=line.outline,
            difficulty=line.difficulty,
            set_id=line.set_id,
            stem=line.stem,
            author=listed.names.get(line.author, ""),
            own=line.author == actor,
            made_ms=line.made_ms,
            drawn=line.drawn,
            reports=line.reports,
            comments=line.comments,
        )
        for line in listed.found.lines
    ]
    held = listed.standing
    standing = PoolStanding(
        drafts=held.drafts, reviewed=held.reviewed, approved=held.approved, retired=held.retired
    )
    return ItemsOut(total=listed.found.total, items=rows, standing=standing)


def item_out(pool_id: UUID, shown: Sheet) -> ItemOut:
    """An item with its history."""
    life = shown.sheet.life
    numbers = {one.version: one.number for one in life.wordings}
    gone = life.retired
    return ItemOut(
        id=life.item_id,
        pool_id=str(pool_id),
        state=life.state,
        working=life.working,
        drawn=life.drawn.version if life.drawn else None,
        wordings=[_wording(one, shown.names) for one in shown.sheet.worded],
        comments=[
            CommentOut(
                by=shown.names.get(one.by, ""),
                at_ms=one.at_ms,
                number=numbers.get(one.version, 0),
                text=one.text,
            )
            for one in shown.comments
        ],
        retired=RetiredOut(by=shown.names.get(gone.by, ""), at_ms=gone.at_ms, reason=gone.reason)
        if gone
        else None,
        can=[one.value for one in shown.can],
        writes=shown.writes,
    )


def _wording(one: Worded, names: Mapping[str, str]) -> WordingOut:
    held = one.wording
    return WordingOut(
        version=held.version,
        number=held.number,
        state=held.state,
        author=names.get(held.author, ""),
        made_ms=held.made_ms,
        reviewer=names.get(held.reviewer, ""),
        reviewed_ms=held.reviewed_ms,
        approver=names.get(held.approver, ""),
        approved_ms=held.approved_ms,
        content=_content(one.item) if one.item else None,
        material=one.material.stem if one.material else None,
        material_pictures=list(one.material.pictures) if one.material else [],
        material_items=list(one.material.items) if one.material else [],
    )


def _content(item: Item) -> ItemContent:
    return ItemContent(
        kind=item.kind.value,
        stem=item.stem,
        options=[
            ItemOption(text=option.text, pinned=option.pinned, picture=option.picture)
            for option in item.options
        ],
        key=item.key,
        rationale=item.rationale,
        difficulty=item.difficulty,
        outline=item.outline,
        source=item.source,
        pictures=list(item.pictures),
    )


def draft_of(data: ItemIn) -> Draft:
    """What an author wrote."""
    return Draft(
        kind=Kind(data.kind),
        stem=data.stem,
        options=tuple(
            Option(option.text.strip(), pinned=option.pinned, picture=option.picture)
            for option in data.options
        ),
        key=data.key,
        rationale=data.rationale,
        difficulty=data.difficulty,
        outline=data.outline,
        source=data.source,
        pictures=tuple(data.pictures or ()),
    )


def stepped_out(done: Stepped) -> StepOut:
    """What of a bulk act was done, and as which problem the rest was refused."""
    refused = [
        StepRefused(id=item_id, slug=row_of(refusal).slug) for item_id, refusal in done.refused.items()
    ]
    return StepOut(done=list(done.done), refused=refused)


def change_out(before: Wording, after: Wording, found: Change) -> ChangeOut:
    """What changed between two wordings."""
    return ChangeOut(
        before=before.number,
        after=after.number,
        stem=_spans(found.stem),
        rationale=_spans(found.rationale),
        options=[
            OptionChangeOut(
                did=one.did.value,
                before=one.before,
                after=one.after,
                spans=_spans(one.spans),
                was_key=one.was_key,
                is_key=one.is_key,
            )
            for one in found.options
        ],
        fields=[FieldChangeOut(field=one.field, before=one.before, after=one.after) for one in found.fields],
    )


def _spans(found: Sequence[Span]) -> list[SpanOut]:
    return [SpanOut(did=span.did.value, text=span.text) for span in found]  # type: ignore[arg-type]


def complaint_row(one: Complaint, names: Mapping[str, str]) -> ComplaintRow:
    """A complaint with how it was closed."""
    return ComplaintRow(
        id=str(one.id),
        pool_id=str(one.pool_id),
        pool=one.pool,
        item_id=one.item_id,
        stem=one.stem,
        session=one.session,
        at_ms=one.at_ms,
        text=one.text,
        outcome=one.outcome,
        reason=one.reason,
        by=names.get(one.by, ""),
        answered_ms=one.answered_ms,
    )


def outline_out(found: Sequence[Branch]) -> OutlineOut:
    """An outline with counts and shares."""
    return OutlineOut(
        branches=[
            OutlineBranch(
                code=one.node.code,
                title=one.node.title,
                weight=one.node.weight,
                level=one.level,
                items=one.items,
                own=one.own,
                share_ppm=round(one.share * PPM),
                listed=one.listed,
            )
            for one in found
        ]
    )
