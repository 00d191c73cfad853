"""`kaowu` as an operator meets it: it starts, survives, refuses with a sentence, leaves nothing behind."""

import json
import os
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from exam_api.cli.entry import application
from question_pools.exchange.bank import read_bank
from tests.fixtures.pools.workbooks import xls
from tests.servers import ROOT, Service, clean_environ, unused_port, wait_until

pytestmark = pytest.mark.redis


def children_of(service: Service) -> dict[str, int]:
    """The processes that a service's supervisor has started, by what they run."""
    found: dict[str, int] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            told = (folder / "stat").read_text()
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(told.rpartition(")")[2].split()[1]) == service.pid:
            name = next((word.decode() for word in words if word.startswith(b"exam_api.")), "redis")
            found[name] = int(folder.name)
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def answers(service: Service) -> bool:
    try:
        return httpx.get(f"{service.url}/health", timeout=2).is_success
    except httpx.TransportError:
        return False


def kaowu(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exam_api.cli", *words]
    return subprocess.run(
        command, cwd=ROOT, env=clean_environ(**environ), capture_output=True, text=True, check=False
    )


def in_process(*words: str):
    """Run a command in this process: for commands that start nothing."""
    return CliRunner().invoke(application(words), words)


def test_the_whole_product_lives_through_kills_and_leaves_nothing_behind(own_service: Service):
    """One story, as each start costs seconds: killed parts, Ctrl-C, a second start, a killed supervisor."""
    own_service.start()
    assert answers(own_service)
    before = children_of(own_service)
    assert set(before) == {"exam_api.serving.api", "exam_api.worker", "redis"}

    second = kaowu("serve", **own_service.settings | {"KAOWU_PORT": str(unused_port())})
    assert second.returncode == 1
    assert f"process {own_service.pid}" in second.stderr

    for name in ("exam_api.serving.api", "exam_api.worker"):
        os.kill(before[name], signal.SIGKILL)
    wait_until(
        lambda: set(before) == set(after := children_of(own_service)) and after != before, what="a restart"
    )
    wait_until(lambda: answers(own_service), what="the API answers again")
    after = children_of(own_service)
    assert after["redis"] == before["redis"]

    first_log, pids = own_service.log, [own_service.pid, *after.values()]
    began = time.monotonic()
    os.kill(own_service.pid, signal.SIGINT)
    own_service.stop()
    assert time.monotonic() - began < 15
    assert not any(is_alive(pid) for pid in pids)

    own_service.start()
    assert "is at 0" in first_log
    assert "is at 0" not in own_service.log.removeprefix(first_log), "nothing had to be prepared again"
    pids = list(children_of(own_service).values())
    os.kill(own_service.pid, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(pid) for pid in pids), what="every process has ended")


@pytest.mark.xdist_group("browser")
def test_staff_store_a_bank_and_a_drawn_paper_can_be_shown_again(service: Service, tmp_path):
    """In the worker of the browser stories, whose service it shares."""
    bank = tmp_path / "bank.csv"
    bank.write_text(
        "题型,题干,选项A,选项B,答案\n单选题,脚手架应由谁搭设？,架子工,任何人,A\n", encoding="utf-8"
    )
    stored = kaowu("import-pool", str(bank), "--as", "jigou2", **service.settings)
    assert "+1 ~0 =0" in stored.stdout, stored.stderr
    [pool] = re.findall(r"stored: ([0-9a-f-]{36})", stored.stdout)
    for name in ("p.xlsx", "p.json"):
        written = kaowu("export-pool", pool, str(tmp_path / name), "--as", "jigou2", **service.settings)
        assert "1 题 items" in written.stdout, written.stderr
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600, "keys are in it"
        [back] = read_bank((tmp_path / name).read_bytes(), name).items
        assert (back.stem, back.key) == ("脚手架应由谁搭设？", 1)
    elsewhere = kaowu("export-pool", pool, str(tmp_path / "x.json"), "--as", "jigou", **service.settings)
    assert (elsewhere.returncode, (tmp_path / "x.json").exists()) == (1, False)
    nobody = kaowu("import-pool", str(bank), "--as", "nobody", **service.settings)
    assert (nobody.returncode, "nobody" in nobody.stderr) == (1, True)

    with closing(sqlite3.connect(service.data_dir / "kaowu.db")) as record:
        attempt = str(UUID(record.execute("select attempt_id from paper limit 1").fetchone()[0]))
    without = json.loads(kaowu("show-paper", attempt, "--json", **service.settings).stdout)
    with_keys = json.loads(kaowu("show-paper", attempt, "--keys", "--json", **service.settings).stdout)
    assert without["items"]
    assert not any("key" in item for item in without["items"])
    assert all(item["key"] for item in with_keys["items"])


