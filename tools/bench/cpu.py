"""CPU time of process trees, from /proc: what a request really cost, whoever was waiting."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

_PARENT: Final = 1
"""Field of /proc/<pid>/stat after the name."""

Reading: TypeAlias = Mapping[int, int]
"""Nanoseconds on a CPU so far, by thread."""


def descendants(pid: int) -> list[int]:
    """The process and everything below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                children.setdefault(int(fields[_PARENT]), []).append(int(folder.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def read_cpu(pid: int) -> Reading:
    """What every thread of the process and of those below it has used; exact, unlike ticks of 10 ms."""
    used: dict[int, int] = {}
    for process in descendants(pid):
        for task in _tasks(process):
            try:
                used[int(task.name)] = int((task / "schedstat").read_text(encoding="ascii").split()[0])
            except OSError:
                continue  # it has ended meanwhile
    return used


def spent_us(before: Reading, after: Reading) -> float:
    """Microseconds between two readings; a thread that ended between them is left out."""
    return sum(used - before.get(thread, 0) for thread, used in after.items()) / 1000


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()
