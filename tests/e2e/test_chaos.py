"""A minute of what `make chaos` does in ten: kills, a power loss, a failover, and nothing is lost."""

import pytest

from tools.chaos.run import SHORT, run_chaos


@pytest.mark.redis
@pytest.mark.postgres
def test_whatever_dies_every_acknowledged_answer_is_on_record(capsys: pytest.CaptureFixture[str]) -> None:
    passed = run_chaos(SHORT)
    assert passed, capsys.readouterr().out
