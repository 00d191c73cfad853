"""Blueprints, previews of their papers, exposure of items, and profiles for the console."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from exam_api.console_ports import StoredBlueprint
from exam_api.errors import RecordAway
from exam_api.http.guards import OFFICE, WRITERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_blueprint import infeasible_out, outlook_out, preview_out
from exam_api.http.wire_blueprints import (
    BlueprintCheckOut,
    BlueprintIn,
    BlueprintRow,
    BlueprintsOut,
    CellIn,
    CellOut,
    ExposureOut,
    ExposureRow,
    PreviewOut,
    ProfileOut,
    ProfilesOut,
    RepeatOut,
    SectionIn,
)
from exam_api.http.wire_staff import Says
from exam_api.people import Role
from exam_api.usecases.blueprints import Checked, check_blueprint, keep_blueprint, list_blueprints
from exam_api.usecases.errors import NoSuchPool, PoolNotPublished
from exam_api.usecases.preview_papers import PreviewAsk, Worn, preview_papers, worn_items
from question_pools.blueprint import Blueprint, Cell, Section, total_centi
from question_pools.errors import BadBlueprint, BlueprintNotMet
from question_pools.items import Kind
from scoring.errors import UnknownPolicy
from scoring.profiles import PROFILES, Profile, profile_blueprint

PREVIEWERS = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, Role.OFFICER)
"""Those who may look at papers before there is a session: who writes items, and the department."""

STEM_MAX = 120
"""Characters of a stem in the list of exposure."""


@get("/api/blueprints", operation_id="listBlueprints", opt=only(WRITERS), responses=told(RecordAway))
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
    opt=only(WRITERS),
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


@post(
    "/api/blueprints/preview",
    operation_id="previewPapers",
    opt=only(PREVIEWERS, reads="paper-preview"),
    status_code=200,
    responses=told(NoSuchPool, PoolNotPublished, BadBlueprint, UnknownPolicy, BlueprintNotMet, RecordAway),
)
async def preview(  # noqa: PLR0917 - Litestar hands all by name
    data: JSONBody[BlueprintIn],
    request: Logged,
    parts: Given[Parts],
    pool_id: Annotated[UUID, QueryParameter(name="poolId")],
    turn: Annotated[int, QueryParameter(name="round", ge=0, le=1_000_000)] = 0,
    keys: Annotated[bool, QueryParameter()] = False,  # noqa: FBT002 - a query
) -> PreviewOut:
    """Draw three papers of a pool one looks after; showing `keys` is written into the audit."""
    ask = PreviewAsk(login=request.user, blueprint=_blueprint(data), pool_id=pool_id, round=turn, keys=keys)
    return preview_out(await preview_papers(ask, parts.console), keys=keys)


@get(
    "/api/pools/{pool_id:uuid}/exposure",
    operation_id="listExposure",
    opt=only(WRITERS),
    responses=told(NoSuchPool, RecordAway),
)
async def exposure(
    pool_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
    days: Annotated[int, QueryParameter(ge=1, le=3_650)] = 90,
) -> ExposureOut:
    """Tell how often the items of a pool were drawn, in all and in the last `days`."""
    found = await worn_items(pool_id, days, request.user, parts.console)
    return ExposureOut(days=days, items=[_worn(one) for one in found])


@get("/api/profiles", operation_id="listProfiles", opt=only(WRITERS))
async def profiles() -> ProfilesOut:
    """List the built-in exam profiles."""
    return ProfilesOut(profiles=[_profile(one) for one in PROFILES.values()])


ROUTES: Sequence[HTTPRouteHandler] = (blueprints, keep, check, preview, exposure, profiles)


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
                    Cell(
                        count=cell.count,
                        outline=cell.outline,
                        difficulty=cell.difficulty,
                        hardest=cell.hardest,
                    )
                    for cell in section.cells
                ),
            )
            for section in data.sections
        ),
        overlap_percent=data.overlap_percent,
        share_percent=data.share_percent,
        rest_papers=data.rest_papers,
        rest_days=data.rest_days,
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
                CellIn(
                    outline=cell.outline,
                    difficulty=cell.difficulty,
                    hardest=cell.hardest,
                    count=cell.count,
                )
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
        overlap_percent=held.blueprint.overlap_percent,
        share_percent=held.blueprint.share_percent,
        rest_papers=held.blueprint.rest_papers,
        rest_days=held.blueprint.rest_days,
    )


def _checked(found: Checked) -> BlueprintCheckOut:
    return BlueprintCheckOut(
        feasible=not found.infeasible,
        infeasible=[
            infeasible_out(one, found.repairs[number] if number < len(found.repairs) else ())
            for number, one in enumerate(found.infeasible)
        ],
        warnings=[Says(zh=one.zh, en=one.en) for one in found.warnings],
        items=found.items,
        total_centi=found.total_centi,
        cells=[
            CellOut(
                section=one.section,
                cell=one.at,
                wanted=one.wanted,
                there=one.there,
                share_permille=None if one.share is None else round(one.share * 1000),
            )
            for one in found.cells
        ],
        outlook=outlook_out(found.outlook) if found.outlook else None,
        repeat=RepeatOut(most=found.repeat.most, least=found.repeat.least) if found.repeat else None,
    )


def _worn(one: Worn) -> ExposureRow:
    item = one.item
    return ExposureRow(
        item_id=one.exposed.item_id,
        stem=item.stem[:STEM_MAX] if item else "",
        kind=item.kind if item else "",
        outline=item.outline if item else "",
        difficulty=item.difficulty if item else 0,
        drawn=one.exposed.drawn,
        lately=one.exposed.lately,
        sessions=one.exposed.sessions,
        last_ms=one.exposed.last_ms,
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
