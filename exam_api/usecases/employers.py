"""Employers, employment, licences of institutions, and rooms that are lent."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from enrollment.uscc import parse_uscc
from exam_api.people import Login
from exam_api.persons_ports import EmployerLine, InstitutionFile
from exam_api.usecases.errors import NoSuchEntry
from exam_api.usecases.persons_parts import PersonsParts, people_reach


async def list_employers(login: Login, parts: PersonsParts, *, words: str = "") -> Sequence[EmployerLine]:
    """Employers within reach, by name."""
    return await parts.employers.employers(people_reach(login), words=words.strip())


async def keep_employer(login: Login, *, uscc: str, name: str, parts: PersonsParts) -> None:
    """Keep an employer under its credit code.

    Raises NotACreditCode.
    """
    await parts.employers.keep_employer(parse_uscc(uscc).code, name.strip(), act=parts.act(login))


async def confirm_employment(employment_id: UUID, login: Login, parts: PersonsParts) -> None:
    """Say that it is so. Raises NoSuchEntry."""
    if not await parts.employers.confirm_employment(employment_id, people_reach(login), act=parts.act(login)):
        raise NoSuchEntry(employment_id)


async def end_employment(employment_id: UUID, login: Login, *, until: str, parts: PersonsParts) -> None:
    """It ended that day. Raises NoSuchEntry, also for a day before it began."""
    ended = await parts.employers.end_employment(
        employment_id, people_reach(login), until=until, act=parts.act(login)
    )
    if not ended:
        raise NoSuchEntry(employment_id)


async def keep_institution_file(file: InstitutionFile, login: Login, parts: PersonsParts) -> None:
    """Keep what an institution is licensed for. Raises NotACreditCode, NoSuchEntry."""
    sound = msgspec.structs.replace(file, uscc=parse_uscc(file.uscc).code)
    if not await parts.houses.keep_institution_file(sound, act=parts.act(login)):
        raise NoSuchEntry(file.id)


async def lend(session_id: UUID, lenders: Sequence[UUID], login: Login, parts: PersonsParts) -> None:
    """Say which institutions lend rooms to a session. Raises NoSuchEntry."""
    if not await parts.houses.lend(session_id, lenders, act=parts.act(login)):
        raise NoSuchEntry(session_id)
