"""Rights of persons: their own data, corrections, consents, deletion; and those who decide."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from exam_api.errors import ErasureHeld, LiveAway, OthersFacts, RecordAway
from exam_api.http import wire_persons as wire
from exam_api.http.guards import CANDIDATE, OFFICE, OFFICER, READERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_person import (
    correction_row,
    employment_row,
    erasure_row,
    finding_row,
    says,
    sitting_row,
)
from exam_api.people import Role
from exam_api.usecases import rights as use
from exam_api.usecases.errors import AskedAlready, NoSuchEntry, NoSuchPerson, NoSuchPurpose, NotAValue
from exam_api.usecases.own_file import own_json, own_zip
from exam_api.usecases.persons import seen_sitting
from exam_api.usecases.snapshots import PHOTOS, attempts_with_pictures, consent_changed
from exam_api.visible import Relation, Sight

OWN = Sight(Role.CANDIDATE, frozenset({Relation.OWN}))
"""How people see themselves."""


@get(
    "/api/my/data",
    operation_id="myData",
    opt=only(CANDIDATE),
    responses=told(NoSuchPerson, RecordAway, LiveAway),
)
async def my_data(request: Logged, parts: Given[Parts]) -> wire.MyDataOut:
    """Show what is kept about the person who is logged in, and who sent or got it."""
    held = await use.own_data(request.user, parts.persons)
    file = held.file
    return wire.MyDataOut(
        name=str(file.person["name"]),
        id_no=str(file.person["idNumber"]),
        phone=str(file.person["phone"]),
        known_since_ms=int(file.person["knownSinceMs"]),
        given=[
            wire.GivenRow(
                institution=str(one["institution"]),
                name=str(one["name"]),
                phone=str(one["phone"]),
                at_ms=int(one["atMs"]),
            )
            for one in file.given
        ],
        employments=[employment_row(one) for one in file.employments],
        sittings=[sitting_row(seen_sitting(one, OWN)) for one in file.sittings],
        notices=[
            wire.NoticeRow(at_ms=one.at_ms, institution=one.institution, code=one.code)
            for one in file.notices
        ],
        corrections=[correction_row(one) for one in file.corrections],
        erasures=[erasure_row(one) for one in file.erasures],
        log_ins=[wire.LogInRow(since_ms=one.since_ms, until_ms=one.until_ms) for one in held.log_ins],
    )


@get(
    "/api/my/data/file",
    operation_id="exportMyData",
    opt=only(CANDIDATE),
    media_type="application/zip",
    responses=told(NoSuchPerson, RecordAway, LiveAway),
)
async def export_my_data(
    request: Logged, parts: Given[Parts], form: FromQuery[Literal["zip", "json"]] = "zip"
) -> Response[bytes]:
    """Give everything as a file: a readable page and JSON in one .zip, or the JSON alone."""
    held = await use.own_data(request.user, parts.persons, export=True)
    data = await parts.persons.in_thread(own_json if form == "json" else own_zip, held)
    return Response(
        data,
        media_type="application/json" if form == "json" else "application/zip",
        headers={
            "content-disposition": f'attachment; filename="my-data.{form}"',
            "cache-control": "no-store",
        },
    )


@get("/api/my/consents", operation_id="myConsents", opt=only(CANDIDATE), responses=told(RecordAway))
async def my_consents(request: Logged, parts: Given[Parts]) -> wire.ConsentsOut:
    """List what consent is asked for, with what stands."""
    lines = await use.consent_list(request.user, parts.persons)
    return wire.ConsentsOut(
        consents=[
            wire.ConsentRow(
                purpose=one.purpose.purpose,
                version=one.purpose.version,
                text=says((one.purpose.zh, one.purpose.en)),
                withdrawable=one.purpose.withdrawable,
                given=one.given,
                at_ms=one.at_ms,
            )
            for one in lines
        ]
    )


@post(
    "/api/my/consents/{purpose:str}",
    operation_id="setMyConsent",
    opt=only(CANDIDATE),
    status_code=204,
    responses=told(NoSuchPurpose, RecordAway),
)
async def set_my_consent(
    purpose: FromPath[str], data: JSONBody[wire.PurposeIn], request: Logged, parts: Given[Parts]
) -> None:
    """Agree to a purpose, or take it back; that holds from now on."""
    await use.set_consent(
        request.user,
        purpose=purpose,
        given=data.given,
        text_version=data.text_version,
        parts=parts.persons,
    )
    if purpose == PHOTOS:
        attempts = await attempts_with_pictures(request.user.subject_id, parts.snapshots)
        await consent_changed(attempts, given=data.given, parts=parts.snapshots)


@post(
    "/api/my/corrections",
    operation_id="askCorrection",
    opt=only(CANDIDATE),
    status_code=204,
    responses=told(NotAValue, AskedAlready, RecordAway),
)
async def ask_correction(data: JSONBody[wire.CorrectionIn], request: Logged, parts: Given[Parts]) -> None:
    """Ask that the record say something else; somebody decides."""
    ask = use.CorrectionAsk(login=request.user, field=data.field, value=data.value, reason=data.reason)
    await use.ask_correction(ask, parts.persons)


@post(
    "/api/my/erasure",
    operation_id="askErasure",
    opt=only(CANDIDATE),
    status_code=200,
    responses=told(AskedAlready, RecordAway),
)
async def ask_erasure(
    data: JSONBody[wire.ErasureIn], request: Logged, parts: Given[Parts]
) -> wire.ErasureAskedOut:
    """Ask to be deleted; says what would go and what must stay, and why."""
    outcome = await use.ask_erasure(request.user, reason=data.reason, parts=parts.persons)
    return wire.ErasureAskedOut(outcome=[finding_row(one) for one in outcome])


@get(
    "/api/corrections",
    operation_id="listCorrections",
    opt=only(READERS, reads="corrections"),
    responses=told(RecordAway),
)
async def corrections(request: Logged, parts: Given[Parts]) -> wire.CorrectionsOut:
    """List corrections within reach, open ones first."""
    found = await use.list_corrections(request.user, parts.persons)
    return wire.CorrectionsOut(corrections=[correction_row(one) for one in found])


@post(
    "/api/corrections/{correction_id:uuid}/decide",
    operation_id="decideCorrection",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchEntry, OthersFacts, RecordAway),
)
async def decide_correction(
    correction_id: FromPath[UUID], data: JSONBody[wire.DecisionIn], request: Logged, parts: Given[Parts]
) -> wire.CorrectionRow:
    """Grant or decline a correction."""
    decided = await use.decide_correction(
        correction_id, request.user, grant=data.grant, answer=data.answer, parts=parts.persons
    )
    return correction_row(decided)


@get(
    "/api/erasures",
    operation_id="listErasures",
    opt=only((Role.OFFICER, Role.AUDITOR), reads="erasures"),
    responses=told(RecordAway),
)
async def erasures(request: Logged, parts: Given[Parts]) -> wire.ErasuresOut:
    """List deletions asked for, open ones first, each with what would go and what must stay."""
    found = await use.list_erasures(request.user, parts.persons)
    return wire.ErasuresOut(erasures=[erasure_row(one) for one in found])


@post(
    "/api/erasures/{erasure_id:uuid}/decide",
    operation_id="decideErasure",
    opt=only(OFFICER),
    status_code=200,
    responses=told(NoSuchEntry, ErasureHeld, RecordAway, LiveAway),
)
async def decide_erasure(
    erasure_id: FromPath[UUID], data: JSONBody[wire.DecisionIn], request: Logged, parts: Given[Parts]
) -> wire.ErasureRow:
    """Delete a person as far as the law lets, or say why not."""
    decided = await use.decide_erasure(
        erasure_id, request.user, grant=data.grant, why=data.answer, parts=parts.persons
    )
    return erasure_row(decided)


@post(
    "/api/people/{person_id:uuid}/hold",
    operation_id="holdPerson",
    opt=only(OFFICER),
    status_code=204,
    responses=told(NoSuchPerson, RecordAway),
)
async def hold(
    person_id: FromPath[UUID], data: JSONBody[wire.ReasonedIn], request: Logged, parts: Given[Parts]
) -> None:
    """Keep everything about a person until the hold is lifted."""
    await use.hold_person(person_id, request.user, reason=data.reason, parts=parts.persons)


@post(
    "/api/people/{person_id:uuid}/hold/lift",
    operation_id="liftHold",
    opt=only(OFFICER),
    status_code=204,
    responses=told(RecordAway),
)
async def lift_hold(person_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> None:
    """Lift every hold on a person."""
    await use.lift_hold(person_id, request.user, parts.persons)


ROUTES: Sequence[HTTPRouteHandler] = (
    my_data,
    export_my_data,
    my_consents,
    set_my_consent,
    ask_correction,
    ask_erasure,
    corrections,
    decide_correction,
    erasures,
    decide_erasure,
    hold,
    lift_hold,
)
