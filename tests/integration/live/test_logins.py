"""Log-ins, codes, limits and takeover codes on a real Redis."""

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest

from exam_api.errors import LiveAway
from exam_api.live.keys import login as login_key
from exam_api.live.keys import logins as index
from exam_api.live.keys import rate
from exam_api.live.logins import LOGINS_MOST, RedisLogins
from exam_api.live.redis_lane import RedisLane
from exam_api.people import Login, Role
from exam_api.ports import Limit

LOGIN = Login(
    id=UUID(int=1),
    role=Role.CANDIDATE,
    subject_id=UUID(int=2),
    institution_id=None,
    name="张三",
    since_ms=1,
    until_ms=2,
)
MINUTE = 60_000
FAILURES = Limit("failed", 10, MINUTE)
WIDE = (Limit("minute", 100, MINUTE), Limit("hour", 100, MINUTE))


@pytest.fixture
def logins(lane) -> RedisLogins:
    return RedisLogins(lane)


@pytest.fixture
def away() -> RedisLogins:
    """Log-ins whose Redis was never there."""
    return RedisLogins(RedisLane("unix:///nonexistent/redis.sock"))


async def test_a_login_is_found_by_its_token_until_it_ends(logins) -> None:
    await logins.open(LOGIN, token_hash=b"t" * 32, life_ms=MINUTE)
    found = await logins.find(b"t" * 32)
    await logins.end(b"t" * 32)
    assert (found, await logins.find(b"t" * 32), await logins.find(b"u" * 32)) == (LOGIN, None, None)


async def test_a_login_dies_of_itself(logins) -> None:
    await logins.open(LOGIN, token_hash=b"t", life_ms=30)
    await asyncio.sleep(0.06)
    assert await logins.find(b"t") is None


async def test_the_right_code_opens_once(logins) -> None:
    await logins.offer_code(b"blind", b"right", life_ms=MINUTE, limits=WIDE)
    got = await asyncio.gather(*(logins.try_code(b"blind", b"right", failures=FAILURES) for _ in range(20)))
    assert sum(got) == 1


async def test_a_code_beyond_a_limit_is_not_kept_and_the_one_before_still_opens(logins) -> None:
    limits = (Limit("minute", 5, MINUTE), Limit("hour", 1, MINUTE))
    kept = await logins.offer_code(b"blind", b"first", life_ms=MINUTE, limits=limits)
    passed = await logins.offer_code(b"blind", b"second", life_ms=MINUTE, limits=limits)
    fits = await logins.try_code(b"blind", b"first", failures=FAILURES)
    assert (kept, passed, fits) == (None, limits[1], True)


async def test_a_limit_of_codes_dies_with_its_window(logins) -> None:
    limits = (Limit("minute", 1, 30), WIDE[1])
    await logins.offer_code(b"blind", b"first", life_ms=MINUTE, limits=limits)
    await asyncio.sleep(0.06)
    assert await logins.offer_code(b"blind", b"second", life_ms=MINUTE, limits=limits) is None


async def test_after_too_many_failures_not_even_the_right_code_is_tried(logins) -> None:
    await logins.offer_code(b"blind", b"right", life_ms=MINUTE, limits=WIDE)
    for _ in range(FAILURES.most):
        await logins.over_limit(FAILURES.kind, b"blind", limit=FAILURES.most, window_ms=FAILURES.window_ms)
    assert await logins.try_code(b"blind", b"right", failures=FAILURES) is None


async def test_a_code_is_good_for_its_person_only(logins) -> None:
    await logins.offer_code(b"blind", b"right", life_ms=MINUTE, limits=WIDE)
    assert not await logins.try_code(b"other", b"right", failures=FAILURES)


@pytest.mark.parametrize(("wrong", "opens"), [(0, True), (4, True), (5, False), (9, False)])
async def test_a_code_is_dead_after_five_wrong_tries(logins, wrong, opens) -> None:
    await logins.offer_code(b"blind", b"right", life_ms=MINUTE, limits=WIDE)
    assert not any([await logins.try_code(b"blind", b"wrong", failures=FAILURES) for _ in range(wrong)])
    assert await logins.try_code(b"blind", b"right", failures=FAILURES) is opens


