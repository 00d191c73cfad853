"""Refusals as problem documents."""

import json
from uuid import UUID

import msgspec
import pytest

from exam_api.attempt.errors import AttemptNotFound, TooEarly
from exam_api.errors import LiveAway, ShardUnready
from exam_api.http.problems import told_problem
from question_pools.blueprint import Cell, Infeasible
from question_pools.errors import BadBlueprint, BlueprintNotMet


def told(error: Exception) -> tuple[int, dict[str, str], dict[str, object]]:
    status, headers, body = told_problem(error, path="/api/x")
    return status, headers, json.loads(body)


def test_facts_stand_beside_the_problem_in_camel_case() -> None:
    status, headers, body = told(TooEarly(until_ms=5))
    assert (status, headers["content-type"]) == (409, "application/problem+json")
    assert (body["type"], body["status"], body["untilMs"]) == ("/problems/too-early", 409, 5)


@pytest.mark.parametrize(("ms", "seconds"), [(1, "1"), (1000, "1"), (1001, "2"), (0, "1")])
def test_waiting_is_told_in_whole_seconds_rounded_up(ms: int, seconds: str) -> None:
    status, headers, body = told(LiveAway(retry_after_ms=ms))
    assert (status, headers["retry-after"], body["type"]) == (503, seconds, "/problems/live-away")


def test_a_narrower_refusal_has_its_own_row() -> None:
    assert told(ShardUnready())[2]["type"] == "/problems/shard-unready"


def test_what_is_not_ones_own_is_not_named() -> None:
    _, _, body = told(AttemptNotFound(UUID(int=1)))
    assert body.keys() == {"type", "title", "status", "detail"}


def test_missing_cells_are_named_in_both_languages() -> None:
    missing = Infeasible(section=0, title="判断题", cell=Cell(count=3, outline="1.2"), wanted=3, available=1)
    [cell] = told(BlueprintNotMet([missing]))[2]["missing"]  # type: ignore[misc]
    assert (cell["section"], cell["wanted"], cell["available"]) == (0, 3, 1)
    assert "需要 3 题" in cell["message"]["zh"]
    assert "asks for 3 items" in cell["message"]["en"]


def test_faults_are_listed() -> None:
    assert told(BadBlueprint(["the blueprint has no sections"]))[2]["faults"] == [
        "the blueprint has no sections"
    ]


def test_a_field_that_is_not_valid_is_named_without_its_value() -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(b'{"a": "11010519491231002X"}', type=dict[str, int])
    _, _, body = told(refused.value)
    assert body["type"] == "/problems/not-valid"
    assert "11010519491231002X" not in json.dumps(body)


def test_what_nobody_foresaw_says_nothing() -> None:
    status, _, body = told(RuntimeError("select * from person"))
    assert (status, body) == (500, {"type": "/problems/our-fault", "title": "Our fault", "status": 500})
