"""When pictures are taken: on the average once a minute, at an instant that nobody foresees."""

import random

import pytest

from proctoring.schedule import (
    DENSE_EVERY_MS,
    DENSE_FOR_MS,
    EVERY_MS,
    GAP_LEAST_MS,
    next_after_ms,
)

SOURCE = random.Random(5)
CHANCES = [SOURCE.random() for _ in range(4_000)]


@pytest.mark.parametrize(
    ("since", "every"),
    [(None, EVERY_MS), (0, DENSE_EVERY_MS), (DENSE_FOR_MS - 1, DENSE_EVERY_MS), (DENSE_FOR_MS, EVERY_MS)],
)
def test_pictures_come_dense_for_a_while_after_a_finding(since, every) -> None:
    waits = [next_after_ms(chance, since_finding_ms=since) for chance in CHANCES]
    assert 0.97 * every < sum(waits) / len(waits) < 1.03 * every


def test_no_second_of_the_next_minutes_is_more_likely_than_others() -> None:
    waits = [next_after_ms(chance, since_finding_ms=None) for chance in CHANCES]
    tenths = [0] * 10
    for wait in waits:
        tenths[int((wait - 0.25 * EVERY_MS) / (1.5 * EVERY_MS) * 10)] += 1
    assert min(tenths) > 300
    assert max(tenths) < 500


def test_two_pictures_never_come_closer_than_the_server_takes_them() -> None:
    assert min(next_after_ms(chance, since_finding_ms=0) for chance in [0.0, *CHANCES]) >= GAP_LEAST_MS
