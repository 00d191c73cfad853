"""The published description of the API."""

import json
from pathlib import Path

from exam_api.app import ORDINARY, openapi_document
from exam_api.http.attempts import HOT_ROUTES
from exam_api.http.guards import OPT

GOLDEN = Path(__file__).parents[2] / "golden" / "openapi.json"


def test_the_api_is_the_one_we_published() -> None:
    held = GOLDEN.read_bytes().rstrip()
    assert openapi_document() == held, "run `make golden` and review the diff"


def test_every_route_says_its_roles_limit_and_problems() -> None:
    paths = json.loads(openapi_document())["paths"]
    operations = [one for methods in paths.values() for one in methods.values()]
    assert len(operations) >= len(HOT_ROUTES) + len(ORDINARY) - 1  # all but the metrics
    for one in operations:
        assert one["x-roles"], one["operationId"]
        assert one["x-body-max"] > 0
        errors = {status: told for status, told in one["responses"].items() if int(status) >= 400}
        for status, told in errors.items():
            assert list(told["content"]) == ["application/problem+json"], (one["operationId"], status)


def test_operation_ids_are_told_once() -> None:
    paths = json.loads(openapi_document())["paths"]
    ids = [one["operationId"] for methods in paths.values() for one in methods.values()]
    assert sorted(ids) == sorted(set(ids))


def test_every_ordinary_handler_declares_its_callers() -> None:
    assert [one.operation_id for one in ORDINARY if OPT not in one.opt] == []
