"""Guessing by asking for everything at once: no more is tried than one after the other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx
import pytest

from exam_api.accounts.errors import NoSecondFactor
from exam_api.errors import RecordAway
from exam_api.people import Role
from exam_api.usecases.account_parts import CODE_FAILURES
from exam_api.usecases.errors import LoginRefused, TooManyFailures
from exam_api.usecases.guesses import counted
from exam_api.usecases.log_in import FAILURES
from exam_api.usecases.login_parts import FAILURES_OF_ONE
from tests.e2e.world import World
from tests.integration.http.accounts import PASSWORD, an_account, code, enrolled, log_in, opened, slug
from tests.integration.http.people import registered
from tests.integration.http.test_log_in import desk_in, ticket_in

GUESSES = 60
"""Sent at once; the right one stands behind half of them."""

RIGHT_AT_LAST = [False] * (FAILURES_OF_ONE - 1) + [True] * 3

Guess = Callable[[bool], Awaitable[httpx.Response]]
"""Asks with what is right, or not."""


async def told_at_once(guess: Guess) -> tuple[Counter[int], httpx.Response]:
    """The statuses of the wrong ones, and what the right one was told."""
    replies = await asyncio.gather(*(guess(n == GUESSES // 2) for n in range(GUESSES)))
    right = replies.pop(GUESSES // 2)
    return Counter(reply.status_code for reply in replies), right


async def of_password(world: World) -> Guess:
    await an_account(world, "lin", Role.OFFICER)
    return lambda right: log_in(world.stranger(), "lin", PASSWORD if right else "wrong")


async def of_own_password(world: World) -> Guess:
    await an_account(world, "lin", Role.OFFICER)
    client = world.stranger()
    await log_in(client, "lin")
    path = "/api/my/second-factor/begin"
    return lambda right: client.post(path, json={"password": PASSWORD if right else "wrong"})


async def of_first_code(world: World) -> Guess:
    await an_account(world, "lin", Role.OFFICER)
    client = world.stranger()
    await log_in(client, "lin")
    begun = await client.post("/api/my/second-factor/begin", json={"password": PASSWORD})
    good = code(world, begun.json()["secret"])
    path = "/api/my/second-factor/confirm"
    return lambda right: client.post(path, json={"code": good if right else "000000"})


async def of_code(world: World) -> Guess:
    await an_account(world, "lin", Role.OFFICER)
    first, client = world.stranger(), world.stranger()
    await log_in(first, "lin")
    secret, _ = await enrolled(world, first)
    await log_in(client, "lin")
    good = code(world, secret)
    return lambda right: client.post("/api/login/second", json={"code": good if right else "000000"})


async def of_ticket(world: World) -> Guess:
    _, people = await registered(world, 1)
    good = ticket_in(world, people[0])
    wrong = good | {"lastSix": "000000"}
    return lambda right: world.stranger().post("/api/login/ticket", json=good if right else wrong)


async def of_desk(world: World) -> Guess:
    _, people = await registered(world, 1, channel="desk", room_code="639916")
    good = desk_in(people[0], "639916")
    wrong = good | {"lastSix": "000000"}
    return lambda right: world.stranger().post("/api/login/desk", json=good if right else wrong)


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        (of_password, FAILURES_OF_ONE),
        (of_own_password, FAILURES_OF_ONE),
        (of_first_code, FAILURES_OF_ONE),
        (of_code, CODE_FAILURES),
        (of_ticket, FAILURES_OF_ONE),
        (of_desk, FAILURES_OF_ONE),
    ],
)
async def test_guesses_sent_at_once_are_tried_no_more_often_than_one_after_the_other(
    world: World, what: Callable[[World], Awaitable[Guess]], limit: int
) -> None:
    wrong, right = await told_at_once(await what(opened(world)))
    assert (right.status_code, slug(right)) == (429, "too-many-failures")
    assert sum(wrong.values()) - wrong[429] == limit


async def test_who_is_right_is_never_counted(world: World) -> None:
    guess = await of_ticket(opened(world))
    told = [(await guess(right)).status_code for right in RIGHT_AT_LAST]
    assert told == [200 if right else 401 for right in RIGHT_AT_LAST]
    assert [(await guess(right)).status_code for right in (False, True)] == [401, 429]


@pytest.mark.parametrize("away", [RecordAway(), NoSecondFactor()])
async def test_what_could_not_be_tried_is_no_guess(world: World, away: Exception) -> None:
    logins = world.exam.logins
    for _ in range(2 * FAILURES.most):
        with pytest.raises(type(away)):
            async with counted(logins, (FAILURES, b"k")):
                raise away
    assert not await logins.is_over(FAILURES.kind, b"k", limit=1)


async def test_a_refused_guess_is_counted_under_no_other_key(world: World) -> None:
    logins = world.exam.logins
    for _ in range(FAILURES.most):
        with pytest.raises(LoginRefused):
            async with counted(logins, (FAILURES, b"whole")):
                raise LoginRefused
    with pytest.raises(TooManyFailures):
        async with counted(logins, (FAILURES, b"own"), (FAILURES, b"whole")):
            raise AssertionError("it was tried")
    assert not await logins.is_over(FAILURES.kind, b"own", limit=1)
