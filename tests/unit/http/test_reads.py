"""Reading persons' data is declared: a route that shows any and does not say so is found here."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from exam_api.app import openapi_document
from exam_api.people import Role

PERSONAL = frozenset(
    {"idNo", "idMasked", "idNumber", "phone", "phoneMasked", "ticketNo", "personId", "personName"}
)
"""Fields by which a reply speaks of a person."""

NOT_OF_PERSONS = {
    ("get", "/api/media/{sha256}"): "pictures of items",
    ("post", "/api/agreements"): "ticket of an attempt that the asker named, in the line of the asking",
    ("get", "/api/agreements"): "tickets of attempts that staff asked about, in the lines of the askings",
}
"""Routes that look as if they showed persons' data, and why they need no line of a reading."""

DOCUMENT: Mapping[str, Any] = json.loads(openapi_document())


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Operations that staff may call."""
    staff = {str(role) for role in Role} - {str(Role.CANDIDATE)}
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if staff & set(operation["x-roles"]):
                yield method, path, operation


def names(node: object, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """All fields of a schema, through its references."""
    if isinstance(node, dict):
        if (ref := str(node.get("$ref", ""))) and ref not in seen:
            target: Any = DOCUMENT
            for part in ref.removeprefix("#/").split("/"):
                target = target[part]
            yield from names(target, seen | {ref})
        yield from node.get("properties", {})
        for inner in node.values():
            yield from names(inner, seen)
    elif isinstance(node, list):
        for inner in node:
            yield from names(inner, seen)


def shows_persons(operation: Mapping[str, Any]) -> bool:
    shown = operation["responses"].get("200", {})
    return bool(PERSONAL & set(names(shown)))


def is_file(operation: Mapping[str, Any]) -> bool:
    told = operation["responses"].get("200", {}).get("content", {})
    return bool(set(told) - {"application/json", "text/event-stream"})


def test_every_list_of_persons_data_says_that_it_is_one() -> None:
    silent = [
        f"{method.upper()} {path}"
        for method, path, operation in operations()
        if method == "get" and shows_persons(operation) and not operation.get("x-reads")
    ]
    assert [one for one in silent if not excused(one)] == []


def test_every_file_is_told_of_before_it_is_given() -> None:
    silent = [
        f"{method.upper()} {path}"
        for method, path, operation in operations()
        if is_file(operation) and not operation.get("x-line-first")
    ]
    assert [one for one in silent if not excused(one)] == []


def excused(told: str) -> bool:
    method, _, path = told.partition(" ")
    return (method.lower(), path) in NOT_OF_PERSONS


@pytest.mark.parametrize("known", NOT_OF_PERSONS, ids=lambda known: known[1])
def test_what_is_excused_is_still_there(known: tuple[str, str]) -> None:
    assert known in {(method, path) for method, path, _ in operations()}


def test_a_planted_silent_route_is_noticed() -> None:
    schema = {"properties": {"rows": {"items": {"properties": {"idNo": {"type": "string"}}}}}}
    planted = {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}
    assert shows_persons(planted)
    assert is_file({"responses": {"200": {"content": {"application/pdf": {}}}}})
