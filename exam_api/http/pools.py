"""Pools, blueprints and profiles for the console."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from exam_api.console_ports import PoolSummary, StoredBlueprint
from exam_api.errors import RecordAway
from exam_api.http.guards import OFFICE, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_blueprint import infeasible_out
from exam_api.http.wire_staff import (
    BlueprintCheckOut,
    BlueprintIn,
    BlueprintRow,
    BlueprintsOut,
    CellIn,
    PoolRow,
    PoolsOut,
    ProfileOut,
    ProfilesOut,
    PublishOut,
    Says,
    SectionIn,
)
from exam_api.usecases.blueprints import Checked, check_blueprint, keep_blueprint, list_blueprints
from exam_api.usecases.errors import NoSuchPool, PoolNotPublished
from exam_api.usecases.pools import list_pools, publish_pool
from question_pools.blueprint import Blueprint, Cell, Section, total_centi
from question_pools.errors import (
    BadBlueprint,
    BlueprintNotMet,
    Encrypted,
    NoHeader,
    NotAWorkbook,
    OldWordFile,
    TooLarge,
    ZipBomb,
)
from question_pools.items import Kind
from scoring.errors import UnknownPolicy
from scoring.profiles import PROFILES, Profile, profile_blueprint

UNREADABLE = (NotAWorkbook, OldWordFile, NoHeader, TooLarge, ZipBomb, Encrypted)
"""Refusals of a file that cannot be taken in at all."""


@get("/api/pools", operation_id="listPools", opt=only(OFFICE), responses=told(RecordAway))
async def pools(request: Logged, parts: Given[Parts]) -> PoolsOut:
    """List the pools in reach: own and the department's; officers see all."""
    return PoolsOut(pools=[_pool(one) for one in await list_pools(request.user, parts.console)])


@post(
    "/api/pools/{pool_id:uuid}/publish",
    operation_id="publishPool",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchPool, PoolNotPublished, RecordAway),
)
async def publish(pool_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> PublishOut:
    """Publish the pool's draft; a published version never changes."""
    stored = await publish_pool(pool_id, request.user, parts.console)
    return PublishOut(pool_id=str(stored.pool_id), version=stored.number, digest=stored.digest)


@get("/api/blueprints", operation_id="listBlueprints", opt=only(OFFICE), responses=told(RecordAway))
async def blueprints(request: Logged, parts: Given[Parts]) -> BlueprintsOut:
    """List the blueprints in reach."""
    held = await list_blueprints(request.user, parts.console)
    return BlueprintsOut(blueprints=[_blueprint_row(one) for one in held])


@post(
    "/api/blueprints",
    operation_id="keepBlueprint",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchPool, PoolNotPublished, BadBlueprint, UnknownPolicy, BlueprintNotMet, RecordAway),
)
async def keep(
    data: JSONBody[BlueprintIn],
    request: Logged,
    parts: Given[Parts],
    pool_id: Annotated[UUID, QueryParameter(name="poolId")],
) -> BlueprintRow:
    """Keep a blueprint that the pool's newest published version can fill."""
    return _blueprint_row(await keep_blueprint(_blueprint(data), pool_id, request.user, parts.console))


@post(
    "/api/blueprints/check",
    operation_id="checkBlueprint",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchPool, PoolNotPublished, BadBlueprint, UnknownPolicy, RecordAway),
)
async def check(
    data: JSONBody[BlueprintIn],
    request: Logged,
    parts: Given[Parts],
    pool_id: Annotated[UUID, QueryParameter(name="poolId")],
) -> BlueprintCheckOut:
    """Tell whether the pool can fill a blueprint, and which items would earn full marks half answered."""
    return _checked(await check_blueprint(_blueprint(data), pool_id, request.user, parts.console))


@get("/api/profiles", operation_id="listProfiles", opt=only(OFFICE))
async def profiles() -> ProfilesOut:
    """List the built-in exam profiles."""
    return ProfilesOut(profiles=[_profile(one) for one in PROFILES.values()])


ROUTES: Sequence[HTTPRouteHandler] = (pools, publish, blueprints, keep, check, profiles)


def _pool(one: PoolSummary) -> PoolRow:
    return PoolRow(
        id=str(one.id),
        code=one.code,
        title=one.title,
        institution=one.institution,
        versions=one.versions,
        published=one.published,
        items=one.items,
        by_kind=dict(one.by_kind),
        updated_ms=one.updated_ms,
    )


def _blueprint(data: BlueprintIn) -> Blueprint:
    return Blueprint(
        id="console",  # enters the digest, so it is the same for all that people make here
        title=data.title,
        sections=tuple(
            Section(
                title=section.title,
                kind=Kind(section.kind) if section.kind else None,
                count=section.count,
                points_centi=section.points_centi,
                policy=section.policy,
                shuffle_items=section.shuffle_items,
                shuffle_options=section.shuffle_options,
                part=section.part,
                cells=tuple(
                    Cell(count=cell.count, outline=cell.outline, difficulty=cell.difficulty)
                    for cell in section.cells
                ),
            )
            for section in data.sections
        ),
    )


def _sections(blueprint: Blueprint) -> list[SectionIn]:
    return [
        SectionIn(
            title=section.title,
            kind=section.kind,
            count=section.count,
            points_centi=section.points_centi,
            policy=section.policy,
            shuffle_items=section.shuffle_items,
            shuffle_options=section.shuffle_options,
            part=section.part,
            cells=[
                CellIn(outline=cell.outline, difficulty=cell.difficulty, count=cell.count)
                for cell in section.cells
            ],
        )
        for section in blueprint.sections
    ]


def _blueprint_row(held: StoredBlueprint) -> BlueprintRow:
    return BlueprintRow(
        id=str(held.id),
        title=held.blueprint.title,
        digest=held.digest,
        items=sum(section.count for section in held.blueprint.sections),
        total_centi=total_centi(held.blueprint),
        sections=_sections(held.blueprint),
    )


def _checked(found: Checked) -> BlueprintCheckOut:
    return BlueprintCheckOut(
        feasible=not found.infeasible,
        infeasible=[infeasible_out(one, found.blueprint) for one in found.infeasible],
        warnings=[Says(zh=one.zh, en=one.en) for one in found.warnings],
        items=found.items,
        total_centi=found.total_centi,
    )


def _profile(one: Profile) -> ProfileOut:
    return ProfileOut(
        id=one.id,
        title=Says(zh=one.title_zh, en=one.title_en),
        channel=one.channel,
        items=sum(section.count for section in one.sections),
        full_centi=one.full_centi,
        pass_centi=one.pass_centi,
        length_ms=one.length_ms,
        navigation=one.navigation,
        earliest_hand_in_ms=one.earliest_hand_in_ms,
        latest_entry_ms=one.latest_entry_ms,
        takeover=one.takeover,
        late_offline=one.late_offline,
        confirmed=one.confirmed,
        sections=_sections(profile_blueprint(one)),
    )
