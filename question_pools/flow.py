"""Maximum flow from groups of like items to the cells that want them."""

from collections import deque
from collections.abc import Mapping


class Flow:
    """How far the wants can be met together; a want that comes earlier is served first.

    A group is named by the bit mask of the wants it can serve: the keys of `supply` are the graph.
    """

    def __init__(self, supply: Mapping[int, int], wants: Mapping[int, int]) -> None:
        self._free = dict(supply)
        self._sent: dict[tuple[int, int], int] = {}
        self._groups = {want: [mask for mask in supply if mask >> want & 1] for want in wants}
        self._starved: frozenset[int] = frozenset()
        self._filled = {want: self._fill(want, count) for want, count in wants.items()}
        self._wants = wants

    def filled(self, want: int) -> int:
        """What the want gets."""
        return self._filled[want]

    def complete(self) -> bool:
        """Whether every want is met."""
        return all(self._filled[want] == count for want, count in self._wants.items())

    def starved(self) -> frozenset[int]:
        """Wants that together ask for more than all their groups hold; empty when every want is met."""
        return self._starved

    def sent(self) -> dict[tuple[int, int], int]:
        """What each group gives each want."""
        return {way: amount for way, amount in self._sent.items() if amount}

    def more(self, supply: Mapping[int, int]) -> None:
        """Take in further groups (under names of their own) and fill what was left open.

        What the first groups give together stays as it is: the further ones fill only the gap.
        """
        self._free.update(supply)
        for want, groups in self._groups.items():
            groups += [mask for mask in supply if mask >> want & 1]
        self._starved = frozenset()
        for want, count in self._wants.items():
            self._filled[want] += self._fill(want, count - self._filled[want])

    def _fill(self, want: int, count: int) -> int:
        got = 0
        while got < count:
            sent = self._augment(want, count - got)
            if not sent:
                break
            got += sent
        return got

    def _augment(self, want: int, most: int) -> int:
        """Send up to `most` to a want along a shortest path; 0 when there is none."""
        came: dict[int, tuple[int, int] | None] = {want: None}
        queue = deque([want])
        while queue:
            at = queue.popleft()
            for mask in self._groups[at]:
                if self._free[mask] > 0:
                    return self._send(at, mask, came, most)
                for other in self._groups:
                    if other not in came and self._sent.get((mask, other), 0) > 0:
                        came[other] = (at, mask)
                        queue.append(other)
        self._starved = frozenset(came)
        return 0

    def _send(self, at: int, mask: int, came: Mapping[int, tuple[int, int] | None], most: int) -> int:
        moves: list[tuple[int, int, int]] = []  # (group, want that gives it up, want that gets it)
        step, getter = came[at], at
        while step is not None:
            to, through = step
            moves.append((through, getter, to))
            getter, step = to, came[to]
        amount = min([most, self._free[mask], *(self._sent[through, giver] for through, giver, _ in moves)])
        self._free[mask] -= amount
        self._add(mask, at, amount)
        for through, giver, to in moves:
            self._add(through, giver, -amount)
            self._add(through, to, amount)
        return amount

    def _add(self, mask: int, want: int, amount: int) -> None:
        self._sent[mask, want] = self._sent.get((mask, want), 0) + amount
