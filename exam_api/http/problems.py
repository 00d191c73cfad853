"""Where refusals meet HTTP: one table from exception class to problem (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

import msgspec
import structlog
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.openapi.datastructures import ResponseSpec
from litestar.routes import HTTPRoute

from enrollment.errors import NotAnIdentityNumber, RosterUnreadable
from exam_api.agreements import errors as agreements
from exam_api.attempt import errors as attempt
from exam_api.errors import LiveAway, RecordAway, ShardUnready
from exam_api.http import errors as http
from exam_api.http.account_problems import ACCOUNTS
from exam_api.http.observed import REQUEST_ID
from exam_api.http.person_problems import PERSONS
from exam_api.http.problem_row import ABSENT, GONE, LARGE, NO, OFTEN, Row
from exam_api.http.request_problems import REQUESTS
from exam_api.http.show_blueprint import infeasible_out
from exam_api.http.snapshot_problems import SNAPSHOTS
from exam_api.usecases import errors as usecases
from question_pools import errors as pool_errors
from question_pools.blueprint import Infeasible
from question_pools.errors import PoolsError
from scoring.errors import CorrectionNotSound, NothingLeft, StatisticsNotSound, UnknownPolicy

MEDIA_TYPE: Final = "application/problem+json"
"""Media type of every refusal."""

TYPE_PREFIX: Final = "/problems/"
"""A problem's `type` is this and its slug; the slugs are message keys of the pages."""

log = structlog.get_logger("http")


class Problem(msgspec.Struct, rename="camel"):
    """A refusal on the wire; facts of the particular problem stand beside these fields."""

    type: str
    title: str
    status: int
    detail: str = ""


