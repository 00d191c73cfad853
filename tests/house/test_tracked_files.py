"""What is handed out: no machine paths, no addresses of package registries, no secrets, no built files."""

import json
import re

import pytest

from tests.house.sources import ROOT, short, tracked

TEXTS = [
    path
    for path in tracked()
    if path.suffix not in {".png", ".jpg", ".webp", ".xlsx", ".xls", ".woff2", ".ico"}
]

REGISTRIES = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|npmmirror[.]com")
MACHINE_PATHS = re.compile(r"(?<![\w.])/" + "(?:work/main|work/shared|root/|home/[a-z]+/|Users/)")
KEYS = re.compile("-----BEGIN " + "[A-Z ]*PRIVATE KEY-----")
BUILT = ("node_modules", "dist", "__pycache__", "build", "var")


@pytest.mark.parametrize(
    "what", [REGISTRIES, MACHINE_PATHS, KEYS], ids=["registries", "machine paths", "private keys"]
)
def test_no_file_names(what):
    found = [
        f"{short(path)}:{number}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if what.search(line)
    ]
    assert found == []


def test_no_built_file_is_tracked():
    found = [short(path) for path in tracked() if set(path.relative_to(ROOT).parts[:-1]) & set(BUILT)]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-load.lock"])
def test_a_python_lock_holds_versions_and_hashes_only(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or "index-url" in line or "find-links" in line] == []
    names = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert [line for line in names if not re.match(r"[a-z0-9._\[\]-]+==\S+( ; .+)? \\$", line)] == []


def test_the_web_lock_holds_no_address():
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, held in packages.items() if "resolved" in held] == []


def test_every_locked_web_package_has_a_hash():
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    lacking = [
        name
        for name, held in packages.items()
        if name and "integrity" not in held and not held.get("inBundle")
    ]
    assert lacking == []


def test_every_dependency_is_locked():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.findall(
        r'^    "([a-zA-Z0-9_-]+)[\[><=]', text.partition("[dependency-groups]")[0], flags=re.MULTILINE
    )
    locked = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert [name for name in wanted if name.lower().replace("_", "-") not in locked] == []
