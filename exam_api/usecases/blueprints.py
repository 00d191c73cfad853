"""Checking and keeping blueprints against the pools they draw from."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.console_ports import StoredBlueprint
from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts, reach_of, reaches
from exam_api.usecases.errors import NoSuchBlueprint
from exam_api.usecases.pools import usable_version
from question_pools.blueprint import Blueprint, Infeasible, Section, check, faults, total_centi
from question_pools.errors import BadBlueprint, BlueprintNotMet
from question_pools.items import Item, Kind, PoolVersion, version_of
from scoring.choice import parse_policy
from scoring.publication import MarkingWarning, PublishedItem, warnings

WARNINGS_MAX: Final = 50
"""Warnings that are told; a rule that warns for every item of a pool is understood before."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a pool can fill a blueprint, and what to know of its marking."""

    blueprint: Blueprint
    infeasible: Sequence[Infeasible]
    warnings: Sequence[MarkingWarning]
    items: int
    total_centi: int


async def list_blueprints(login: Login, parts: ConsoleParts) -> Sequence[StoredBlueprint]:
    """An institution sees its own and the department's, the department all."""
    return await parts.blueprints.blueprints(reach_of(login))


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
    found = await check_blueprint(blueprint, pool_id, login, parts)
    if found.infeasible:
        raise BlueprintNotMet(found.infeasible)
    return await parts.blueprints.keep_blueprint(
        blueprint, institution_id=reach_of(login), act=parts.act(login)
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
    wrong = faults(blueprint)
    if wrong:
        raise BadBlueprint(wrong)
    items = [one for section in blueprint.sections for one in _published(section, version.items)]
    return Checked(
        blueprint=blueprint,
        infeasible=check(blueprint, version),
        warnings=warnings(items)[:WARNINGS_MAX],
        items=sum(section.count for section in blueprint.sections),
        total_centi=total_centi(blueprint),
    )


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
