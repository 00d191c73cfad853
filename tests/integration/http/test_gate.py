"""Who may call what: the walk role × route × tenant over every route the application has, origins, limits."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from exam_api.app import create_litestar, openapi_document
from exam_api.console_ports import Act
from exam_api.http.guards import Access
from exam_api.http.openapi import declared
from exam_api.people import Login, Role
from tests.e2e.device import Device
from tests.e2e.world import HOUR, World, small_pool
from tests.integration.http.people import staff_account
from tests.integration.http.sound import Sound

PAGES = {"/", "/phone", "/desk", "/console"}

BODIES: dict[str, Any] = {
    "/api/attempt/start": {"attemptId": str(uuid4()), "storageKey": "0" * 32},
    "/api/attempt/sync": {"base": 0},
    "/api/attempt/submit": {"base": 0},
    "/api/blueprints": {
        "title": "t",
        "sections": [{"title": "s", "count": 1, "pointsCenti": 100, "kind": "single"}],
    },
    "/api/late/{attempt_id}/decide": {"accept": True, "reason": "网络中断"},
    "/api/my/exams/{attempt_id}/consent": {"choice": "photos", "textVersion": "1"},
    "/api/my/exams/{attempt_id}/items/report": {"slot": 0, "text": "有误"},
    "/api/practice/mark": {"answers": [1]},
    "/api/receipts/verify": {"receipt": "KW1.a.b"},
    "/api/staff/{account_id}/role": {"role": "invigilator", "institutionId": None},
    "/api/sessions": {
        "title": "场次",
        "poolId": str(uuid4()),
        "blueprintId": str(uuid4()),
        "profile": "qh-worker-phone",
        "opensMs": 0,
        "closesMs": 10**12,
    },
}
"""Bodies that must be more than sound in form; all others are made from the description."""

LOGIN_BODIES: dict[str, Any] = {
    "/api/login/code": {"name": "无名氏", "idNo": "11010519491231002X"},
    "/api/login/candidate": {"name": "无名氏", "idNo": "11010519491231002X", "code": "000000"},
    "/api/login/ticket": {"ticket": "KT1." + "A" * 40, "lastSix": "000000"},
    "/api/login/desk": {"ticketNo": "260019999", "lastSix": "000000", "roomCode": "000000"},
    "/api/login/staff": {"loginName": "nobody", "password": "none"},
}


SOUND = Sound(json.loads(openapi_document()))

FOREIGN_IDS = ("session_id", "attempt_id", "pool_id", "agreement_id", "account_id")
"""What the walk makes for one tenant; routes by such an id are asked by every other one."""


@pytest.fixture
def routes(world: World) -> list[tuple[str, str, Access]]:
    found = declared(create_litestar(world.wired.parts))
    return [(path, method, access) for path, method, access in found if access and method != "OPTIONS"]


async def test_every_route_declares_who_may_call_it(world: World) -> None:
    found = declared(create_litestar(world.wired.parts))
    silent = [(path, method) for path, method, access in found if not isinstance(access, Access)]
    assert [one for one in silent if one[1] != "OPTIONS"] == []
    for _, _, access in found:
        if access:
            assert access.anyone + access.attempt_token + bool(access.roles) == 1


async def test_the_walk_knows_every_described_route(routes: list[tuple[str, str, Access]]) -> None:
    described = set(httpx.Response(200, content=openapi_document()).json()["paths"])
    walked = {path for path, _, _ in routes}
    assert walked - described == PAGES | {"/metrics", "/openapi.json"}
    assert described - walked == set()


async def test_nobody_who_is_not_logged_in_gets_past_a_role(
    world: World, routes: list[tuple[str, str, Access]]
) -> None:
    client = world.stranger()
    for path, method, access in routes:
        if access.roles or access.attempt_token:
            reply = await called(client, path, method)
            assert reply.status_code == 401, (method, path, reply.text)


async def test_every_other_role_is_refused(world: World, routes: list[tuple[str, str, Access]]) -> None:
    sitting = await world.sitting(people=1)
    ids = {"session_id": sitting.id, "attempt_id": sitting.people[0].id}
    clients = {role: await client_of(world, role) for role in Role}
    for path, method, access in routes:
        for role in set(Role) - set(access.roles) if access.roles else ():
            reply = await called(clients[role], path, method, ids)
            if access.by_key:
                assert reply.status_code in {401, 403}, (role, method, path, reply.text)
                continue
            assert reply.status_code == 403, (role, method, path, reply.text)
            assert reply.json()["type"] == "/problems/not-allowed"


async def test_every_declared_role_gets_past_the_gate(
    world: World, routes: list[tuple[str, str, Access]]
) -> None:
    clients = {role: await client_of(world, role) for role in Role}
    for path, method, access in routes:
        if path in {"/api/logout", "/api/logout/everywhere", "/api/sessions/{session_id}/watch"}:
            continue  # ends the log-in; streams (test_streams)
        for role in access.roles:
            reply = await called(clients[role], path, method)
            assert reply.status_code not in {401, 403, 405, 500}, (role, method, path, reply.text)


async def test_no_tenant_sees_what_is_anothers(world: World, routes: list[tuple[str, str, Access]]) -> None:
    sitting = await world.sitting(people=1)
    attempt = sitting.people[0].id
    assert (await (await world.device(sitting.people[0])).start(attempt)).status_code == 200
    ids = await ids_of_own(world, sitting.id, attempt)
    walked = 0
    for role in TENANTS:
        foreign = await of_other(world, role)
        for path, method, access in routes:
            if role not in access.roles or not any(f"{{{name}}}" in path for name in FOREIGN_IDS):
                continue
            reply = await called(foreign, path, method, ids)
            assert reply.status_code == 404, (role, method, path, reply.text)
            walked += 1
    admin = await world.staff(Role.INSTITUTION_ADMIN, own=False)
    for path, name in LISTS.items():
        reply = await admin.get(path)
        assert reply.json()[name] == [], path
    assert (await admin.get("/api/late", params={"session": str(sitting.id)})).status_code == 404
    assert walked >= 60
    live = await world.exam.live.find(attempt)
    assert live is not None
    assert live.state == "running", "none of the foreign acts was applied"


TENANTS = (
    Role.INSTITUTION_ADMIN,
    Role.INVIGILATOR,
    Role.ITEM_AUTHOR,
    Role.ITEM_REVIEWER,
    Role.EMPLOYER_CLERK,
)
"""Roles that see one tenant only."""

LISTS = {"/api/sessions": "sessions", "/api/late": "requests", "/api/agreements": "agreements"}
"""Lists that hold nothing for a tenant that has nothing."""


async def of_other(world: World, role: Role) -> httpx.AsyncClient:
    """Staff of the other institution, also where the role may belong to the department."""
    of_employer = role is Role.EMPLOYER_CLERK
    return await world.client(
        Login(
            id=uuid4(),
            role=role,
            subject_id=uuid4(),
            institution_id=None if of_employer else world.other,
            employer_id=uuid4() if of_employer else None,
            name="外人",
            since_ms=world.clock.at,
            until_ms=world.clock.at + HOUR,
        )
    )


async def ids_of_own(world: World, session_id: UUID, attempt_id: UUID) -> dict[str, Any]:
    """Ids of one tenant's things, for another to try."""
    act = Act(actor="system", at_ms=world.clock.at)
    pools, login_name = world.wired.parts.console.pools, f"jia{uuid4().hex[:8]}"
    pool = await pools.store(
        small_pool(f"t{uuid4().hex[:8]}"), (), pool_id=None, institution_id=world.own, act=act
    )
    await staff_account(world, login_name, Role.INVIGILATOR, world.own)
    async with world.wired.database.reading() as connection:
        asked = text("select id from staff where login = :login")
        account = await connection.scalar(asked.bindparams(login=login_name))
    officer = await world.staff(Role.OFFICER)
    question = {
        "act": "attempt.void",
        "sessionId": str(session_id),
        "attemptId": str(attempt_id),
        "reason": "替考",
    }
    asked_now = await officer.post("/api/agreements", json=question)
    return {
        "session_id": session_id,
        "attempt_id": attempt_id,
        "pool_id": pool.pool_id,
        "agreement_id": asked_now.json()["agreements"][0]["id"],
        "account_id": UUID(str(account)),
    }


