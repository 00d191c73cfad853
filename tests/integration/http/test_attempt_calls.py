"""The hot calls of a page: what the reply bears beside its body."""

import asyncio

from exam_api.attempt.tokens import TOKEN_CHARS
from tests.e2e.world import World


async def test_a_start_gives_the_attempt_token_to_the_browser_and_not_to_scripts(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    reply = await device.start(sitting.people[0].id)
    name, _, rest = reply.headers["set-cookie"].partition("=")
    assert name == world.wired.parts.cookies.attempt.decode()
    assert len(rest.partition(";")[0]) == TOKEN_CHARS
    assert "HttpOnly" in rest
    assert "SameSite=Strict" in rest
    assert rest.partition(";")[0] not in reply.text
    assert reply.headers["cache-control"] == "no-store"


async def test_a_paper_is_packed_for_whoever_takes_it(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    packed = await device.start(sitting.people[0].id)
    device.http.headers["accept-encoding"] = "identity"
    plain = await device.start(sitting.people[0].id)
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.json()["paper"] == plain.json()["paper"]


async def test_a_double_click_on_start_gives_one_attempt_and_one_token(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    replies = await asyncio.gather(*(device.start(sitting.people[0].id) for _ in range(8)))
    assert {reply.status_code for reply in replies} == {200}
    assert {(reply.json()["fence"], reply.json()["startedMs"]) for reply in replies} == {(1, world.clock.at)}
    assert len({reply.headers["set-cookie"].partition(";")[0] for reply in replies}) == 1


async def test_a_body_that_is_not_what_a_call_takes_is_a_problem_without_its_values(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    for body, slug in (
        (b"{", "not-json"),
        (b"\xff", "not-json"),
        (b"", "not-json"),
        (b'{"base": -1}', "not-valid"),
        (b'{"base": 0, "secret": "11010519491231002X"}', "not-valid"),
        (
            b'{"base": 0, "ops": [{"seq": 1, "slot": 0, "version": "zz", "mask": 1, "clientMs": 1}]}',
            "not-valid",
        ),
    ):
        reply = await device.http.post("/api/attempt/sync", content=body)
        assert (reply.status_code, reply.json()["type"]) == (400, f"/problems/{slug}"), body
        assert "11010519491231002X" not in reply.text


async def test_an_op_for_a_slot_the_paper_does_not_have_is_refused_by_its_number(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    version = device.paper["items"][0]["version"]
    op = {"seq": 1, "slot": 999, "version": version, "mask": 1, "clientMs": 1}
    reply = await device.http.post("/api/attempt/sync", json={"base": 0, "ops": [op]})
    assert (reply.status_code, reply.json()["type"], reply.json()["seq"]) == (400, "/problems/bad-op", 1)
