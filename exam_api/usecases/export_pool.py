"""Handing a whole pool out as a file: keys leave the house, so the audit says who took them."""

from enum import StrEnum
from uuid import UUID

import msgspec

from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.errors import NoSuchPool
from exam_api.usecases.pools import own_pool
from question_pools.exchange.pool_json import pictures_of, write_json
from question_pools.exchange.workbook import write_workbook
from question_pools.items import Picture, Pool


class Format(StrEnum):
    """Kinds of files that a pool can be had as."""

    XLSX = "xlsx"
    JSON = "json"


class ExportAsk(msgspec.Struct, frozen=True, kw_only=True):
    login: Login
    pool_id: UUID
    kind: Format


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """A file; `number` is the version it holds."""

    title: str
    number: int
    items: int
    data: bytes


async def export_pool(ask: ExportAsk, parts: ConsoleParts) -> Exported:
    """The newest version of a pool that the login may change, as a file that imports to the same items.

    Salts stay here: they are what keeps a key from being guessed by its item's version.

    Raises NoSuchPool (also for a pool without any version), CannotExport, RecordAway.
    """
    summary = await own_pool(ask.pool_id, ask.login, parts)
    version = await parts.pools.newest(ask.pool_id)
    if version is None:
        raise NoSuchPool(ask.pool_id)
    items = tuple(msgspec.structs.replace(item, salt="") for item in version.items)
    pool = Pool(summary.code, summary.title, items, version.sets)
    pictures = await _pictures(pool, parts)
    data = await parts.in_thread(_written, pool, pictures, ask.kind)
    await parts.pools.exported(
        ask.pool_id, version.number, kind=ask.kind, items=len(items), act=parts.act(ask.login)
    )
    return Exported(title=summary.title, number=version.number, items=len(items), data=data)


async def _pictures(pool: Pool, parts: ConsoleParts) -> tuple[Picture, ...]:
    """Those that are there; a file that needs others says so."""
    named = dict.fromkeys(sha for item in pool.items for sha in pictures_of(item))
    named |= dict.fromkeys(sha for one in pool.sets for sha in one.pictures)
    held = [await parts.pools.picture(sha) for sha in named]
    return tuple(one for one in held if one is not None)


def _written(pool: Pool, pictures: tuple[Picture, ...], kind: Format) -> bytes:
    return write_workbook(pool, pictures) if kind is Format.XLSX else write_json(pool, pictures)