async def test_a_candidate_never_sees_anothers_attempt(
    world: World, routes: list[tuple[str, str, Access]]
) -> None:
    sitting = await world.sitting(people=2)
    mine = await world.device(sitting.people[0])
    other = await world.device(sitting.people[1])
    await other.start(sitting.people[1].id)
    await other.submit()
    ids = {"attempt_id": sitting.people[1].id}
    for path, method, access in routes:
        if Role.CANDIDATE in access.roles and "{attempt_id}" in path:
            reply = await called(mine.http, path, method, ids)
            assert reply.status_code == 404, (method, path, reply.text)
    start = await Device(mine.http).start(sitting.people[1].id)
    assert start.json()["type"] == "/problems/not-your-attempt"


async def test_pages_of_other_origins_change_nothing(
    world: World, routes: list[tuple[str, str, Access]]
) -> None:
    client = await client_of(world, Role.OFFICER)
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        for path, method, _ in routes:
            if method not in {"GET", "HEAD"} and path not in PAGES:
                reply = await called(client, path, method, headers=headers)
                assert reply.json()["type"] == "/problems/foreign-origin", (method, path)


async def test_bodies_beyond_the_declared_limit_are_refused(
    world: World, routes: list[tuple[str, str, Access]]
) -> None:
    officer, candidate = await client_of(world, Role.OFFICER), await client_of(world, Role.CANDIDATE)
    for path, method, access in routes:
        if method != "POST" or access.body_max > 1_000_000 or path == "/api/logout":
            continue
        client = candidate if Role.CANDIDATE in access.roles else officer
        place = filled(path)
        beyond = access.body_max + 1
        replies = [await client.post(place, content=b"x" * beyond)]
        if takes_body(path):
            replies.append(await client.post(place, content=pieces(beyond)))
        for reply in replies:
            told = reply.json()
            assert (reply.status_code, told.get("limitBytes")) == (413, access.body_max), (path, told)