ROWS: Final[Mapping[type[Exception], Row]] = {
    **REQUESTS,
    # machinery that does not answer
    LiveAway: Row("live-away", GONE, "The exam service pauses", "考试服务暂不可用", wait="retry_after_ms"),
    ShardUnready: Row(
        "shard-unready", GONE, "The exam service recovers", "考试服务正在恢复", wait="retry_after_ms"
    ),
    RecordAway: Row("record-away", GONE, "The archive pauses", "档案库暂不可用", wait="retry_after_ms"),
    # log-in
    usecases.LoginRefused: Row("login-refused", HTTPStatus.UNAUTHORIZED, "These do not fit", "登录信息不符"),
    NotAnIdentityNumber: Row(
        "identity-number-wrong", HTTPStatus.BAD_REQUEST, "Not an identity number", "身份证号有误", ("reason",)
    ),
    usecases.TooManyCodes: Row(
        "too-many-codes", OFTEN, "Codes too often", "验证码获取过于频繁", ("wait_ms",), "wait_ms"
    ),
    usecases.TooManyFailures: Row(
        "too-many-failures", OFTEN, "Too many failed log-ins", "登录失败次数过多", ("wait_ms",), "wait_ms"
    ),
    **ACCOUNTS,
    **PERSONS,
    **SNAPSHOTS,
    # attempt
    attempt.AttemptNotFound: Row("not-your-attempt", ABSENT, "No such exam of yours", "没有您的这场考试"),
    attempt.NotYetOpen: Row("not-yet-open", NO, "The exam has not begun", "考试尚未开始", ("until_ms",)),
    attempt.TooLateToEnter: Row(
        "too-late-to-enter", NO, "Entry is closed", "已过最迟入场时间", ("closed_ms",)
    ),
    attempt.SealedTooOften: Row(
        "sealed-too-often", OFTEN, "Sealed paper too often", "密封试卷获取过于频繁", ("wait_ms",), "wait_ms"
    ),
    attempt.TakeoverNeeded: Row(
        "takeover-needed", NO, "Another device writes", "考试正在另一台设备进行", ("policy",)
    ),
    attempt.TakeoverCodeWrong: Row(
        "takeover-code-wrong", HTTPStatus.FORBIDDEN, "The takeover code is wrong", "换机码错误"
    ),
    attempt.AlreadyClosed: Row("already-closed", NO, "Already handed in", "考试已结束", ("closed_ms",)),
    attempt.Forked: Row("fork", NO, "Two histories of one exam", "作答记录不一致", ("held",)),
    attempt.Behind: Row("behind", NO, "Earlier answers are missing", "缺少更早的作答", ("held",)),
    attempt.NotWriting: Row(
        "not-writing", NO, "Another device took over", "已在另一台设备继续考试", ("fence",)
    ),
    attempt.TooEarly: Row("too-early", NO, "Too early to hand in", "未到最早交卷时间", ("until_ms",)),
    attempt.VerdictAwaited: Row(
        "verdict-awaited", GONE, "Lost time is being looked at", "正在核定补时", wait="retry_after_ms"
    ),
    attempt.NoLostTime: Row("no-lost-time", ABSENT, "No lost time to decide", "没有待核定的中断"),
    attempt.BeyondCap: Row(
        "beyond-cap", NO, "Only a department officer may give more", "超出本机构的补时上限", ("most_ms",)
    ),
    attempt.BadOp: Row(
        "bad-op", HTTPStatus.BAD_REQUEST, "An answer that cannot be", "作答数据有误", ("seq", "reason")
    ),
    attempt.MoveNotAllowed: Row(
        "act-does-not-fit", NO, "Not possible in this state", "现在的状态不能这样操作", ("state",)
    ),
    attempt.NoSuchRequest: Row("no-such-request", ABSENT, "No open request", "没有待处理的申请"),
    # acts of two persons
    agreements.NoSuchAgreement: Row("no-such-agreement", ABSENT, "No such agreement", "没有这项双人授权"),
    agreements.SecondPersonNeeded: Row(
        "second-person-needed",
        HTTPStatus.FORBIDDEN,
        "Another person must agree",
        "须由另一人同意",
        ("reason",),
    ),
    agreements.AgreementNotGood: Row(
        "agreement-not-good", NO, "The agreement does not cover this", "双人授权无效", ("reason",)
    ),
    # console
    usecases.NoSuchPool: Row("no-such-pool", ABSENT, "No such pool", "没有这个题库"),
    usecases.PoolNotPublished: Row("pool-not-published", NO, "The pool is not published", "题库尚未发布"),
    usecases.NoSuchBlueprint: Row("no-such-blueprint", ABSENT, "No such blueprint", "没有这个组卷方案"),
    usecases.NoSuchProfile: Row("no-such-profile", ABSENT, "No such profile", "没有这个考试类型"),
    usecases.NoSuchSession: Row("no-such-session", ABSENT, "No such session", "没有这个场次"),
    usecases.SessionNotPlannable: Row(
        "session-not-plannable", NO, "This session cannot be planned", "场次设置不成立", ("reason",)
    ),
    usecases.SessionStateWrong: Row(
        "session-state-wrong", NO, "Not in this state", "场次当前状态不允许", ("state",)
    ),
    usecases.NoPlacesLeft: Row("no-places-left", NO, "No places left", "名额已满", ("places",)),
    PoolsError: Row("pool-refused", HTTPStatus.BAD_REQUEST, "This bank cannot be taken", "题库文件不能导入"),
    pool_errors.NotAWorkbook: Row(
        "not-a-workbook", HTTPStatus.BAD_REQUEST, "Not a workbook", "不是可读的表格文件"
    ),
    pool_errors.NoHeader: Row(
        "no-header",
        HTTPStatus.BAD_REQUEST,
        "No heading row found",
        "未找到表头",
        ("sheets", "looked_at_rows", "glances"),
    ),
    pool_errors.OldWordFile: Row(
        "old-word-file",
        HTTPStatus.BAD_REQUEST,
        "An old Word document: save it as .docx",
        "旧版 Word 文件（.doc），请另存为 .docx 再导入",
    ),
    pool_errors.BadMapping: Row(
        "bad-mapping",
        HTTPStatus.BAD_REQUEST,
        "The columns named by hand do not fit",
        "指定的列不成立",
        ("faults",),
    ),
    pool_errors.CannotExport: Row(
        "cannot-export", NO, "A file of this kind cannot hold the pool", "这种文件装不下此题库", ("faults",)
    ),
    pool_errors.TooLarge: Row(
        "file-too-large", LARGE, "The file is too large", "文件过大", ("what", "size", "limit")
    ),
    pool_errors.ZipBomb: Row("zip-bomb", LARGE, "The file unpacks to too much", "文件解压后过大", ("limit",)),
    pool_errors.Encrypted: Row(
        "encrypted", HTTPStatus.BAD_REQUEST, "Protected by a password", "文件有密码保护"
    ),
    pool_errors.RowsRejected: Row(
        "rows-rejected", NO, "Some rows are wrong", "部分行有误，未导入", ("rejected", "accepted")
    ),
    pool_errors.NothingApproved: Row(
        "nothing-approved",
        NO,
        "Nothing in the pool is approved yet",
        "题库中还没有批准的题",
        ("drafts", "reviewed", "retired"),
    ),
    pool_errors.OwnWording: Row(
        "own-wording", NO, "Nobody judges what they wrote", "不能审批自己写的题", ("item_id",)
    ),
    pool_errors.StepDoesNotFit: Row(
        "step-does-not-fit",
        NO,
        "Not possible in this state",
        "题目现在的状态不能这样操作",
        ("item_id", "state", "step"),
    ),
    pool_errors.NotYourPart: Row(
        "not-your-part", HTTPStatus.FORBIDDEN, "Your role does not do this", "您的角色不做这一步", ("step",)
    ),
    pool_errors.ReasonMissing: Row(
        "reason-missing", HTTPStatus.BAD_REQUEST, "Say why", "请写明原因", ("step",)
    ),
    pool_errors.WordingMoved: Row(
        "wording-moved", NO, "Somebody else changed this item", "别人刚改过这道题", ("item_id",)
    ),
    pool_errors.BadOutline: Row("bad-outline", NO, "The outline is not sound", "大纲不成立", ("faults",)),
    usecases.NoSuchItem: Row("no-such-item", ABSENT, "No such item", "没有这道题"),
    usecases.NoSuchComplaint: Row("no-such-complaint", ABSENT, "No open complaint", "没有待处理的这条反映"),
    pool_errors.BadPool: Row("bad-pool", NO, "The pool is not sound", "题库不成立", ("faults",)),
    pool_errors.BadBlueprint: Row(
        "bad-blueprint", HTTPStatus.BAD_REQUEST, "Not a blueprint", "组卷方案有误", ("faults",)
    ),
    pool_errors.BlueprintNotMet: Row(
        "blueprint-not-met", NO, "The pool cannot fill the blueprint", "题库不能满足组卷方案", ("missing",)
    ),
    pool_errors.OverlapNotMet: Row(
        "overlap-not-met",
        NO,
        "No paper differs enough from the one before",
        "题库太小，抽不出与上次足够不同的试卷",
        ("least", "most", "people"),
    ),
    # after the exam
    usecases.SessionNotOver: Row(
        "session-not-over", NO, "The session is not over", "场次还没有结束", ("closes_ms",)
    ),
    usecases.NoSuchRuling: Row("no-such-ruling", ABSENT, "No ruling that waits", "没有待复核的裁定"),
    usecases.RulingWaits: Row("ruling-waits", NO, "Another ruling waits", "本场已有一份裁定待复核"),
    usecases.SecondOfficerNeeded: Row(
        "second-officer-needed", NO, "A second officer must agree", "须由另一位处室人员复核"
    ),
    usecases.NoSuchReview: Row("no-such-review", ABSENT, "No open score review", "没有待处理的成绩复核"),
    usecases.ReviewAsked: Row("review-asked", NO, "Already given in for review", "这个成绩已申请过复核"),
    CorrectionNotSound: Row(
        "correction-not-sound",
        HTTPStatus.BAD_REQUEST,
        "This correction cannot be",
        "这样更正不成立",
        ("fact",),
    ),
    NothingLeft: Row(
        "nothing-left", NO, "Nothing would be left of a section", "删去后有的部分没有题了", ("section",)
    ),
    StatisticsNotSound: Row(
        "statistics-not-sound",
        NO,
        "The papers contradict the items",
        "答卷与题目对不上，无法统计",
        ("fact",),
    ),
    UnknownPolicy: Row("unknown-policy", HTTPStatus.BAD_REQUEST, "Unknown marking policy", "未知的计分规则"),
    RosterUnreadable: Row(
        "roster-unreadable", HTTPStatus.BAD_REQUEST, "No roster in this file", "文件中没有名单", ("missing",)
    ),
}
"""Every refusal that may reach a client. docs/problems.md lists the same slugs (a house test compares)."""

