"""Items in JSON of other programs: every list of objects becomes a sheet with a column for each field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from question_pools.exchange.sheets import Sheet, cell_text, check_extent

MAX_DEPTH: Final = 8
"""Levels of lists and objects in which items are looked for."""

_KIND_FIELD: Final = "quType"
_KIND_CODES: Final = {"1": "单选题", "2": "多选题", "3": "判断题"}
"""What training programs mean by their numbers. A wrong guess shows: the key would not fit the kind."""


def bean_sheets(data: bytes) -> list[Sheet] | None:
    """A sheet for each list of objects; none for a pool file of ours; None for what is no JSON at all."""
    if not data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return None
    try:
        decoded = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=object)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    top = cast("dict[str, object] | list[object] | str | float | None", decoded)
    if isinstance(top, dict) and "format" in top:
        return []
    return [_sheet(name, rows) for name, rows in _lists(top, "", MAX_DEPTH)]


def _lists(value: object, name: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Lists of objects that hold no further ones, with the name of what they belong to."""
    if depth == 0:
        return
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        own = str(held.get("name") or held.get("title") or name)
        for inner in held.values():
            yield from _lists(inner, own, depth - 1)
    elif isinstance(value, list):
        objects = [
            cast("dict[str, Any]", one) for one in cast("list[object]", value) if isinstance(one, dict)
        ]
        nested = [found for one in objects for found in _lists(one, name, depth - 1)]
        if nested:
            yield from nested
        elif objects:
            yield name, objects


def _sheet(name: str, objects: Sequence[Mapping[str, Any]]) -> Sheet:
    flat = [dict(_cells(one)) for one in objects]
    fields = tuple(dict.fromkeys(field for one in flat for field in one))
    check_extent(name, rows=len(flat), cells=len(flat) * len(fields))
    if name and "subject" not in fields:
        fields = (*fields, "subject")
    rows = [[one.get(field, name if field == "subject" else "") for field in fields] for one in flat]
    return Sheet(name or "JSON", [list(fields), *rows], first_row=0, first_column=0, fields=fields)


def _cells(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of an object as cells; a list of options becomes option1, option2 and so on."""
    for field, value in cast("Mapping[str, object]", one).items():
        if isinstance(value, list) and field in ("options", "choices"):
            for number, option in enumerate(cast("list[object]", value), 1):
                yield f"option{number}", _text(option)
        else:
            text = _text(cast("object", value))
            yield field, _KIND_CODES.get(text, text) if field == _KIND_FIELD else text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str | bool | int | float):
        return cell_text(value)
    return msgspec.json.encode(value).decode()
