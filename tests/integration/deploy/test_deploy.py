"""What is handed out for machines is right: each file of deploy/ is read by the program it is for."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import redis

from exam_api.http.start_calls import SYNC_EVERY_MS
from exam_api.serving.api import HEADERS_MS
from exam_api.serving.doctor import Level, check_persistence
from exam_api.serving.redis_nodes import ask_server
from exam_api.settings import Settings, variable
from exam_api.wiring.ground import WallClock
from tests.house.sources import ROOT
from tools.bench.servers import postgres_programs
from tools.cluster.machines import postgres_user

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
LIMIT = re.compile(r"client_max_body_size (\d+);")
EXPOSURE = re.compile(r"exposure level for \S+: ([\d.]+)")
KNOWN = {variable(field) for field in Settings.__struct_fields__}


def needs(program: str):
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")


@needs("systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_understood_and_closed_to_what_it_does_not_need(unit: Path, tmp_path: Path):
    copy = tmp_path / unit.name
    program = shutil.which("true") or ""
    copy.write_text(unit.read_text(encoding="utf-8").replace("/opt/kaowu/venv/bin/kaowu", program))
    told = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", copy]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    found = EXPOSURE.search(told.stdout + told.stderr)
    assert found, told.stderr
    assert float(found[1]) < 2.0


@needs("systemd-analyze")
def test_the_timer_is_understood(tmp_path: Path):
    for path in (DEPLOY / "systemd").glob("kaowu-retention.*"):
        text = path.read_text(encoding="utf-8").replace(
            "/opt/kaowu/venv/bin/kaowu", shutil.which("true") or ""
        )
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    words = ["systemd-analyze", "verify", tmp_path / "kaowu-retention.timer"]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")


def test_units_run_roles_that_exist_and_allow_enough_files():
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        role = unit.stem.removeprefix("kaowu-")
        wanted = f"kaowu serve --role {role}\n" if role != "retention" else "kaowu retention --apply\n"
        assert wanted in text
        files = re.search(r"^LimitNOFILE=(\d+)$", text, flags=re.MULTILINE)
        assert files
        assert int(files[1]) >= (65_536 if role != "retention" else 4_096)


def test_every_variable_that_is_set_is_a_setting():
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file()]
    named = {name for text in texts for name in re.findall(r"^\s*#?(KAOWU_[A-Z_]+)[:=]", text, re.MULTILINE)}
    assert named
    assert named <= KNOWN


# --- nginx -------------------------------------------------------------------------------------------


def locations() -> list[tuple[str, str]]:
    """Each location's selector and what stands in it, in order."""
    text = (DEPLOY / "nginx" / "kaowu.conf").read_text(encoding="utf-8")
    return re.findall(r"^    location (\S.*?) \{\n(.*?)^    \}", text, flags=re.MULTILINE | re.DOTALL)


def location_of(path: str) -> str:
    """What nginx does with a path: an exact location, else the first pattern, else the prefix."""
    held = locations()
    for selector, body in held:
        if selector == f"= {path}":
            return body
    for selector, body in held:
        if selector.startswith("~ ") and re.search(selector[2:], path):
            return body
    return dict(held)["/"]


def limit_in_map(path: str) -> int:
    text = (DEPLOY / "nginx" / "kaowu.conf").read_text(encoding="utf-8")
    held = re.findall(r"^    (\S+) +(\d+);$", text.partition("map $uri")[2].partition("}")[0], re.MULTILINE)
    for selector, limit in held:
        if selector == f"={path}" or (selector.startswith("~") and re.search(selector[1:], path)):
            return int(limit)
    return int(dict(held)["default"])