def test_a_taken_port_is_told_in_both_languages(tmp_path, free_port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        done = kaowu("serve", KAOWU_DEMO="true", KAOWU_DATA_DIR=str(tmp_path), KAOWU_PORT=str(free_port))
    assert done.returncode == 1
    assert done.stdout == ""
    zh, en = done.stderr.strip().splitlines()
    assert "端口已被" in zh
    assert f"make run PORT={free_port + 1}" in en


def test_settings_that_do_not_fit_end_without_a_trace(tmp_path):
    done = kaowu("doctor", KAOWU_PROT="1", KAOWU_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "did you mean KAOWU_PORT?" in done.stderr
    assert "Traceback" not in done.stderr


COMMANDS = (
    "serve",
    "migrate",
    "demo",
    "import-pool",
    "export-pool",
    "show-paper",
    "verify-receipt",
    "rehearse",
    "doctor",
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    done = in_process(name, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def test_the_list_of_commands_starts_fast_and_names_all():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = kaowu("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
    for name in COMMANDS:
        assert name in done.stdout


def test_a_bank_is_reported_without_settings_or_database(tmp_path):
    bank = tmp_path / "bank.csv"
    bank.write_text(
        "题型,题干,选项A,选项B,答案\n单选题,安全帽应当怎样佩戴？,系紧下颏带,随意,A\n单选题,,甲,乙,A\n",
        encoding="gbk",
    )
    done = in_process("import-pool", str(bank), "--dry-run", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["accepted"], told["rejected"]) == (2, 1, 1)
    assert [(one["code"], one["row"]) for one in told["problems"]] == [("E_STEM_EMPTY", 3)]


def test_a_file_that_is_no_bank_is_refused_with_status_1(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"\x00" * 100)
    done = in_process("import-pool", str(tmp_path / "x.xlsx"), "--dry-run")
    assert done.exit_code == 1
    assert len(done.stderr.strip().splitlines()) == 2


ODD = "某公司题库,,,\n问,一,二,对的\n戴什么？,帽,鞋,A\n"


def test_columns_nobody_knows_are_shown_and_then_named_by_hand(tmp_path):
    (tmp_path / "x.csv").write_text(ODD, encoding="utf-8")
    refused = in_process("import-pool", str(tmp_path / "x.csv"), "--dry-run")
    assert (refused.exit_code, "D 对的" in refused.stderr, "--column" in refused.stderr) == (1, True, True)
    named = ["--column", "A=stem", "--column", "B=option-a", "--column", "C=option-b", "--column", "D=key"]
    done = in_process(
        "import-pool", str(tmp_path / "x.csv"), "--dry-run", "--json", "--header-row", "2", *named
    )
    assert (json.loads(done.stdout)["rows"], json.loads(done.stdout)["accepted"]) == (1, 1)
    wrong = in_process("import-pool", str(tmp_path / "x.csv"), "--dry-run", "--column", "stem")
    assert (wrong.exit_code, "COLUMN=FIELD" in wrong.stderr) == (1, True)


def test_an_old_word_file_is_refused_with_what_to_do(tmp_path):
    data = xls([("题干", "答案")]).replace("Workbook".encode("utf-16-le"), "WordDocument".encode("utf-16-le"))
    (tmp_path / "x.doc").write_bytes(data)
    done = in_process("import-pool", str(tmp_path / "x.doc"), "--dry-run")
    assert (done.exit_code, "另存为 .docx" in done.stderr) == (1, True)


def test_a_pool_goes_into_a_workbook_or_json_only(tmp_path):
    done = in_process("export-pool", str(UUID(int=1)), str(tmp_path / "x.pdf"), "--as", "jigou")
    assert (done.exit_code, ".xlsx" in done.stderr) == (1, True)


def test_a_bank_is_stored_by_a_member_of_staff_only(tmp_path):
    (tmp_path / "x.csv").write_text("题型,题干,答案\n")
    done = in_process("import-pool", str(tmp_path / "x.csv"))
    assert done.exit_code == 1
    assert "--as" in done.stderr


def test_a_forged_receipt_is_not_genuine(tmp_path):
    (tmp_path / "r").write_text("KW1.e30.AAAA")
    done = in_process("verify-receipt", str(tmp_path / "r"), "--public-key", "00" * 32)
    assert done.exit_code == 1
    assert "Not genuine" in done.stderr
