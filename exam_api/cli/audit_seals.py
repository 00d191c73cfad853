"""`kaowu audit-seals`: the signed ends of days, to be held outside the service."""

from uuid import UUID

import msgspec
import typer

from exam_api.audit_ports import End, Seal
from exam_api.cli.wired import run_on_parts
from exam_api.wiring import Wired


class KeptSeal(msgspec.Struct, frozen=True, rename="camel"):
    """One seal as it is held outside; the API gives the same fields."""

    org: str
    day: str
    no: int
    hash: str
    key_id: str
    signature: str
    made_ms: int


class KeptSeals(msgspec.Struct, frozen=True):
    """All of them with the public keys they are checked by."""

    keys: dict[str, str]
    seals: list[KeptSeal]


def run() -> None:
    """导出审计日封印 Print the signed ends of the audit's days as JSON, for somebody outside to keep."""

    async def collected(wired: Wired) -> KeptSeals:
        return KeptSeals(
            keys={name: public.hex() for name, public in wired.parts.audit.seal_keys.items()},
            seals=[_kept(one) for one in await wired.parts.audit.book.seals()],
        )

    typer.echo(msgspec.json.format(msgspec.json.encode(run_on_parts(collected)), indent=1).decode())


def seal_of(kept: KeptSeal) -> Seal:
    """The seal that a file holds. Raises ValueError."""
    return Seal(
        org=UUID(kept.org),
        day=kept.day,
        end=End(kept.no, bytes.fromhex(kept.hash)),
        key_id=kept.key_id,
        signature=bytes.fromhex(kept.signature),
        made_ms=kept.made_ms,
    )


def _kept(one: Seal) -> KeptSeal:
    return KeptSeal(
        org=str(one.org),
        day=one.day,
        no=one.end.no,
        hash=one.end.digest.hex(),
        key_id=one.key_id,
        signature=one.signature.hex(),
        made_ms=one.made_ms,
    )
