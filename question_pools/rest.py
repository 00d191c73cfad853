"""Letting items rest that stood on many papers of late, as long as a paper can be drawn from the others."""

from collections.abc import Collection, Mapping

import msgspec

from question_pools.blueprint import Blueprint, Infeasible, check, demands
from question_pools.items import PoolVersion


def without(version: PoolVersion, left_out: Collection[int]) -> PoolVersion:
    """The pool version less some items (indices) and the sets that hold one; its digest stays the whole's."""
    gone = {version.items[index].id for index in left_out}
    sets = tuple(one for one in version.sets if gone.isdisjoint(one.items))
    held = {child for one in sets for child in one.items}
    items = tuple(
        item for item in version.items if (item.id not in gone if item.set_id is None else item.id in held)
    )
    return msgspec.structs.replace(version, items=items, sets=sets)


def resting(version: PoolVersion, blueprint: Blueprint, drawn: Mapping[str, int]) -> tuple[int, ...]:
    """Indices of the items that rest: drawn more often than the blueprint says, by item id, and not needed.

    Where cells fall short without them, those least drawn come back first. A set rests as a whole.
    """
    most = blueprint.rest_papers
    if most is None or check(blueprint, version):
        return ()
    place = {item.id: index for index, item in enumerate(version.items)}
    units = [[index] for index, item in enumerate(version.items) if item.set_id is None]
    units += [[place[child] for child in one.items] for one in version.sets]
    tired = [(_most_drawn(version, unit, drawn), unit) for unit in units]
    tired = sorted((count, unit) for count, unit in tired if count > most)
    while tired:
        short = check(blueprint, without(version, [index for _, unit in tired for index in unit]))
        if not short:
            break
        tired = _woken(version, blueprint, tired, short)
    return tuple(sorted(index for _, unit in tired for index in unit))


def _most_drawn(version: PoolVersion, unit: list[int], drawn: Mapping[str, int]) -> int:
    return max(drawn.get(version.items[index].id, 0) for index in unit)


def _woken(
    version: PoolVersion, blueprint: Blueprint, tired: list[tuple[int, list[int]]], short: list[Infeasible]
) -> list[tuple[int, list[int]]]:
    """Those that still rest when the short cells have got back what they lack, the least drawn first."""
    places = {(one.section, one.at): one.wanted - one.available for one in short}
    wanted = [one for one in demands(blueprint) if (one.section, one.at) in places]
    lacking = {(one.section, one.at): places[one.section, one.at] for one in wanted}
    still: list[tuple[int, list[int]]] = []
    woken = False
    for count, unit in tired:
        of_set = version.items[unit[0]].set_id is not None
        serves = next(
            (
                one
                for one in wanted
                if lacking[one.section, one.at] > 0
                and (one.kind is None) == of_set
                and all(one.takes(version.items[index]) for index in unit)
            ),
            None,
        )
        if serves is None:
            still.append((count, unit))
        else:
            lacking[serves.section, serves.at] -= len(unit)
            woken = True
    # Cells that cross may lack what another cell takes: then the least drawn of all comes back.
    return still if woken else tired[1:]
