"""Working on items: find, read with the history, write, judge one or many, say something about one."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.item_ports import Comment, FoundItems, ItemQuery, ItemSheet
from exam_api.people import Login
from exam_api.usecases.console_parts import actor_of
from exam_api.usecases.errors import NoSuchItem
from exam_api.usecases.item_parts import ItemParts, hand_of
from exam_api.usecases.pools import own_pool
from question_pools.change import Change, change
from question_pools.errors import BadPool, NotYourPart, PoolsError
from question_pools.items import Item, ItemId, Kind, Option, Pool, judge_options, salted
from question_pools.life import Life, Standing, Step, Wording, stepped
from question_pools.soundness import ItemFault, faults_in

NEW: Final = ItemId("new")
"""Id of an item that is only looked at."""

WRITE: Final = "write"
"""What one who may not write is told as the step."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What an author wrote."""

    kind: Kind
    stem: str
    options: tuple[Option, ...]
    key: int
    rationale: str = ""
    difficulty: int = 3
    outline: str = ""
    source: str = ""
    pictures: tuple[str, ...] = ()


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of found items, and how the whole pool stands."""

    found: FoundItems
    standing: Standing
    names: Mapping[str, str]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """An item with all that people know about it."""

    sheet: ItemSheet
    comments: Sequence[Comment]
    names: Mapping[str, str]
    can: Sequence[Step]
    """Steps this login can take now."""
    writes: bool


class Stepped(msgspec.Struct, frozen=True, kw_only=True):
    """What of a bulk act was done, and why the rest was not."""

    done: Sequence[str]
    refused: Mapping[str, Exception]


async def list_items(pool_id: UUID, query: ItemQuery, login: Login, parts: ItemParts) -> Listed:
    """Find items of a pool.

    Raises NoSuchPool, RecordAway.
    """
    await own_pool(pool_id, login, parts.console)
    found = await parts.items.found(pool_id, query)
    names = await parts.items.names({line.author for line in found.lines})
    return Listed(found=found, standing=await parts.items.standing(pool_id), names=names)


async def item_sheet(pool_id: UUID, item_id: str, login: Login, parts: ItemParts) -> Sheet:
    """One item with its wordings and comments.

    Raises NoSuchPool, NoSuchItem, RecordAway.
    """
    await own_pool(pool_id, login, parts.console)
    sheet = await _sheet(pool_id, item_id, parts)
    comments = await parts.items.comments(pool_id, item_id)
    people = {who for one in sheet.life.wordings for who in (one.author, one.reviewer, one.approver)}
    people |= {one.by for one in comments}
    people |= {sheet.life.retired.by} if sheet.life.retired else set()
    return Sheet(
        sheet=sheet,
        comments=comments,
        names=await parts.items.names(people),
        can=possible(sheet.life, login),
        writes=hand_of(login).writes,
    )


def possible(life: Life, login: Login) -> list[Step]:
    """The steps that would not be refused."""
    hand = hand_of(login)
    found: list[Step] = []
    for step in Step:
        try:
            stepped(life, step, hand, 0, "since it is asked")
        except PoolsError:
            continue
        found.append(step)
    return found


async def _sheet(pool_id: UUID, item_id: str, parts: ItemParts) -> ItemSheet:
    sheet = await parts.items.sheet(pool_id, item_id)
    if sheet is None:
        raise NoSuchItem(item_id)
    return sheet


def check_draft(draft: Draft) -> Sequence[ItemFault]:
    """What is wrong with a wording, field by field."""
    return faults_in(_item(NEW, draft, None))


def _item(item_id: ItemId, draft: Draft, before: Item | None) -> Item:
    options = judge_options() if draft.kind is Kind.JUDGE else draft.options
    return Item(
        id=item_id,
        kind=draft.kind,
        stem=draft.stem.strip(),
        options=options,
        key=draft.key,
        rationale=draft.rationale.strip(),
        difficulty=draft.difficulty,
        outline=draft.outline.strip(),
        pictures=draft.pictures,
        set_id=before.set_id if before else None,
        source=draft.source.strip(),
        salt=before.salt if before else "",
    )


async def write_item(  # noqa: PLR0913, PLR0917 - what an author says
    pool_id: UUID, item_id: str, base: str, draft: Draft, login: Login, parts: ItemParts
) -> Sheet:
    """Keep a wording: as a draft, whatever the one before was. An empty id makes a new item.

    Raises NoSuchPool, NoSuchItem, NotYourPart, BadPool, WordingMoved, RecordAway.
    """
    pool = await own_pool(pool_id, login, parts.console)
    if not hand_of(login).writes:
        raise NotYourPart(WRITE)
    before: Item | None = None
    if item_id:
        worded = (await _sheet(pool_id, item_id, parts)).worded
        before = next((one.item for one in worded if one.wording.version == base), None)
        if before is None:
            raise NoSuchItem(item_id)
    own_id = ItemId(item_id or f"{pool.code[:80]}-{parts.console.exam.new_id().hex[:12]}")
    item = _item(own_id, draft, before)
    faults = faults_in(item)
    if faults:
        raise BadPool([fault.text for fault in faults])
    [item] = salted(Pool("", "", (item,)), parts.console.item_salt).items
    await parts.items.write(pool_id, item, base=base if before else "", act=parts.console.act(login))
    return await item_sheet(pool_id, own_id, login, parts)


async def take_step(  # noqa: PLR0913, PLR0917 - what is done, to what, why, by whom
    pool_id: UUID, item_ids: Sequence[str], step: Step, reason: str, login: Login, parts: ItemParts
) -> Stepped:
    """Take a step with one or many items: what cannot be done is named, the rest is done.

    Raises NoSuchPool, RecordAway.
    """
    await own_pool(pool_id, login, parts.console)
    act = parts.console.act(login)
    hand = hand_of(login)
    refused = dict(await parts.items.step(pool_id, item_ids, step, hand, reason=reason, act=act))
    done = [one for one in dict.fromkeys(item_ids) if one not in refused]
    if step is Step.SEND_BACK:
        for item_id in done:
            await _say(pool_id, item_id, reason, login, parts)
    return Stepped(done=done, refused=refused)


async def comment_item(pool_id: UUID, item_id: str, text: str, login: Login, parts: ItemParts) -> Sheet:
    """Say something about an item's newest wording.

    Raises NoSuchPool, NoSuchItem, RecordAway.
    """
    await own_pool(pool_id, login, parts.console)
    await _say(pool_id, item_id, text, login, parts)
    return await item_sheet(pool_id, item_id, login, parts)


async def _say(pool_id: UUID, item_id: str, text: str, login: Login, parts: ItemParts) -> None:
    life = (await _sheet(pool_id, item_id, parts)).life
    act = parts.console.act(login)
    comment = Comment(
        id=parts.console.exam.new_id(),
        item_id=item_id,
        version=life.working,
        by=actor_of(login),
        at_ms=act.at_ms,
        text=text.strip(),
    )
    await parts.items.comment(pool_id, comment, act=act)


async def item_change(  # noqa: PLR0913, PLR0917 - two wordings of an item of a pool
    pool_id: UUID, item_id: str, before: int, after: int, login: Login, parts: ItemParts
) -> tuple[Wording, Wording, Change]:
    """What changed between two wordings, by their numbers.

    Raises NoSuchPool, NoSuchItem, RecordAway.
    """
    await own_pool(pool_id, login, parts.console)
    worded = {one.wording.number: one for one in (await _sheet(pool_id, item_id, parts)).worded}
    old, new = worded.get(before), worded.get(after)
    if old is None or new is None or old.item is None or new.item is None:
        raise NoSuchItem(item_id)
    return old.wording, new.wording, change(old.item, new.item)
