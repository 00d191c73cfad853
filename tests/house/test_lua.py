"""Every Lua script opens with its contract: what it is for, its keys, its arguments, what it returns."""

import re

import pytest

from exam_api.live import keys
from tests.house.sources import ROOT

SCRIPTS = sorted((ROOT / "exam_api" / "live" / "scripts").glob("*.lua"))
SHAPES = {key.shape for key in vars(keys).values() if isinstance(key, keys.Key)}


def parts_of(text: str) -> tuple[list[str], str]:
    """The comment lines at the top, and the code below."""
    lines = text.splitlines()
    size = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return [line.removeprefix("--").strip() for line in lines[:size]], "\n".join(lines[size:])


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_opens_with_its_contract(path):
    header, code = parts_of(path.read_text(encoding="utf-8"))
    text = "\n".join(header)
    assert header, "no header"
    assert header[0].rstrip().endswith((".", "view")) or "." in header[0], f"no sentence: {header[0]!r}"
    if "KEYS[" not in code and "KEYS[" not in text:
        return  # a part that other scripts include
    assert re.search(r"^returns ", text, flags=re.MULTILINE), "does not say what it returns"
    for kind in ("KEYS", "ARGV"):
        used = {int(number) for number in re.findall(kind + r"\[(\d+)\]", code)}
        told = {int(number) for number in re.findall(kind + r"\[(\d+)\]", text)}
        assert used <= told, f"{kind} used and not told: {sorted(used - told)}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_keys_of_a_script_are_declared(path):
    header, _ = parts_of(path.read_text(encoding="utf-8"))
    named = [match.group(1) for line in header if (match := re.match(r"KEYS\[\d+\]\s+(\S+)", line))]
    assert [shape for shape in named if shape not in SHAPES] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_takes_time_and_chance_from_its_arguments(path):
    _, code = parts_of(path.read_text(encoding="utf-8"))
    ruled_by_the_node = re.sub(
        r"local function dies_at\(at\)\n.*\nend\n", "", code
    )  # lives of keys, nothing else
    assert not re.search(r"call\('(TIME|RANDOMKEY|SRANDMEMBER)'|math\.random|os\.time", ruled_by_the_node)