def declared() -> list[tuple[str, int, bool]]:
    """Path with ids filled in, the largest body it takes, and whether it is a stream."""
    paths = json.loads((ROOT / "tests" / "golden" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    found = []
    for path, methods in paths.items():
        limit = max((one.get("x-body-max", 0) for name, one in methods.items() if name != "get"), default=0)
        streams = any("text/event-stream" in json.dumps(one.get("responses", {})) for one in methods.values())
        found.append((re.sub(r"\{[^}]+\}", "6f1c", path), limit, streams))
    return found


def test_bodies_are_limited_as_the_routes_declare():
    ordinary = 65_536
    shared = {"/api/attempt/start"}  # stands with the hand-in: nginx may let more through, the route refuses
    for path, limit, _ in declared():
        found = LIMIT.search(location_of(path))
        allowed = int(found[1]) if found else ordinary
        assert allowed == max(limit, ordinary) or (path in shared and allowed > limit), path
        assert limit_in_map(path) == allowed, path


def test_no_stream_is_held_back():
    streams = [path for path, _, streams in declared() if streams]
    assert len(streams) >= 2
    for path in streams:
        assert "proxy_buffering off;" in location_of(path), path


# --- Redis, PostgreSQL, kernel, containers -----------------------------------------------------------


@needs("redis-server")
def test_redis_with_our_file_keeps_what_it_is_told(tmp_path: Path):
    socket = tmp_path / "r.sock"
    words = ["redis-server", DEPLOY / "redis" / "redis.conf", "--port", "0", "--dir", tmp_path]
    words += ["--unixsocket", socket]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            told = patiently(lambda: ask_server(f"unix://{socket}", now_ms=WallClock().now_ms))
        finally:
            server.kill()
    assert check_persistence(told.kept, last_write_ok=told.last_write_ok).level is Level.OK


def patiently(ask):
    for _ in range(100):
        try:
            return ask()
        except (redis.RedisError, OSError):
            time.sleep(0.05)
    return ask()


@pytest.mark.skipif(postgres_programs() is None, reason="PostgreSQL is not installed")
def test_postgresql_understands_our_file():
    programs = postgres_programs()
    assert programs
    user = postgres_user() if os.geteuid() == 0 else None  # it refuses to be root
    more = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copy(DEPLOY / "postgresql" / "kaowu.conf", folder / "postgresql.conf")

        def value_of(setting: str) -> str:
            words = [programs / "postgres", "-D", folder, "-C", setting]
            return subprocess.run(words, capture_output=True, text=True, check=True, **more).stdout.strip()

        assert [value_of(one) for one in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3


def test_every_kernel_setting_exists_here():
    lines = (DEPLOY / "sysctl" / "60-kaowu.conf").read_text(encoding="utf-8").splitlines()
    names = [line.partition("=")[0].strip() for line in lines if line and not line.startswith("#")]
    root = Path("/proc/sys")
    if not (root / "vm").is_dir():
        pytest.skip("this system has no /proc/sys")
    assert len(names) > 5
    assert [name for name in names if not (root / name.replace(".", "/")).exists()] == []


def test_the_compose_file_hangs_together():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    folder = DEPLOY / "compose"
    held = yaml.safe_load((folder / "compose.yaml").read_text(encoding="utf-8"))
    services = held["services"]
    assert set(services) == {"postgres", "redis", "migrate", "api", "worker", "nginx"}
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service.get("networks", [])) <= set(held["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            there = (folder / source).exists() if source.startswith("../") else source in held["volumes"]
            assert there or source == "./tls", volume
    assert set(held["x-service"]["environment"]) <= KNOWN
    built = services["migrate"]["build"]
    context = (folder / built["context"]).resolve()
    assert context == ROOT
    text = (context / built["dockerfile"]).read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE)
    lacking = [name for names in copied for name in names.split() if not (ROOT / name).exists()]
    assert lacking == []


def test_a_kept_connection_outlives_two_beats_of_a_page_and_nginx_lets_go_of_it_before_the_service():
    conf = (DEPLOY / "nginx" / "kaowu.conf").read_text(encoding="utf-8")
    upstream = conf.split("upstream kaowu_api {")[1].split("}")[0]
    kept_s = re.search(r"keepalive_timeout (\d+)s;", upstream)
    assert kept_s
    assert SYNC_EVERY_MS < int(kept_s[1]) * 1000 < HEADERS_MS
    assert HEADERS_MS >= 2 * SYNC_EVERY_MS
