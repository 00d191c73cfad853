"""Splitting a pool version into what candidates may see and the keys, in types that cannot be mixed up."""

import msgspec

from question_pools.items import Item, Kind, PoolVersion, version_of


class PublicOption(msgspec.Struct, frozen=True, omit_defaults=True):
    """An option as a candidate may see it."""

    text: str
    picture: str | None = None


class PublicItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item as a candidate may see it: no key, rationale, difficulty, statistics or internal id."""

    version: str
    kind: Kind
    stem: str
    options: tuple[PublicOption, ...]
    pictures: tuple[str, ...] = ()
    set_id: str | None = None


class PublicSet(msgspec.Struct, frozen=True):
    """The shared material of an item set."""

    id: str
    stem: str
    pictures: tuple[str, ...]


class PublicPool(msgspec.Struct, frozen=True):
    """All that papers of this pool version are made of."""

    digest: str
    items: dict[str, PublicItem]
    """By item version."""
    sets: dict[str, PublicSet]
    """By set id."""


class KeyBook(msgspec.Struct, frozen=True):
    """The keys of a pool version. It never leaves the server."""

    digest: str
    keys: dict[str, int]
    """Bit mask over the canonical options, by item version."""
    kinds: dict[str, Kind]


def publish(version: PoolVersion) -> tuple[PublicPool, KeyBook]:
    """The public part and the keys of a pool version."""
    versions = [(version_of(item), item) for item in version.items]
    public = PublicPool(
        digest=version.digest,
        items={held: _public(held, item) for held, item in versions},
        sets={one.id: PublicSet(one.id, one.stem, one.pictures) for one in version.sets},
    )
    book = KeyBook(
        digest=version.digest,
        keys={held: item.key for held, item in versions},
        kinds={held: item.kind for held, item in versions},
    )
    return public, book


def _public(held: str, item: Item) -> PublicItem:
    return PublicItem(
        version=held,
        kind=item.kind,
        stem=item.stem,
        options=tuple(PublicOption(option.text, option.picture) for option in item.options),
        pictures=item.pictures,
        set_id=item.set_id,
    )
