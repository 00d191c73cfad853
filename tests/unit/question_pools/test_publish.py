"""What candidates may see holds nothing of keys."""

import msgspec

from question_pools.items import Kind, version_of
from question_pools.publish import KeyBook, PublicPool, publish
from tests.unit.question_pools.builders import item, item_set, version

CANARY = "CANARY-7f3a"


def names_of(kind: type[msgspec.Struct]) -> set[str]:
    """Field names of a struct and of every struct within it."""
    found: set[str] = set()
    for field in msgspec.inspect.type_info(kind).fields:
        found.add(field.name)
        found |= _within(field.type)
    return found


def _within(held: object) -> set[str]:
    if isinstance(held, msgspec.inspect.StructType):
        return names_of(held.cls)
    inner = [getattr(held, name, None) for name in ("item_type", "value_type", "key_type")]
    return set().union(*(_within(one) for one in inner if one is not None))


def test_the_public_part_holds_nothing_of_a_planted_secret():
    one, children = item_set(
        "s", 2, rationale=CANARY, source=CANARY, salt=CANARY, difficulty=5, outline="9.8.7.6"
    )
    alone = item(
        "alone" + CANARY, Kind.MULTI, stem="a stem", rationale=CANARY, key=0b101, offered=item("x").options
    )
    public, book = publish(version(*children, alone, sets=(one,)))
    told = msgspec.json.encode(public)
    for secret in (CANARY.encode(), b"9.8.7.6", b'"key"', b"rationale", b"difficulty", b"salt", b"pinned"):
        assert secret not in told
    assert book.keys[version_of(alone)] == 0b101


def test_the_canary_would_be_seen_if_it_were_in_the_public_part():
    public, _ = publish(version(item("q", stem=CANARY)))
    assert CANARY.encode() in msgspec.json.encode(public)


def test_no_public_type_has_a_field_for_what_stays_at_home():
    assert names_of(PublicPool) == {
        "digest",
        "items",
        "sets",
        "version",
        "kind",
        "stem",
        "options",
        "pictures",
        "set_id",
        "id",
        "text",
        "picture",
    }
    assert not set(KeyBook.__struct_fields__) & {"items", "sets", "stem"}


def test_items_and_sets_are_found_by_version_and_id():
    one, children = item_set("s", 2)
    held = version(*children, item("j", Kind.JUDGE, key=2), sets=(one,))
    public, book = publish(held)
    assert list(public.items) == [version_of(each) for each in held.items]
    assert public.sets["s"].stem == "material of s"
    assert public.items[version_of(children[0])].set_id == "s"
    judge = version_of(held.items[2])
    assert (book.keys[judge], book.kinds[judge], book.digest) == (2, Kind.JUDGE, public.digest)
    assert [option.text for option in public.items[judge].options] == ["正确", "错误"]
