"""A paper as bytes is the paper as a struct."""

import msgspec
import pytest

from exam_api.http import show_paper, wire_attempt
from exam_api.http.show_paper import paper_bytes, shown_paper
from exam_api.usecases.practice import Practice
from exam_api.usecases.shelf import PaperSource
from question_pools.draw import Paper
from question_pools.exchange.pool_json import read_json
from tests.unit.demo.test_demo_pools import DEMO


@pytest.fixture
def practice() -> tuple[Paper, PaperSource, bytes]:
    held = Practice(read_json((DEMO / "pools" / "practice.json").read_bytes())[0])
    return held.paper, held.source, held.digest


def as_struct(raw: object) -> wire_attempt.Paper:
    return msgspec.json.decode(msgspec.json.encode(raw), type=wire_attempt.Paper)


def test_the_bytes_of_a_paper_say_what_its_struct_says(practice) -> None:
    paper, source, digest = practice
    first = as_struct(paper_bytes(paper, source, digest=digest))
    assert first == shown_paper(paper, source, digest=digest)
    assert as_struct(paper_bytes(paper, source, digest=digest)) == first


def test_pieces_are_let_go_when_too_many_are_kept(practice, monkeypatch: pytest.MonkeyPatch) -> None:
    paper, source, digest = practice
    monkeypatch.setattr(show_paper, "PIECES_KEPT", 2)
    show_paper._pieces.clear()
    assert as_struct(paper_bytes(paper, source, digest=digest)) == shown_paper(paper, source, digest=digest)
    assert len(show_paper._pieces) <= 2
