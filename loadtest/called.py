"""How a driver is called: `PLAN PART OF FOLDER`; it takes its part of the people, its book goes there."""

import argparse
import sys
from pathlib import Path

from loadtest.loopback import NotLoopback
from loadtest.plan import Plan, read_plan


class Called(argparse.Namespace):
    """The words."""

    plan: Path
    part: int
    of: int
    folder: Path

    def plan_read(self) -> Plan:
        """The plan; status 2 where load would go elsewhere."""
        try:
            return read_plan(self.plan)
        except NotLoopback as refused:
            sys.stderr.write(f"压测只能发往本机。\n{refused}\n")
            sys.exit(2)


def called_with(program: str, says: str | None) -> Called:
    """Read the command line."""
    words = argparse.ArgumentParser(prog=program, description=says)
    words.add_argument("plan", type=Path)
    words.add_argument("part", type=int)
    words.add_argument("of", type=int)
    words.add_argument("folder", type=Path)
    return words.parse_args(namespace=Called())
