"""`make help` is the list of commands: it must not leave one out."""

import re
import subprocess

from tests.house.sources import ROOT


def test_help_names_every_command_of_the_makefile() -> None:
    rules = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", rules, re.MULTILINE)
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(line.split()[0] for line in told.stdout.splitlines()) == sorted(phony.split())
