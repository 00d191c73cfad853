"""Scripts and keys keep their contracts: headers name every key and argument, keys share one slot."""

import re
from importlib.resources import files
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from redis.crc import key_slot

from exam_api.attempt.model import SHARDS, shard_of
from exam_api.live import keys, scripts

NAMES = scripts.names()
SHAPES = {key.shape for key in keys.ALL}


def text(name: str) -> str:
    return (files(scripts) / f"{name}.lua").read_text(encoding="utf-8")


def header(name: str) -> str:
    lines = text(name).splitlines()
    count = next(at for at, line in enumerate(lines) if not line.startswith("--"))
    return "\n".join(lines[:count])


def code(name: str) -> str:
    return "\n".join(line.partition("--")[0] for line in text(name).splitlines())


def numbers(what: str, source: str) -> set[int]:
    return {int(found) for found in re.findall(rf"{what}\[(\d+)", source)}


@pytest.mark.parametrize("name", NAMES)
def test_a_script_opens_with_a_sentence_and_says_what_it_returns(name) -> None:
    assert re.match(r"-- [A-Z].*\.", text(name))
    assert "-- returns " in header(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_key_that_is_used_is_named_and_every_named_one_is_used(name) -> None:
    named, used = numbers("KEYS", header(name)), numbers("KEYS", code(name))
    takes_any = re.search(r"#KEYS|ipairs\(KEYS\)", code(name)) is not None
    assert named >= used if takes_any else named == used
    assert takes_any is ("-- and further " in header(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_that_is_used_is_named(name) -> None:
    assert numbers("ARGV", code(name)) <= numbers("ARGV", header(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_keys_of_a_script_are_declared_and_lie_in_one_slot(name) -> None:
    shapes = re.findall(r"kw1:\S+", header(name))
    assert set(shapes) <= SHAPES
    tags = {re.search(r"\{(.+?)\}", shape).group(1) for shape in shapes}
    assert len(tags) == 1 or name in {"set_code", "try_code", "start_known"}


@pytest.mark.parametrize("name", [*NAMES, "view", "verdict"])
def test_a_script_makes_no_key_and_no_randomness(name) -> None:
    assert "kw1:" not in code(name)
    assert "random" not in code(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_scripts_name_is_the_hash_of_what_is_sent(name) -> None:
    script = scripts.ALL[name]
    assert re.fullmatch(rb"[0-9a-f]{40}", script.sha)
    for shared in ("view", "verdict"):
        assert f"({shared})\n".encode() not in script.source
        made = script.source.count(f"local function {shared}(".encode())
        assert made == (f"needs {shared}" in header(name))


def test_every_key_says_what_it_holds_and_what_is_lost_with_it() -> None:
    assert all(key.holds and key.life and key.lost for key in keys.ALL)


def shape_of(key: bytes) -> str:
    told = re.sub(r"\{([sl])\d\d\}", r"{\1NN}", key.decode())
    return re.sub(r"[0-9a-f]{32}", "<id>", told)


def test_every_key_that_is_made_has_a_declared_shape() -> None:
    some = uuid4()
    made = [
        *keys.of_attempt(some),
        *keys.OF_SHARD[7],
        keys.session_index(some, 3),
        keys.login(some.bytes),
        keys.code(some.bytes),
        keys.person(some.bytes),
        keys.armed(some),
        keys.armed_sessions(),
    ]
    declared = {re.sub(r"<\w+>", "<id>", shape) for shape in SHAPES}
    assert {shape_of(key) for key in made} <= declared
    assert shape_of(keys.rate("code", some.bytes)) == "kw1:{lNN}:rate:code:<id>"


@pytest.mark.parametrize("first", [0, 1, 63, 64, 255])
def test_all_keys_of_an_attempt_and_its_shard_lie_in_one_slot(first) -> None:
    attempt_id = UUID(bytes=bytes([first]) + bytes(15))
    shard = shard_of(attempt_id)
    together = [*keys.of_attempt(attempt_id), *keys.OF_SHARD[shard], keys.session_index(uuid4(), shard)]
    assert len({key_slot(key) for key in together}) == 1


def test_shards_have_keys_of_their_own() -> None:
    assert len(keys.OF_SHARD) == SHARDS
    assert all(set(one).isdisjoint(other) for one, other in combinations(keys.OF_SHARD, 2))
