"""The load test itself, at its smallest: people come, answer, hand in; nothing they were told is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.redis
def test_a_hundred_people_with_habits_sit_an_exam_and_nothing_is_lost(tmp_path: Path):
    words = [sys.executable, "-m", "tools.load", "--tier", "XS", "--out", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads((tmp_path / "XS-asyncio" / "run.json").read_text(encoding="utf-8"))
    counted = run["counted"]
    assert (counted["started"], counted["handed_in"]) == (100, 100)
    assert counted["receipts_checked"] == 100
    assert counted["ops_told"] > 500
    assert run["summaries"]["sync"]["errors"] == 0
