"""`make cluster` reckons what a fault cost, and refuses politely where it cannot run."""

import pytest

from tools.cluster.asked import asked_for, check_ground
from tools.cluster.sitter import Wait
from tools.cluster.story import Fault, costs


def test_a_call_counts_for_the_fault_during_which_it_waited():
    faults = [Fault("first", 10.0, 14.0), Fault("second", 20.0, 21.5)]
    waits = [
        Wait("sync", 1.0, 1.1, 0),
        Wait("sync", 9.9, 13.4, 3),
        Wait("sync", 15.0, 15.1, 0),
        Wait("hand-in", 19.5, 22.0, 2),
        Wait("sync", 30.0, 30.2, 0),
    ]
    first, second = costs(faults, waits)
    assert (first.calls, first.failed, first.slower, first.mended_s) == (3, 5, 2, 4.0)
    assert first.longest_s == pytest.approx(3.5)
    assert (second.calls, second.failed, second.slower, second.mended_s) == (2, 2, 1, 1.5)


@pytest.mark.parametrize(("platform", "user_id"), [("linux", 1000), ("darwin", 0)])
def test_without_root_or_linux_it_says_so_in_both_languages(
    platform: str, user_id: int, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        check_ground(platform=platform, user_id=user_id)
    assert ended.value.code == 1
    zh, en = capsys.readouterr().err.splitlines()
    assert "请以 root 运行" in zh
    assert "as root" in en


@pytest.mark.parametrize("given", ["0", "many", "5000", "-3", "²"])
def test_a_number_that_makes_no_sense_is_refused(given: str):
    with pytest.raises(SystemExit):
        asked_for(given)


def test_two_hundred_sit_unless_another_number_is_asked_for():
    assert (asked_for(""), asked_for(" 40 ")) == (200, 40)
