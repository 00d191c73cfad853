"""Bounding what a paper has in common with its person's paper before: which old items may still be drawn."""

from collections.abc import Collection, Mapping, Sequence

from question_pools.blueprint import WHOLE, Blueprint, Demand, set_plan
from question_pools.chance import Chance
from question_pools.errors import OverlapNotMet
from question_pools.flow import Flow
from question_pools.items import PoolVersion
from question_pools.setplan import SetPlan


def budget_of(blueprint: Blueprint) -> int:
    """How many items of a paper may stand on the person's paper before."""
    return sum(section.count for section in blueprint.sections) * blueprint.overlap_percent // WHOLE


class Avoidance:
    """Decides, for one pool version and blueprint, which of a person's old items stay away from a paper."""

    def __init__(
        self,
        version: PoolVersion,
        wanted: Sequence[Demand],
        groups: Mapping[int, Sequence[int]],
        rested_sets: Collection[int],
    ) -> None:
        self._version = version
        self._wanted = wanted
        self._groups = groups
        self._group_of = {index: mask for mask, held in groups.items() for index in held}
        self._wants = {d: one.cell.count for d, one in enumerate(wanted) if one.kind is not None}
        place = {item.id: index for index, item in enumerate(version.items)}
        self._sets = [[place[child] for child in one.items] for one in version.sets]
        self._rested_sets = frozenset(rested_sets)
        self._by_sets = any(one.kind is None for one in wanted)

    def away(self, old: Collection[int], most: int, chance: Chance) -> tuple[frozenset[int], SetPlan | None]:
        """The items that stay away so that at most `most` old ones are drawn, and the plan of the sets left.

        Which old ones may still be drawn is left to chance. The plan is None where no set stays away.

        Raises OverlapNotMet: no paper has so few; the least is exact.
        """
        costs = [len(set(old).intersection(children)) for children in self._sets]
        old_sets = [at for at, cost in enumerate(costs) if cost and self._by_sets]
        old_sets = [at for at in old_sets if at not in self._rested_sets]
        singles = sorted(index for index in old if index in self._group_of)
        needed = self._needed_singles(singles, chance)
        needed_sets = self._needed_sets(costs) if old_sets else []
        least = len(needed) + sum(costs[at] for at in needed_sets)
        if least > most:
            raise OverlapNotMet(least=least, most=most)
        spare = most - least
        rest = [index for index in singles if index not in needed] + [
            -1 - at for at in old_sets if at not in needed_sets
        ]
        chance.shuffle(rest)
        away: set[int] = set()
        for one in rest:
            cost = 1 if one >= 0 else costs[-1 - one]
            if cost <= spare:
                spare -= cost
            else:
                away.add(one)
        sets_away = {-1 - one for one in away if one < 0}
        plan = set_plan(self._version, self._wanted, self._rested_sets | sets_away) if sets_away else None
        return frozenset(one for one in away if one >= 0), plan

    def _needed_singles(self, old: Sequence[int], chance: Chance) -> set[int]:
        """Old items without which no paper can be drawn: as few as there can be, picked by chance."""
        held: dict[int, list[int]] = {}
        for index in old:
            held.setdefault(self._group_of[index], []).append(index)
        fresh = {mask: len(group) - len(held.get(mask, ())) for mask, group in self._groups.items()}
        flow = Flow(fresh, self._wants)
        if flow.complete():
            return set()
        # The old ones are groups of their own, told apart by a bit above all demands.
        mark = 1 << len(self._wanted)
        flow.more({mask | mark: len(group) for mask, group in held.items()})
        sent: dict[int, int] = {}
        for (mask, _), amount in flow.sent().items():
            sent[mask] = sent.get(mask, 0) + amount
        needed: set[int] = set()
        for mask, group in sorted(held.items()):
            count = sent.get(mask | mark, 0)
            chance.pick_first(group, count)
            needed.update(group[:count])
        return needed

    def _needed_sets(self, costs: Sequence[int]) -> list[int]:
        plan = set_plan(self._version, self._wanted, self._rested_sets)
        return [at for at in plan.cheapest(costs) or [] if costs[at]]
