"""`kaowu restore`: a backup back into an empty database, or in place of what is there."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from exam_api.blobs.trees import StrangePath
from exam_api.cli.given import FAILED, now_ms, refuse, settings
from exam_api.cli.progress import Bar
from exam_api.errors import LiveAway, RecordAway
from exam_api.settings import Settings
from exam_api.store.audit_walk import walked
from exam_api.store.backup.archive import Manifest
from exam_api.store.backup.errors import BackupRefused, OtherRevision, OtherSecret, TargetNotEmpty
from exam_api.store.backup.forgotten import Forgotten
from exam_api.store.backup.restoring import Over, Restored
from exam_api.store.seals import ends
from exam_api.usecases.replay_log import Replayed, replay_log
from exam_api.wiring import open_parts
from exam_api.wiring.backup import restore_from


class RestoredOut(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints."""

    backup: str
    made_ms: int
    rows: int
    files: int
    erased_again: int
    audit_sound: bool
    replayed: int | None
    """Entries of the log that were written again; None: Redis was away."""


def run(
    file: Annotated[Path, typer.Argument(help="备份文件 The file that `kaowu backup` wrote.")],
    *,
    wipe: Annotated[
        bool, typer.Option("--wipe", help="清空现有数据 Take out everything that is there.")
    ] = False,
    deletions: Annotated[
        Path | None,
        typer.Option(help="删除记录 A newer log of deletions, as `kaowu backup --only-deletions` writes it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="供程序读取 Print figures for a program.")] = False,
) -> None:
    """恢复备份 Put a backup back, with the service stopped; all or nothing.

    What was erased since is erased again, the audit is verified, and what Redis still holds of running exams
    is written into the record once more.
    """
    found = settings()
    log = Forgotten() if deletions is None else _read(deletions)
    made, done = _restored(file, found, Over(wipe=wipe, log=log))
    sound, replayed = asyncio.run(_after(found))
    out = RestoredOut(
        backup=made.id,
        made_ms=made.made_ms,
        rows=done.rows,
        files=len(made.files),
        erased_again=done.erased_again,
        audit_sound=sound,
        replayed=None if replayed is None else replayed.entries,
    )
    typer.echo(msgspec.json.encode(out).decode() if json else _said(out))
    if not sound or replayed is None:
        sys.exit(FAILED)


def _restored(file: Path, found: Settings, over: Over) -> tuple[Manifest, Restored]:
    try:
        with Bar() as bar:
            return asyncio.run(restore_from(file, found, over=over, at_ms=now_ms(), tell=bar))
    except OtherRevision as other:
        zh = "备份" if other.what == "backup" else "数据库"
        refuse(
            f"{zh}的结构为 {other.held or '空'}，本程序为 {other.wanted}：请用写备份的那个版本恢复，"
            "再升级并运行 `kaowu migrate`。\n"
            f"The {other.what} is at revision {other.held or 'none'}, this program at {other.wanted}: "
            "restore with the release that wrote the backup, then upgrade and run `kaowu migrate`."
        )
    except OtherSecret as other:
        refuse(
            f"此备份用另一个主密钥封存（标记 {other.mark}）：请把当时的密钥设为 KAOWU_SECRET，"
            "或放进 KAOWU_PREVIOUS_SECRETS 后再恢复。\n"
            f"This backup was sealed under another master secret (mark {other.mark}): set KAOWU_SECRET to "
            "the one of then, or put it into KAOWU_PREVIOUS_SECRETS, and restore again."
        )
    except TargetNotEmpty as full:
        refuse(
            f"数据库不是空的（{full.table} 有 {full.rows} 行）：确定要清空时加上 --wipe。\n"
            f"The database is not empty ({full.table} has {full.rows} rows): --wipe takes out what is there."
        )
    except (BackupRefused, StrangePath) as refused:
        refuse(f"备份文件不能恢复，数据库未改动。\n{refused}; the database was not changed.")
    except RecordAway:
        refuse(
            "数据库没有应答，或仍有进程在使用：请先停止服务。\n"
            "The database does not answer, or somebody still uses it: stop the service first."
        )
    except OSError as failed:
        refuse(f"{file} 无法读取。\n{file} cannot be read: {failed.strerror}.")


async def _after(found: Settings) -> tuple[bool, Replayed | None]:
    """Whether the audit is whole, and what was written again from the log."""
    async with open_parts(found) as wired:
        audit = wired.parts.audit
        sealed = ends(await audit.book.seals())
        chains = await walked(wired.database, sealed=sealed)
        try:
            replayed = await replay_log(wired.log, wired.exam.record, wired.exam.results)
        except LiveAway:
            replayed = None
        return all(one.found is None for one in chains), replayed


def _said(out: RestoredOut) -> str:
    told = [
        f"已恢复 restored: {out.rows} 行 rows, {out.files} 文件 files",
        f"再次删除 erased again: {out.erased_again}",
    ]
    if out.audit_sound:
        told.append("审计链完好 The audit is sound.")
    else:
        told.append("审计链有缺口 The audit does not fit: `kaowu verify-audit` names the line.")
    if out.replayed is None:
        told.append("Redis 没有应答：Redis 恢复后请运行 `kaowu replay-log`。")
        told.append("Redis does not answer: run `kaowu replay-log` when it is back.")
    else:
        told.append(f"从 Redis 补写 written again from Redis: {out.replayed} 条 entries")
    return "\n".join(told)


def _read(path: Path) -> Forgotten:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Forgotten)
    except (OSError, msgspec.MsgspecError):
        refuse(f"{path} 不是删除记录。\n{path} is no log of deletions: `kaowu backup --only-deletions`.")
