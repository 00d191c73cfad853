"""`kaowu show-paper`: the paper of an attempt as its candidate saw it, from the record."""

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from exam_api.cli.given import refuse
from exam_api.cli.wired import run_on_parts
from exam_api.record import PlannedSession
from exam_api.wiring import Wired
from question_pools.draw import Paper, paper_digest
from question_pools.items import Item, version_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class ShownItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item in the order in which it was shown."""

    number: int
    item: str
    version: str
    stem: str
    options: list[str]
    material: str = ""
    """Stem of the item set, at each of its items."""
    key: str = ""
    """Letters as shown; only when keys were asked for."""


class ShownPaper(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    attempt: str
    session: str
    pool: str
    pool_version: int
    pool_digest: str
    seed: str
    paper_digest: str
    items: list[ShownItem]


def run(
    attempt: Annotated[UUID, typer.Argument(help="考试编号 The attempt, as results and receipts name it.")],
    *,
    keys: Annotated[bool, typer.Option("--keys", help="同时显示答案 Show the right answers too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="供程序读取 Print the paper for a program.")] = False,
) -> None:
    """还原考生看到的试卷 Show a paper as its candidate saw it, from the record, also years later."""
    shown = run_on_parts(lambda wired: _shown(attempt, wired, keys=keys))
    if json:
        typer.echo(msgspec.json.encode(shown).decode())
        return
    typer.echo(f"{shown.pool} v{shown.pool_version}  seed {shown.seed}  paper {shown.paper_digest}")
    material = ""
    for item in shown.items:
        if item.material != material:
            material = item.material
            typer.echo(f"\n{material}" if material else "")
        typer.echo(f"\n{item.number}. {item.stem}  [{item.item}]")
        for letter, text in zip(LETTERS, item.options, strict=False):
            typer.echo(f"   {letter}. {text}")
        if item.key:
            typer.echo(f"   答案 key: {item.key}")


async def _shown(attempt: UUID, wired: Wired, *, keys: bool) -> ShownPaper:
    plans = wired.exam.plans
    session_id = await plans.session_of(attempt)
    planned = await plans.load(session_id) if session_id else None
    paper = (await plans.papers(session_id)).get(attempt) if session_id else None
    if planned is None or paper is None:
        refuse(
            f"没有 {attempt} 的试卷。\nThere is no paper of {attempt}: it is drawn when its session is armed."
        )
    return ShownPaper(
        attempt=str(attempt),
        session=str(session_id),
        pool=planned.pool.pool_code,
        pool_version=planned.pool.number,
        pool_digest=paper.pool_digest,
        seed=paper.seed,
        paper_digest=paper_digest(paper).hex(),
        items=shown_items(planned, paper, keys=keys),
    )


def shown_items(planned: PlannedSession, paper: Paper, *, keys: bool) -> list[ShownItem]:
    """The items with their options in the order in which the candidate saw them."""
    sets = {one.id: one.stem for one in planned.pool.sets}
    by_version: dict[str, Item] = {version_of(item): item for item in planned.pool.items}
    shown: list[ShownItem] = []
    for number, slot in enumerate(paper.slots, 1):
        item = by_version[slot.version]
        right = [LETTERS[place] for place, index in enumerate(slot.order) if item.key >> index & 1]
        shown.append(
            ShownItem(
                number=number,
                item=item.id,
                version=slot.version,
                stem=item.stem,
                options=[item.options[index].text for index in slot.order],
                material=sets[slot.set_id] if slot.set_id else "",
                key="".join(right) if keys else "",
            )
        )
    return shown
