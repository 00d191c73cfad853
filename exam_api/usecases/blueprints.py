"""Checking and keeping blueprints against the pools they draw from."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.console_ports import StoredBlueprint
from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts, reaches, scope_of
from exam_api.usecases.errors import NoSuchBlueprint
from exam_api.usecases.pools import usable_version
from question_pools.blueprint import Blueprint, Infeasible, Section, check, demands, faults, total_centi
from question_pools.draw import DrawIndex
from question_pools.errors import BadBlueprint, BlueprintNotMet, OverlapNotMet
from question_pools.items import Item, Kind, PoolVersion, version_of
from question_pools.outlook import Outlook, outlook
from question_pools.repairs import Repair, matching, repairs
from scoring.choice import parse_policy
from scoring.publication import MarkingWarning, PublishedItem, warnings

WARNINGS_MAX: Final = 50
"""Warnings that are told; a rule that warns for every item of a pool is understood before."""

REPAIRED_MAX: Final = 8
"""Short cells that repairs are tried for: each trial is a flow over the whole pool."""


class CellState(msgspec.Struct, frozen=True, kw_only=True):
    """One cell beside the pool."""

    section: int
    at: int | None
    """Index in the section; None: the open rest."""
    wanted: int
    there: int
    """Items of the pool that fit the cell, whoever else wants them."""
    share: float | None
    """Mean chance of these items to stand on a paper; None where no paper can be drawn."""


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody meets who sits a second paper of this blueprint."""

    most: int
    """Items of the paper before that the blueprint allows."""
    least: int | None
    """As few as can be, where that is more than allowed; else None."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a pool can fill a blueprint, what its papers will be like, and what to know of its marking."""

    blueprint: Blueprint
    infeasible: Sequence[Infeasible]
    repairs: Sequence[Sequence[Repair]]
    """For each infeasible cell."""
    cells: Sequence[CellState]
    outlook: Outlook | None
    """None where no paper can be drawn."""
    repeat: Repeat | None
    warnings: Sequence[MarkingWarning]
    items: int
    total_centi: int


async def list_blueprints(login: Login, parts: ConsoleParts) -> Sequence[StoredBlueprint]:
    """An institution sees its own and the department's, the department all."""
    return await parts.blueprints.blueprints(scope_of(login))


async def check_blueprint(blueprint: Blueprint, pool_id: UUID, login: Login, parts: ConsoleParts) -> Checked:
    """Raises NoSuchPool, PoolNotPublished, BadBlueprint, UnknownPolicy."""
    version = await usable_version(pool_id, login, parts)
    return await parts.in_thread(checked, blueprint, version)


async def keep_blueprint(
    blueprint: Blueprint, pool_id: UUID, login: Login, parts: ConsoleParts
) -> StoredBlueprint:
    """Keep a blueprint that the pool can fill.

    Raises NoSuchPool, PoolNotPublished, BadBlueprint, UnknownPolicy, BlueprintNotMet naming the cells.
    """
    version = await usable_version(pool_id, login, parts)
    missing = await parts.in_thread(_missing, blueprint, version)
    if missing:
        raise BlueprintNotMet(missing)
    return await parts.blueprints.keep_blueprint(
        blueprint, institution_id=scope_of(login).institution_id, act=parts.act(login)
    )


async def usable_blueprint(blueprint_id: UUID, login: Login, parts: ConsoleParts) -> StoredBlueprint:
    """A blueprint of the login's institution or of the department.

    Raises NoSuchBlueprint.
    """
    held = await parts.blueprints.blueprint(blueprint_id)
    if held is None or not (held.institution_id is None or reaches(login, held.institution_id)):
        raise NoSuchBlueprint(blueprint_id)
    return held


def checked(blueprint: Blueprint, version: PoolVersion) -> Checked:
    """Raises BadBlueprint, UnknownPolicy."""
    _sound(blueprint)
    items = [one for section in blueprint.sections for one in _published(section, version.items)]
    short = check(blueprint, version)
    ahead = None if short else outlook(version, blueprint)
    return Checked(
        blueprint=blueprint,
        infeasible=short,
        repairs=[repairs(blueprint, version, one) for one in short[:REPAIRED_MAX]],
        cells=_states(blueprint, version, ahead),
        outlook=ahead,
        repeat=None if short else _repeat(blueprint, version),
        warnings=warnings(items)[:WARNINGS_MAX],
        items=sum(section.count for section in blueprint.sections),
        total_centi=total_centi(blueprint),
    )


def _missing(blueprint: Blueprint, version: PoolVersion) -> Sequence[Infeasible]:
    _sound(blueprint)
    return check(blueprint, version)


def _sound(blueprint: Blueprint) -> None:
    wrong = faults(blueprint)
    if wrong:
        raise BadBlueprint(wrong)
    for section in blueprint.sections:
        parse_policy(section.policy)


def _states(blueprint: Blueprint, version: PoolVersion, ahead: Outlook | None) -> Sequence[CellState]:
    states: list[CellState] = []
    for one in demands(blueprint):
        section = blueprint.sections[one.section]
        there = matching(version, section, one.cell)
        share: float | None = None
        if ahead is not None:
            fits = [
                index
                for index, item in enumerate(version.items)
                if (section.kind is None) == (item.set_id is not None) and one.takes(item)
            ]
            share = sum(ahead.shares.get(index, 0.0) for index in fits) / max(len(fits), 1)
        states.append(
            CellState(section=one.section, at=one.at, wanted=one.cell.count, there=there, share=share)
        )
    return states


def _repeat(blueprint: Blueprint, version: PoolVersion) -> Repeat:
    """Tried with one paper: for cells that do not cross every paper says the same."""
    index = DrawIndex(version, blueprint)
    place = {version_of(item): at for at, item in enumerate(version.items)}
    paper = index.draw(b"first")
    before = tuple(sorted(place[slot.version] for slot in paper.slots))
    most = len(before) * blueprint.overlap_percent // 100
    try:
        index.draw(b"second", before)
    except OverlapNotMet as refused:
        return Repeat(most=most, least=refused.least)
    return Repeat(most=most, least=None)


def _published(section: Section, items: Sequence[Item]) -> list[PublishedItem]:
    """The items that partial marks could concern: multiple response, under the section's policy."""
    policy = parse_policy(section.policy)
    if section.kind not in {Kind.MULTI, None}:
        return []
    return [
        PublishedItem(section.title, item.id, version_of(item), item.key, policy, section.points_centi)
        for item in items
        if item.kind is Kind.MULTI and (section.kind is Kind.MULTI) == (item.set_id is None)
    ]
