"""Every module says in one sentence what it is for, stays small, and keeps to the floors of the house."""

import ast
import sys

import pytest

from tests.house.sources import PACKAGES, ROOT, python_files, short, tree

LINES_MOST, LINES_AIM = 400, 300
FUNCTION_MOST, FUNCTION_AIM = 60, 40

LARGER: dict[str, str] = {
    "tests/servers.py": "one thought: every server a test may ask for, side by side",
}
"""Files that may be longer than LINES_MOST, each with its reason."""

ALL = [
    path
    for path in python_files(*PACKAGES, "tools", "loadtest", "migrations", "tests")
    if path.stat().st_size
]
OWN = python_files(*PACKAGES, "tools", "loadtest")


@pytest.mark.parametrize("path", ALL, ids=short)
def test_a_module_opens_with_a_sentence(path):
    told = ast.get_docstring(tree(path))
    assert told, f"{short(path)} has no docstring"
    first = told.split("\n\n")[0].strip()
    assert first[-1] in ".?!:", f"{short(path)} opens with no sentence: {first!r}"


def test_no_file_and_no_function_is_too_long():
    files = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL}
    functions = {
        f"{short(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in OWN
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    hints = [f"{name} has {size} lines" for name, size in files.items() if size > LINES_AIM]
    hints += [f"{name} has {size} lines" for name, size in functions.items() if size > FUNCTION_AIM]
    sys.stdout.write("\n".join(["review: split, or one thought?", *hints]))
    over = [
        f"{name}: {size} lines" for name, size in files.items() if size > LINES_MOST and name not in LARGER
    ]
    over += [f"{name}: {size} lines" for name, size in functions.items() if size > FUNCTION_MOST]
    assert not over, "too long, split it or give the reason in LARGER:\n" + "\n".join(over)


def test_a_reason_for_a_long_file_is_still_needed():
    sizes = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL}
    assert [name for name in LARGER if sizes.get(name, 0) <= LINES_MOST] == []


@pytest.mark.parametrize("path", OWN, ids=short)
def test_nothing_is_imported_for_type_checkers_only(path):
    names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    assert "TYPE_CHECKING" not in names


def test_no_file_has_a_name_that_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc", "impl"}
    assert [short(path) for path in OWN if path.stem in empty or path.parent.name in empty] == []


def test_only_the_engine_commits():
    calls = [
        f"{short(path)}:{node.lineno}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert [call for call in calls if not call.startswith("exam_api/store/engine.py:")] == []


def test_redis_keys_are_shaped_in_one_place():
    found = [
        f"{short(path)}:{node.lineno}"
        for path in python_files(*PACKAGES)
        if path != ROOT / "exam_api" / "live" / "keys.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("kw1:")
    ]
    assert found == []


def test_work_that_is_left_is_written_down_elsewhere():
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    found = [
        f"{short(path)}: {word}" for path in ALL for word in words if word in path.read_text(encoding="utf-8")
    ]
    assert found == []
