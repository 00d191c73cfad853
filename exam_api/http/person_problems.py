"""How refusals about persons and their rights are told."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from exam_api.errors import ErasureHeld, OthersFacts
from exam_api.http.problem_row import ABSENT, NO, Row
from exam_api.usecases import errors as usecases

PERSONS: Final[Mapping[type[Exception], Row]] = {
    OthersFacts: Row(
        "other-circumstances",
        NO,
        "Something else is known; the person can look it up",
        "另有情形，请本人查询",
        tells=False,
    ),
    ErasureHeld: Row(
        "erasure-held", NO, "Cannot be deleted yet", "目前还不能删除", ("why", "until_ms"), tells=False
    ),
    usecases.NoSuchPerson: Row("no-such-person", ABSENT, "No such person", "没有此人，或不在您的范围内"),
    usecases.NoSuchEntry: Row("no-such-entry", ABSENT, "No such entry", "没有这一条，或已处理"),
    usecases.AskedAlready: Row("asked-already", NO, "Such a request is open", "同类申请正在处理"),
    usecases.NotAValue: Row(
        "not-a-value", HTTPStatus.BAD_REQUEST, "Not such a value", "内容有误", ("field",)
    ),
    usecases.NoSuchPurpose: Row(
        "no-such-purpose", ABSENT, "Consent is not asked for this", "没有此项同意，或说明已更新"
    ),
}
"""Refusal → problem; a part of `problems.ROWS`."""