OUR_FAULT: Final = Row(
    "our-fault", HTTPStatus.INTERNAL_SERVER_ERROR, "Our fault", "系统出错，请稍后再试", tells=False
)
"""What anything unforeseen becomes: no detail, the log has it."""


def row_of(refusal: BaseException) -> Row:
    """Give the row of a refusal's class or of the nearest class it descends from."""
    for kind in type(refusal).__mro__:
        if row := ROWS.get(kind):  # type: ignore[call-overload]
            return row
    return OUR_FAULT


def translated(error: Exception) -> Exception:
    """Name what Litestar raises by itself as one of our own refusals."""
    if isinstance(error, HTTPException | UnicodeDecodeError) and (unread := _unread(error)):
        return unread
    if not isinstance(error, HTTPException):
        return error
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return http.NoSuchPage()
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return http.MethodNotServed(allow="")
        case status if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return http.BadRequest(error.detail)
        case _:
            return error


def _unread(error: BaseException) -> msgspec.DecodeError | None:
    """Why a body was not read, where that was it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, msgspec.DecodeError):  # ValidationError descends from it
            return cause
        if isinstance(cause, UnicodeDecodeError):  # msgspec's own for text in JSON that is not UTF-8
            return msgspec.DecodeError("not UTF-8")
        cause = cause.__cause__ or cause.__context__
    return None


def body_of(error: Exception, row: Row) -> dict[str, Any]:
    """Say a refusal as the members of a problem document."""
    told: dict[str, Any] = {"type": TYPE_PREFIX + row.slug, "title": row.title, "status": int(row.status)}
    if row.tells:
        told["detail"] = str(error)
    for name in row.shows:
        told[camel(name)] = _shown(getattr(error, name))
    return told


def _shown(value: object) -> object:
    """A fact as JSON may say it: camelCase inside too."""
    if isinstance(value, Infeasible):
        return infeasible_out(value)
    if isinstance(value, tuple | list):
        return [_shown(one) for one in cast("Sequence[object]", value)]
    return str(value) if isinstance(value, UUID) else value


def headers_of(error: Exception, row: Row) -> dict[str, str]:
    """Headers that go with a refusal."""
    headers = {"cache-control": "no-store"}
    if row.wait:
        headers["retry-after"] = str(max(1, -(-getattr(error, row.wait) // 1000)))
    if isinstance(error, http.MethodNotServed) and error.allow:
        headers["allow"] = error.allow
    return headers


def told_problem(error: Exception, *, path: str, request_id: str = "") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a problem; what nobody foresaw is logged with its trace."""
    refusal = translated(error)
    row = row_of(refusal)
    if row is OUR_FAULT:
        log.error("http.our-fault", route=path, request=request_id, exc_info=error)
    headers = headers_of(refusal, row) | {"content-type": MEDIA_TYPE}
    return int(row.status), headers, msgspec.json.encode(body_of(refusal, row))


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's handler for every exception."""
    if isinstance(error, MethodNotAllowedException):
        error = http.MethodNotServed(allow=_methods(request))
    request_id = str(cast("dict[str, object]", request.scope).get(REQUEST_ID, ""))
    status, headers, body = told_problem(error, path=route_of(request), request_id=request_id)
    return Response(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _methods(request: Request[Any, Any, Any]) -> str:
    """Methods served under a path that matched with another one; rare, so looked up slowly."""
    asked = request.scope["path"].strip("/").split("/")
    found: set[str] = set()
    for route in request.app.routes:
        own = route.path_format.strip("/").split("/")
        fits = len(own) == len(asked) and all(
            a == b or a.startswith("{") for a, b in zip(own, asked, strict=True)
        )
        if fits and isinstance(route, HTTPRoute):
            found |= route.methods
    return ", ".join(sorted(found))


def route_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The route's template, never the path: a path holds ids."""
    scope = cast("dict[str, object]", connection.scope)
    return str(scope.get("path_template") or "-")


def told(*refusals: type[Exception]) -> dict[int, ResponseSpec]:
    """OpenAPI responses of the refusals that a handler lists."""
    slugs: dict[int, list[str]] = {}
    for refusal in refusals:
        row = ROWS[refusal]
        slugs.setdefault(int(row.status), []).append(row.slug)
    return {
        status: ResponseSpec(
            data_container=Problem,
            description="Problem: " + ", ".join(sorted(names)),
            generate_examples=False,
            media_type=MEDIA_TYPE,  # type: ignore[arg-type]
        )
        for status, names in slugs.items()
    }


def camel(name: str) -> str:
    """until_ms → untilMs."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
