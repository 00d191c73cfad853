"""`kaowu backup` and `kaowu restore`: what an operator runs, and what is refused in words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, RedisServer, clean_environ

pytestmark = pytest.mark.redis


def kaowu(
    url: str, redis: RedisServer, folder: Path, *words: str, secret: str = "s" * 40
) -> subprocess.CompletedProcess[str]:
    given = {
        "KAOWU_DATABASE_URL": url,
        "KAOWU_REDIS_URL": redis.url,
        "KAOWU_SECRET": secret,
        "KAOWU_DATA_DIR": str(folder),
    }
    command = [sys.executable, "-m", "exam_api.cli", *words]
    return subprocess.run(
        command, cwd=ROOT, env=clean_environ(**given), capture_output=True, text=True, check=False
    )


def test_a_drill_from_the_command_line(newest_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> None:
    newest_redis.flush()
    file = str(tmp_path / "kaowu.backup")
    made = kaowu(sqlite_url, newest_redis, tmp_path, "backup", file, "--json")
    assert made.returncode == 0, made.stderr
    assert Path(file).stat().st_mode & 0o777 == 0o600
    full = kaowu(sqlite_url, newest_redis, tmp_path, "restore", file)
    assert full.returncode == 1
    assert "--wipe" in full.stderr  # the backup's own line is in the audit
    other = kaowu(sqlite_url, newest_redis, tmp_path, "restore", file, "--wipe", secret="o" * 40)
    assert other.returncode == 1
    assert "KAOWU_PREVIOUS_SECRETS" in other.stderr
    done = kaowu(sqlite_url, newest_redis, tmp_path, "restore", file, "--wipe", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["audit_sound"] is True
    assert (told["rows"], told["replayed"]) == (
        sum(part["rows"] for part in json.loads(made.stdout)["tables"]),
        0,
    )
