"""Logs: every event's name is on the list, and nothing about a person can be written."""

import ast

from exam_api.log import EVENTS, HIDDEN, redact
from tests.house.sources import PACKAGES, python_files, short, tree

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def writes(called: ast.expr) -> bool:
    """Whether what is called is a level of a log, also one chosen by an expression."""
    parts = list(ast.walk(called))
    return any(isinstance(part, ast.Attribute) and part.attr in LEVELS for part in parts) and any(
        isinstance(part, ast.Name) and part.id in {"log", "_log", "logger"} for part in parts
    )


def events() -> dict[str, str]:
    """Every event that the code writes, with the place."""
    found: dict[str, str] = {}
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and writes(node.func):
                name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else "?"
                found[str(name)] = f"{short(path)}:{node.lineno}"
                for keyword in node.keywords:
                    assert keyword.arg not in HIDDEN, f"{short(path)}:{node.lineno} would write {keyword.arg}"
    return found


def test_the_list_of_events_is_the_code_s():
    found = events()
    assert {name: place for name, place in found.items() if name not in EVENTS} == {}, (
        "add it to exam_api/log.py"
    )
    assert EVENTS - found.keys() == set()


def test_a_hidden_field_is_never_written():
    assert redact(None, "info", {"event": "x.y", "phone": "13800000000", "seq": 4}) == {
        "event": "x.y",
        "phone": "…",
        "seq": 4,
    }
