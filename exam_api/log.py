"""Logs: events with a dotted name and facts as fields, one JSON line each; the list of what may be said."""

import contextlib
import io
import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import Processor

from exam_api.settings import Settings

EVENTS: Final[frozenset[str]] = frozenset(
    {
        "attempts.closed",
        "attempts.finished",
        "audit.sealed",
        "beat.missed",
        "child.ended",
        "child.killed",
        "child.started",
        "entry.line",
        "http.our-fault",
        "http.reply",
        "cluster.away",
        "cluster.mapped",
        "job.failed",
        "job.waits",
        "log.gone",
        "log.unreadable",
        "later.failed",
        "later.given_up",
        "measure.waits",
        "rate.unknown",
        "redis.away",
        "redis.broken",
        "redis.overdue",
        "redis.ready",
        "rehearsal.removed",
        "segment.kept",
        "segments.unlinked",
        "service.ready",
        "service.stopped",
        "session.armed",
        "session.warm",
        "shards.away",
        "shards.back",
        "shards.reconciled",
        "sms.failed",
        "sms.nowhere",
        "time.credited",
        "time.given",
        "trail.failed",
        "trail.waits",
        "wall.failed",
        "warm.waits",
        "watch.begun",
        "watch.failed",
        "wechat.away",
        "wechat.refused",
    }
)
"""Every event's name; tests/house compares it with the code."""

HIDDEN: Final[frozenset[str]] = frozenset(
    {
        "answer",
        "answers",
        "body",
        "code",
        "cookie",
        "id_number",
        "identity",
        "image",
        "name_of_person",
        "password",
        "phone",
        "secret",
        "ticket_number",
        "token",
    }
)
"""Fields that are never written, whoever sends them: a log is read by people who may not know candidates."""


GONE: Final = "…"
"""What stands where something was taken out."""

_NUMBERS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"  # identity, 18 signs
    r"|[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"  # identity of before 1999, 15 digits
    r"|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # mobile phone
    r")(?![0-9A-Za-z])"
)
"""What looks like a number of a person. Instants in ms have 13 digits and are left alone."""

_SECRETS: Final = re.compile(
    r"(?i)\b(?:KT1\.[\w-]{16,}|KW[12]\.[\w.-]{16,}|bearer\s+[\w.~+/-]{8,}=*"
    r"|(?:password|passwd|secret|token|api[-_]?key|id_?no|id_number)[\"']?\s*[:=]\s*[\"']?[^\s\"',;&}]+)"
)
"""Tickets, receipts, bearer keys, and whatever follows a name like `password=`."""

_PLAIN: Final = re.compile(r"[A-Za-z/_{}.\-]*")
"""Names of events, routes and the like: without a figure, a blank, a colon or an equals sign there is no
number, no key and no value behind a name."""

_PARAMETERS: Final = re.compile(r"(?s)\[parameters: .*?\](?=\n|$|\s\(Background)|\bDETAIL:\s+[^\n]*")
"""Values that a database's refusal repeats."""


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out what no log may hold: hidden fields by name, then whatever looks like a person's number."""
    for name in HIDDEN & event.keys():
        event[name] = GONE
    for name, value in event.items():
        event[name] = harmless(value)
    return event


def harmless(value: Any) -> Any:  # noqa: ANN401 - whatever a log line holds
    """The value without numbers of persons and secrets, through lists and mappings."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value):
            return value
        return _SECRETS.sub(GONE, _NUMBERS.sub(GONE, _PARAMETERS.sub(GONE, value)))
    if isinstance(value, Mapping):
        held = cast("Mapping[Any, Any]", value)
        return {harmless(name): GONE if name in HIDDEN else harmless(inner) for name, inner in held.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [harmless(inner) for inner in cast("Iterable[Any]", value)]
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, int) or not _NUMBERS.fullmatch(str(value)) else GONE
    return harmless(str(value))


class Redacted(logging.Formatter):
    """Lines of the standard library's loggers, redacted as ours are; without the trace's values."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return str(harmless(super().format(record)))


def processors() -> Sequence[Processor]:
    """What every event goes through before it is written."""
    return (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without locals: they hold numbers, names and answers of whoever was served.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        redact,  # the last before it becomes text: an exception's own words are looked through too
        structlog.processors.JSONRenderer(ensure_ascii=False),
    )


def plain_handler(out: TextIO) -> logging.Handler:
    """Where the standard library's loggers write."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(Redacted("%(name)s: %(message)s"))
    return handler


class Unfailing(io.TextIOBase):
    """Writes where it can: a full disk or a reader that went must end nothing that only tells of itself."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str, /) -> int:
        """As of a file; what cannot be written is lost."""
        with contextlib.suppress(OSError):
            self._out.write(text)
        return len(text)

    def flush(self) -> None:
        """As of a file."""
        with contextlib.suppress(OSError):
            self._out.flush()


def start_logging(settings: Settings) -> None:
    """Send events of the set level and above to standard error; the standard library's warnings join them."""
    number = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=processors(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[plain_handler(sys.stderr)])
