"""`kaowu verify-audit`: walk the audit; name the first line that was altered, taken out or put in."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from exam_api.audit_ports import End, Fault, Seal, Walked
from exam_api.cli.audit_seals import KeptSeals, seal_of
from exam_api.cli.given import FAILED, now_ms, refuse
from exam_api.cli.wired import run_on_parts
from exam_api.store.audit import DEPARTMENT
from exam_api.store.audit_walk import walked
from exam_api.store.seals import ends, genuine
from exam_api.wiring import Wired

DAY_SIGNS = "0000-00-00"

FAULTS: Mapping[Fault, tuple[str, str]] = {
    Fault.ALTERED: ("这一行被改动", "this line was altered"),
    Fault.MISSING: ("这一行被删除", "this line is missing"),
    Fault.INSERTED: ("这一行是插入的", "this line was put in"),
    Fault.HEAD: ("链尾被改动", "the chain's end was altered"),
}


class FoundOut(msgspec.Struct, frozen=True):
    """The first fault of one chain, as `--json` prints it."""

    org: str
    day: str
    no: int
    fault: str


class VerifiedOut(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    sound: bool
    lines: int
    chains: int
    seals: int
    took_ms: int
    false_seals: list[str]
    faults: list[FoundOut]


def run(
    *,
    day: Annotated[str, typer.Option(help="只查一天 One civil day only: 2027-01-15.")] = "",
    org: Annotated[
        UUID | None, typer.Option(help="只查一个机构 One institution only; zeros: the department.")
    ] = None,
    seals: Annotated[
        Path | None,
        typer.Option(help="外部保存的日封印 Seals held outside, as `kaowu audit-seals` wrote them."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="供程序读取 Print the findings for a program.")
    ] = False,
) -> None:
    """核验审计链 Walk the audit's chains; status 1 and the first faulty line where one does not fit."""
    if day and (len(day) != len(DAY_SIGNS) or not day.replace("-", "").isdigit()):
        refuse("--day 的格式是 2027-01-15。\n--day is written 2027-01-15.")
    held = None if seals is None else _read(seals)
    began_ms = now_ms()
    chains, kept, false = run_on_parts(lambda wired: _walked(wired, org, day or None, held))
    out = VerifiedOut(
        sound=not false and all(one.found is None for one in chains),
        lines=sum(one.lines for one in chains),
        chains=len(chains),
        seals=len(kept),
        took_ms=now_ms() - began_ms,
        false_seals=[f"{one.org} {one.day}" for one in false],
        faults=[_found(one) for one in chains if one.found],
    )
    typer.echo(msgspec.json.encode(out).decode() if json else _said(out))
    if not out.sound:
        sys.exit(FAILED)


async def _walked(
    wired: Wired, org: UUID | None, day: str | None, held: Sequence[Seal] | None
) -> tuple[Sequence[Walked], Sequence[Seal], Sequence[Seal]]:
    """The walk, the seals it was compared with, and those of them that are not genuine."""
    audit = wired.parts.audit
    kept = [*await audit.book.seals(), *(held or ())]
    false = [one for one in kept if not genuine(one, audit.seal_keys)]
    # Seals held outside speak last: of two for one day the one from outside is believed.
    sealed: dict[UUID, dict[str, End]] = ends([one for one in kept if one not in false])
    return await walked(wired.database, org=org, day=day, sealed=sealed), kept, false


def _found(one: Walked) -> FoundOut:
    if one.found is None:
        raise ValueError(one)
    place = one.found.place
    name = "department" if one.org == DEPARTMENT else str(one.org)
    return FoundOut(name, place.day, place.no, one.found.fault.value)


def _said(out: VerifiedOut) -> str:
    told = [f"{one} 封印签名无效 its seal is not genuine" for one in out.false_seals]
    for one in out.faults:
        zh, en = FAULTS[Fault(one.fault)]
        told.append(f"{one.org} {one.day or '-'} no {one.no}: {zh} {en}")
    if out.sound:
        told.append("审计链完好 The audit is sound.")
    told.append(f"{out.lines} lines, {out.chains} chains, {out.seals} seals, {out.took_ms / 1000:.1f} s")
    return "\n".join(told)


def _read(path: Path) -> Sequence[Seal]:
    try:
        return [seal_of(one) for one in msgspec.json.decode(path.read_bytes(), type=KeptSeals).seals]
    except (OSError, msgspec.MsgspecError, ValueError):
        refuse(f"{path} 不是日封印文件。\n{path} holds no seals: `kaowu audit-seals` writes them.")
