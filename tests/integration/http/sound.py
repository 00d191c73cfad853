"""Calls that are sound in form, made from the API's own description: new routes are walked unnamed."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

WORDS: Final = (
    "机构 a1",
    "a1b2c3",
    "000000",
    "2027-01-15",
    "13800000000",
    "11010519491231002X",
    "91630000MA00000000",
    "a.csv",
    "single",
    "csv",
    "1.1",
    "A",
    "0" * 16,
    "0" * 32,
    "0" * 64,
    "KW1.a.b",
    "a long enough password",
)
"""Texts that patterns are tried with; one that none fits asks for a new word here."""


class Sound:
    """Sound calls for the operations of an OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths = document["paths"]
        self._schemas = document["components"]["schemas"]

    def operation(self, path: str, method: str) -> Mapping[str, Any]:
        """An operation as described; empty for what is not."""
        found: Mapping[str, Any] = self._paths.get(path, {}).get(method.lower(), {})
        return found

    def query(self, path: str, method: str) -> dict[str, Any]:
        """The query that must be given."""
        told = self.operation(path, method).get("parameters", ())
        return {
            one["name"]: self.value(one["schema"])
            for one in told
            if one["in"] == "query" and one.get("required")
        }

    def body(self, path: str, method: str) -> dict[str, Any]:
        """What the client is given to send: `json`, `content` or nothing."""
        told = self.operation(path, method).get("requestBody", {}).get("content", {})
        if "application/json" in told:
            return {"json": self.value(told["application/json"]["schema"])}
        return {"content": b"a,b\n1,2\n"} if told else {}

    def value(self, schema: Mapping[str, Any]) -> Any:
        """A value that fits a schema: only what must be there."""
        if "$ref" in schema:
            return self.value(self._schemas[schema["$ref"].rpartition("/")[2]])
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self.value(next(one for one in schema[several] if one.get("type") != "null"))
        if chosen := [schema["const"]] if "const" in schema else schema.get("enum"):
            return next((one for one in chosen if one), chosen[0])
        kind = schema.get("type")
        return self._of_kind(
            next(one for one in kind if one != "null") if isinstance(kind, list) else kind, schema
        )

    def _of_kind(self, kind: Any, schema: Mapping[str, Any]) -> Any:
        match kind:
            case "object":
                held = schema.get("properties", {})
                return {name: self.value(held[name]) for name in schema.get("required", ())}
            case "array":
                return [self.value(schema["items"]) for _ in range(schema.get("minItems", 0))]
            case "integer" | "number":
                return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
            case "boolean":
                return False
            case _:
                return self._text(schema)

    def _text(self, schema: Mapping[str, Any]) -> str:
        if schema.get("format") == "uuid":
            return str(uuid4())
        for word in (str(uuid4()), *WORDS):
            fits = schema.get("minLength", 0) <= len(word) <= schema.get("maxLength", 1_000)
            if fits and re.search(schema.get("pattern", ""), word):
                return word
        raise AssertionError(f"no word fits {dict(schema)}: add one to WORDS")
