"""Cells that no sheet program takes for a formula."""

import io
from uuid import uuid4

import openpyxl
import pytest

from exam_api.attempt.model import State
from exam_api.console_ports import ListedRegistration
from exam_api.people import Role
from exam_api.usecases.results import ResultLine, SessionResults, results_sheet
from exam_api.usecases.sheet import harmless
from exam_api.visible import Relation, Sight

WHOLE = Sight(Role.OFFICER, frozenset({Relation.DEPARTMENT}))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_is_written_as_text(first: str) -> None:
    own = ListedRegistration(
        id=uuid4(),
        name=f'{first}HYPERLINK("http://evil.example")',
        id_masked="1",
        phone_masked="",
        ticket_no="260010001",
        seat="",
        extra_ms=0,
    )
    line = ResultLine(registration=own, state=State.READY, result=None, late_state="none")
    data = results_sheet(SessionResults(session=None, titles=[f"{first}1+1"], lines=[line]), WHOLE)  # type: ignore[arg-type]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet["B2"].value.startswith("'")
    assert sheet["H1"].value.startswith("'")


def test_other_text_stays_as_it_is() -> None:
    assert harmless("马文海 = 1") == "马文海 = 1"