async def test_parallel_guesses_share_the_five_tries(logins) -> None:
    await logins.offer_code(b"blind", b"right", life_ms=MINUTE, limits=WIDE)
    guesses = [b"%06d" % n for n in range(40)] + [b"right"]
    assert not any(
        await asyncio.gather(*(logins.try_code(b"blind", guess, failures=FAILURES) for guess in guesses))
    )


async def test_a_new_code_begins_its_tries_anew(logins) -> None:
    await logins.offer_code(b"blind", b"first", life_ms=MINUTE, limits=WIDE)
    for _ in range(4):
        await logins.try_code(b"blind", b"wrong", failures=FAILURES)
    await logins.offer_code(b"blind", b"second", life_ms=MINUTE, limits=WIDE)
    await logins.try_code(b"blind", b"first", failures=FAILURES)
    assert await logins.try_code(b"blind", b"second", failures=FAILURES)


async def test_a_code_dies_of_itself(logins) -> None:
    await logins.offer_code(b"blind", b"right", life_ms=30, limits=WIDE)
    await asyncio.sleep(0.06)
    assert not await logins.try_code(b"blind", b"right", failures=FAILURES)


async def test_of_each_window_so_many_are_let_through(logins) -> None:
    told = [await logins.over_limit("code", b"blind", limit=3, window_ms=MINUTE) for _ in range(5)]
    assert told == [False, False, False, True, True]


async def test_asking_before_a_try_counts_nothing(logins) -> None:
    before = [await logins.is_over("tries", b"k", limit=1) for _ in range(3)]
    await logins.over_limit("tries", b"k", limit=1, window_ms=MINUTE)
    assert (before, await logins.is_over("tries", b"k", limit=1)) == ([False] * 3, True)


async def test_kinds_and_keys_are_counted_apart(logins) -> None:
    await logins.over_limit("a", b"k", limit=1, window_ms=MINUTE)
    others = [("b", b"k"), ("a", b"l")]
    assert not any([await logins.over_limit(kind, key, limit=1, window_ms=MINUTE) for kind, key in others])


async def test_a_window_ends(logins) -> None:
    await logins.over_limit("a", b"k", limit=1, window_ms=30)
    await asyncio.sleep(0.06)
    assert not await logins.over_limit("a", b"k", limit=1, window_ms=30)


async def test_what_was_counted_is_taken_back_once_and_the_window_stays(logins, lane) -> None:
    for _ in range(2):
        await logins.over_limit("a", b"k", limit=9, window_ms=MINUTE)
    await logins.take_back("a", b"k")
    assert (await logins.is_over("a", b"k", limit=1), await logins.is_over("a", b"k", limit=2)) == (
        True,
        False,
    )
    assert 0 < await lane.command("PTTL", rate("a", b"k")) <= MINUTE
    for _ in range(2):
        await logins.take_back("a", b"k")
    assert int(await lane.command("GET", rate("a", b"k"))) == 0


async def test_of_a_window_that_is_over_nothing_is_taken_back(logins, lane) -> None:
    await logins.take_back("a", b"k")
    assert await lane.command("EXISTS", rate("a", b"k")) == 0


async def test_a_count_that_lost_its_window_gets_one(logins, lane) -> None:
    await lane.command("SET", rate("a", b"k"), 5)
    await logins.over_limit("a", b"k", limit=9, window_ms=MINUTE)
    assert await lane.command("PTTL", rate("a", b"k")) > 0


async def test_limits_fail_open_and_log_ins_fail_closed(away) -> None:
    assert not await away.over_limit("a", b"k", limit=0, window_ms=1)
    assert not await away.is_over("a", b"k", limit=0)
    await away.take_back("a", b"k")
    for call in (
        lambda: away.find(b"t"),
        lambda: away.try_code(b"b", b"c", failures=FAILURES),
        lambda: away.open(LOGIN, token_hash=b"t", life_ms=1),
        lambda: away.try_takeover_code(uuid4(), b"c"),
    ):
        with pytest.raises(LiveAway):
            await call()


