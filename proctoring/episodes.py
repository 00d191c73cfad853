"""From signs to episodes: what came up in several pictures of an attempt, never what one picture showed."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from proctoring.signs import Kind, Sign


class Rule(msgspec.Struct, frozen=True, array_like=True):
    """So many of the latest so many pictures carry the sign."""

    times: int
    of: int


RULES: Final[Mapping[Kind, Rule]] = {
    Kind.NO_FACE: Rule(2, 2),
    Kind.SECOND_FACE: Rule(2, 3),
    Kind.COVERED: Rule(2, 2),
    Kind.DARK: Rule(3, 3),
    Kind.SAME_BYTES: Rule(2, 5),
    Kind.REPEATED: Rule(2, 3),
    Kind.STILL: Rule(2, 2),
    Kind.TURNED_AWAY: Rule(3, 5),
    Kind.OTHER_PERSON: Rule(2, 3),
    Kind.REPLAYED: Rule(2, 3),
}
"""When signs of a kind make an episode. Signs that look back over pictures themselves need two as well."""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """The signs of one picture."""

    at_ms: int
    digest: bytes
    """SHA-256 of the picture."""
    signs: tuple[Sign, ...] = ()


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """Something that went on for a while."""

    kind: Kind
    from_ms: int
    """When the first picture that carried the sign was taken."""
    to_ms: int
    """When the last one was."""
    worst: Sign
    """The sign farthest from its limit."""
    evidence: tuple[bytes, ...]
    """Digests of the pictures that carried it, oldest first."""


def episodes_of(noted: Sequence[Noted]) -> Sequence[Episode]:
    """Episodes of an attempt, by their begin; those that still go on are among them."""
    found = [episode for kind, rule in RULES.items() for episode in _of_kind(kind, rule, noted)]
    return sorted(found, key=lambda episode: (episode.from_ms, episode.kind))


def _of_kind(kind: Kind, rule: Rule, noted: Sequence[Noted]) -> Sequence[Episode]:
    """Runs of pictures in which the rule holds, each with the pictures that made it hold first."""
    found: list[Episode] = []
    held: list[tuple[Noted, Sign]] = []
    for at in range(len(noted)):
        window = _carrying(kind, noted[max(0, at + 1 - rule.of) : at + 1])
        if len(window) >= rule.times:
            held += [carried for carried in window if carried not in held]
        elif held:
            found.append(_episode(kind, held))
            held = []
    return [*found, _episode(kind, held)] if held else found


def _carrying(kind: Kind, noted: Sequence[Noted]) -> Sequence[tuple[Noted, Sign]]:
    return [(one, sign) for one in noted for sign in one.signs if sign.kind is kind]


def _episode(kind: Kind, held: Sequence[tuple[Noted, Sign]]) -> Episode:
    return Episode(
        kind=kind,
        from_ms=held[0][0].at_ms,
        to_ms=held[-1][0].at_ms,
        worst=max((sign for _, sign in held), key=lambda sign: abs(sign.figure - sign.limit)),
        evidence=tuple(one.digest for one, _ in held),
    )
