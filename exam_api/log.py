"""Logs: events with a dotted name and facts as fields, one JSON line each; the list of what may be said."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

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
        "http.our-fault",
        "http.reply",
        "cluster.away",
        "cluster.mapped",
        "job.failed",
        "job.waits",
        "later.failed",
        "rate.unknown",
        "redis.away",
        "redis.broken",
        "redis.overdue",
        "redis.ready",
        "service.ready",
        "service.stopped",
        "session.armed",
        "session.warm",
        "shards.reconciled",
        "sms.failed",
        "sms.nowhere",
        "time.credited",
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


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out what no log may hold."""
    for name in HIDDEN & event.keys():
        event[name] = "…"
    return event


def start_logging(settings: Settings) -> None:
    """Send events of the set level and above to standard error; the standard library's warnings join them."""
    number = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            # Without locals: they hold numbers, names and answers of whoever was served.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")