async def test_a_takeover_code_opens_one_attempt_once(logins) -> None:
    mine, other = uuid4(), uuid4()
    await logins.set_takeover_code(mine, b"code", life_ms=MINUTE)
    tries = [(other, b"code"), (mine, b"wrong"), (mine, b"code"), (mine, b"code")]
    told = [await logins.try_takeover_code(attempt, code) for attempt, code in tries]
    assert told == [False, False, True, False]


def of(subject: UUID, number: int = 1) -> Login:
    return msgspec.structs.replace(LOGIN, id=UUID(int=number), subject_id=subject, since_ms=number)


def token(subject: UUID, number: int) -> bytes:
    return subject.bytes + bytes([number])


async def opened(logins: RedisLogins, subject: UUID, count: int, *, life_ms: int = MINUTE) -> list[Login]:
    """So many log-ins of one person, the newest last."""
    made = [of(subject, number) for number in range(1, count + 1)]
    for login in made:
        await logins.open(login, token_hash=token(subject, login.since_ms), life_ms=life_ms)
    return made


async def test_log_ins_are_listed_under_whose_they_are_the_newest_first(logins) -> None:
    mine, other = uuid4(), uuid4()
    made = await opened(logins, mine, 3)
    await opened(logins, other, 1)
    assert await logins.of_subject(mine) == made[::-1]
    await logins.end(token(mine, 2))
    assert await logins.of_subject(mine) == [made[2], made[0]]


async def test_one_log_in_all_others_or_all_are_ended(logins) -> None:
    mine, other = uuid4(), uuid4()
    made = await opened(logins, mine, 4)
    await opened(logins, other, 1)
    assert await logins.end_of(mine, only=made[0].id) == 1
    assert await logins.end_of(mine, only=made[0].id) == 0
    assert await logins.end_of(mine, but=made[3].id) == 2
    assert await logins.of_subject(mine) == [made[3]]
    assert await logins.end_of(mine) == 1
    assert await logins.find(token(mine, 4)) is None
    assert len(await logins.of_subject(other)) == 1


async def test_a_log_in_that_died_of_itself_leaves_the_list(logins, lane) -> None:
    mine = uuid4()
    await opened(logins, mine, 1, life_ms=30)
    await logins.open(of(mine, 2), token_hash=token(mine, 2), life_ms=MINUTE)
    await asyncio.sleep(0.06)
    assert [one.id for one in await logins.of_subject(mine)] == [UUID(int=2)]
    assert await lane.command("HLEN", index(mine)) == 1


async def test_the_list_lives_as_long_as_the_log_in_that_lasts_longest(logins, lane) -> None:
    mine = uuid4()
    for number, life_ms in ((1, MINUTE), (2, 10 * MINUTE), (3, MINUTE)):
        await logins.open(of(mine, number), token_hash=token(mine, number), life_ms=life_ms)
    assert 9 * MINUTE < await lane.command("PTTL", index(mine)) <= 10 * MINUTE


async def test_beyond_so_many_log_ins_the_oldest_ends(logins) -> None:
    mine = uuid4()
    await opened(logins, mine, LOGINS_MOST + 2)
    left = await logins.of_subject(mine)
    assert (len(left), left[-1].id) == (LOGINS_MOST, UUID(int=3))


async def test_a_log_in_in_use_is_noted_and_one_that_was_ended_does_not_come_back(logins, lane) -> None:
    mine = uuid4()
    [login] = await opened(logins, mine, 1)
    await logins.seen(token(mine, 1), login, now_ms=77)
    found = await logins.find(token(mine, 1))
    assert (found.seen_ms, found.id) == (77, login.id)
    assert await lane.command("PTTL", login_key(token(mine, 1))) > 0, "its life is what it was"
    await logins.end(token(mine, 1))
    await logins.seen(token(mine, 1), login, now_ms=78)
    assert await logins.find(token(mine, 1)) is None
