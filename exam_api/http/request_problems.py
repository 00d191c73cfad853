"""How refusals of requests themselves are told: log-in, origin, size, form."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec

from exam_api.http import errors as http
from exam_api.http.problem_row import ABSENT, GONE, LARGE, Row

REQUESTS: Final[Mapping[type[Exception], Row]] = {
    http.NotLoggedIn: Row("not-logged-in", HTTPStatus.UNAUTHORIZED, "Log in first", "请先登录"),
    http.NotAllowed: Row("not-allowed", HTTPStatus.FORBIDDEN, "Your role may not do this", "您没有此项权限"),
    http.StepNeeded: Row(
        "step-needed", HTTPStatus.FORBIDDEN, "The log-in is not finished", "登录尚未完成", ("step",)
    ),
    http.AttemptTokenInvalid: Row(
        "attempt-token-invalid", HTTPStatus.UNAUTHORIZED, "Enter the exam again", "请重新进入考试"
    ),
    http.ForeignOrigin: Row(
        "foreign-origin", HTTPStatus.FORBIDDEN, "Only pages of this service may do this", "请求来源不被允许"
    ),
    http.NoSuchPage: Row("not-found", ABSENT, "Nothing is served here", "没有这个地址"),
    http.MethodNotServed: Row(
        "method-not-served",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "Not with this method",
        "请求方法不被支持",
        ("allow",),
    ),
    http.BodyTooLarge: Row("too-large", LARGE, "Too large", "内容过大", ("limit_bytes",)),
    http.BodyTooSlow: Row(
        "too-slow", HTTPStatus.REQUEST_TIMEOUT, "The request did not come", "请求未能及时送达", ("within_s",)
    ),
    http.MustWait: Row(
        "must-wait",
        GONE,
        "Many want in at once: wait",
        "人数较多，正在排队",
        ("again_ms", "wait_ms", "ahead", "turn"),
        "again_ms",
        tells=False,
    ),
    http.BadRequest: Row("bad-request", HTTPStatus.BAD_REQUEST, "This cannot be read", "请求无法识别"),
    msgspec.ValidationError: Row(
        "not-valid", HTTPStatus.BAD_REQUEST, "A field is not valid", "字段不符合要求"
    ),
    msgspec.DecodeError: Row("not-json", HTTPStatus.BAD_REQUEST, "This is not JSON", "不是有效的 JSON"),
}
"""Merged into `problems.ROWS`."""