async def test_a_path_answers_only_to_its_methods(
    world: World, routes: list[tuple[str, str, Access]]
) -> None:
    client = await client_of(world, Role.OFFICER)
    own: dict[str, set[str]] = {}
    for path, method, _ in routes:
        own.setdefault(path, set()).add(method)
    for path, methods in own.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            reply = await client.request(method, filled(path))
            assert (reply.status_code, reply.json()["type"]) == (405, "/problems/method-not-served"), path
            assert methods - {"HEAD"} <= set(reply.headers["allow"].split(", "))


async def test_what_nobody_serves_is_a_problem_too(world: World) -> None:
    for path in ("/api/nothing", "/api/sessions/not-a-uuid/live", "/phone/no.js", "/phone/../pyproject.toml"):
        reply = await (await client_of(world, Role.OFFICER)).get(path)
        assert reply.status_code in {400, 404}, path
        assert reply.headers["content-type"] == "application/problem+json"


async def test_what_nobody_foresaw_is_500_without_detail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_institution_id: object) -> None:
        raise RuntimeError("secret 11010519491231002X")

    monkeypatch.setattr(world.wired.parts.console.sittings, "sessions", broken)
    with capture_logs() as told:
        reply = await (await client_of(world, Role.OFFICER)).get("/api/sessions")
    assert (reply.status_code, reply.json()) == (
        500,
        {"type": "/problems/our-fault", "title": "Our fault", "status": 500},
    )
    number = reply.headers["x-request-id"]
    assert [one["event"] for one in told if one.get("request") == number] == ["http.our-fault", "http.reply"]


async def test_every_reply_carries_the_security_headers_and_an_id(world: World) -> None:
    ids = set()
    for path in ("/health", "/api/me", "/nothing", "/problems"):
        headers = (await world.stranger().get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        ids.add(headers["x-request-id"])
    assert len(ids) == 4
    assert all(re.fullmatch(r"[1-9]\d{11}", one) for one in ids), "as people tell it by phone"


async def test_metrics_are_for_this_machine_only(world: World) -> None:
    own = await world.stranger().get("/metrics")
    assert "kaowu_http_seconds" in own.text
    proxied = await world.stranger().get("/metrics", headers={"x-forwarded-for": "198.51.100.7"})
    assert proxied.status_code == 404
    far = httpx.ASGITransport(world.app, client=("198.51.100.7", 1234))
    async with httpx.AsyncClient(transport=far, base_url="http://testserver.local") as client:
        assert (await client.get("/metrics")).status_code == 404


async def client_of(world: World, role: Role) -> httpx.AsyncClient:
    if role is not Role.CANDIDATE:
        return await world.staff(role)
    sitting = await world.sitting(people=1)
    return (await world.device(sitting.people[0])).http


async def called(
    client: httpx.AsyncClient,
    path: str,
    method: str,
    ids: dict[str, Any] | None = None,
    *,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Call a route with everything it needs, so that only the caller can be wrong."""
    body = BODIES.get(path) or LOGIN_BODIES.get(path)
    if path == "/api/blueprints/check":
        body = BODIES["/api/blueprints"]
    sent = SOUND.body(path, method) if body is None or method != "POST" else {"json": body}
    return await client.request(
        method, filled(path, ids), params=SOUND.query(path, method), headers=headers, **sent
    )


def filled(path: str, ids: dict[str, Any] | None = None) -> str:
    for name, known in (ids or {}).items():
        path = path.replace("{" + name + "}", str(known))
    path = path.replace("{sha256}", "0" * 64).replace("{number}", "1")
    return re.sub(r"\{[a-z_]+\}", lambda _found: str(uuid4()), path)


def takes_body(path: str) -> bool:
    """Routes without a body never read one, so only the announced length is seen."""
    return "requestBody" in SOUND.operation(path, "POST")


async def pieces(size: int) -> Any:
    """A body without an announced length."""
    for at in range(0, size, 8192):
        yield b"x" * min(8192, size - at)
