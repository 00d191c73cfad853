"""The canary: finds a key, a rationale or a statistic in anything that a candidate can be given."""

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

FORBIDDEN = frozenset(
    {
        "key",
        "keymask",
        "keys",
        "answerkey",
        "correct",
        "correctarray",
        "correctanswer",
        "iscorrect",
        "rightmask",
        "rationale",
        "analysis",
        "analyze",
        "explanation",
        "difficulty",
        "pvalue",
        "discrimination",
        "outline",
    }
)
"""Names of fields, small letters, that no candidate's reply may bear."""

ALLOWED = {"/api/receipts/keys": frozenset({"keys"}), "/openapi.json": FORBIDDEN}
"""Names that mean something else on one route: public keys of receipts, and the API's description, whose
replies to candidates `schema_leaks` looks through.
"""


def leaks(path: str, body: bytes, marks: Iterable[bytes]) -> list[str]:
    """What a reply gives away: planted marks in any of its readings, and forbidden field names."""
    readings = [body, *_unpacked(body)]
    found = [f"{path}: mark {mark!r}" for mark in marks for text in readings if mark in text]
    allowed = ALLOWED.get(path, frozenset())
    for text in readings:
        found += [f"{path}: field {name}" for name in _names(text) if name.lower() in FORBIDDEN - allowed]
    return found


def schema_leaks(openapi: dict[str, Any], roles: frozenset[str]) -> list[str]:
    """Fields in the schemas of replies that the given roles can get."""
    found: list[str] = []
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            reached = frozenset(operation.get("x-roles", ()))
            if reached and not reached & roles:
                continue
            found += [
                f"{method.upper()} {path}: field {name}"
                for name in _schema_names(openapi, operation.get("responses", {}), set())
                if name.lower() in FORBIDDEN - ALLOWED.get(path, frozenset())
            ]
    return found


def marks_in(files: Iterable[tuple[str, bytes]], marks: Iterable[bytes]) -> list[str]:
    """Marks in files that are served: the pages' bundles."""
    wanted = list(marks)
    found: list[str] = []
    for name, data in files:
        readings = [data, *_unpacked(data)]
        escaped = [_escaped(mark) for mark in wanted]
        found += [
            f"{name}: {mark.decode(errors='replace')}"
            for mark, other in zip(wanted, escaped, strict=True)
            if any(mark in text or other in text for text in readings)
        ]
    return found


def _escaped(mark: bytes) -> bytes:
    """The mark as a minifier may write it: every character beyond ASCII as an escape."""
    return re.sub(r"[^\x00-\x7f]", lambda m: f"\\u{ord(m[0]):04x}", mark.decode()).encode()


def _unpacked(body: bytes) -> Iterator[bytes]:
    if body[:2] == b"\x1f\x8b":
        yield zlib.decompress(body, wbits=31)


def _names(text: bytes) -> Iterator[str]:
    try:
        yield from _walk(msgspec.json.decode(text))
    except msgspec.DecodeError:
        return


def _walk(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def _schema_names(document: dict[str, Any], node: object, seen: set[str]) -> Iterator[str]:
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str) and ref not in seen:
            seen.add(ref)
            target: Any = document
            for part in ref.removeprefix("#/").split("/"):
                target = target[part]
            yield from _schema_names(document, target, seen)
        yield from node.get("properties", {})
        for inner in node.values():
            yield from _schema_names(document, inner, seen)
    elif isinstance(node, list):
        for inner in node:
            yield from _schema_names(document, inner, seen)
