"""A sync is read as its published description says, though not by it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.http.read_sync import OpRead, SyncRead, read_sync
from exam_api.http.wire_attempt import OpIn, SyncIn

OP = {"seq": 1, "slot": 0, "version": "ab" * 16, "mask": 1, "clientMs": 1}
GOOD = {"base": 1, "baseHead": "0f" * 32, "ops": [OP], "ackCommand": 2, "wantSide": True}

strict = msgspec.json.Decoder(SyncIn).decode


def told(read: Any, body: bytes) -> Any:
    try:
        return msgspec.to_builtins(read(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as refused:
        return type(refused), str(refused)


def without_patterns(kind: type, name: str) -> Any:
    schema = msgspec.json.schema(kind)["$defs"][name]["properties"]
    shown = json.loads(json.dumps(schema))
    for field in (shown.get("version"), *shown.get("baseHead", {}).get("anyOf", [])):
        for word in ("pattern", "minLength", "maxLength"):
            (field or {}).pop(word, None)
    for listed in ("ops", "events"):
        shown.get(listed, {}).pop("default", None)  # both begin empty, one says so
    shown.get("ops", {}).pop("items", None)
    return shown


def test_it_has_the_fields_and_limits_of_the_description() -> None:
    assert without_patterns(SyncRead, "SyncRead") == without_patterns(SyncIn, "SyncIn")
    assert without_patterns(OpRead, "OpRead") == without_patterns(OpIn, "OpIn")


def test_a_good_one_is_read_without_the_description() -> None:
    read = read_sync(json.dumps(GOOD).encode())
    assert isinstance(read, SyncRead)
    assert msgspec.to_builtins(read) == told(strict, json.dumps(GOOD).encode())


@pytest.mark.parametrize(
    "changed",
    [
        {"baseHead": "0F" * 32},
        {"baseHead": "0f" * 31 + "  "},
        {"baseHead": " " * 64},
        {"baseHead": "0f" * 31},
        {"baseHead": "x" * 64},
        {"baseHead": ""},
        {"ops": [OP | {"version": "AB" * 16}]},
        {"ops": [OP, OP | {"version": "ab" * 15 + "\n "}]},
        {"ops": [OP | {"version": "é" * 32}]},
        {"ops": [OP | {"kind": 3}]},
        {"ops": [OP] * 301},
        {"more": 1},
    ],
)
def test_what_the_description_refuses_is_refused_with_its_words(changed: dict[str, Any]) -> None:
    body = json.dumps(GOOD | changed).encode()
    assert told(read_sync, body) == told(strict, body)
    assert isinstance(told(read_sync, body), tuple)


@given(
    st.binary(max_size=40)
    | st.text(alphabet="09afAF g\n", min_size=62, max_size=66).map(
        lambda head: json.dumps(GOOD | {"baseHead": head}).encode()
    )
)
def test_it_never_differs_from_the_description(body: bytes) -> None:
    assert told(read_sync, body) == told(strict, body)
