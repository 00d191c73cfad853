"""What the routes are given: use case parts, keys of tokens, and how this installation presents itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from exam_api.http.cookies import Cookies
from exam_api.http.doors import Entry
from exam_api.http.wall import Wall
from exam_api.http.watching import Watching
from exam_api.usecases.account_parts import AccountParts
from exam_api.usecases.audit_parts import AuditParts
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.home import Source
from exam_api.usecases.item_parts import ItemParts
from exam_api.usecases.login_parts import LoginParts
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.persons_parts import PersonsParts
from exam_api.usecases.practice import Practice
from exam_api.usecases.rescoring_parts import RescoringParts
from exam_api.usecases.snapshot_parts import SnapshotParts

T = TypeVar("T")

Given: TypeAlias = NamedDependency[SkipValidation[T]]
"""A part made by us: nothing to validate, and a Protocol cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the application stands on. Made by `wiring`."""

    login: LoginParts
    accounts: AccountParts
    exam: ExamParts
    console: ConsoleParts
    audit: AuditParts
    items: ItemParts
    rescoring: RescoringParts
    persons: PersonsParts
    snapshots: SnapshotParts
    practice: Practice
    home: Sequence[Source]
    """Who is asked what waits, for the first screen after the log-in."""
    watch: Watching
    wall: Wall
    cookies: Cookies
    origins: tuple[str, ...]
    """Origins whose pages may change something."""
    token_keys: Mapping[int, bytes]
    """Keys of attempt tokens, by number; the highest number signs."""
    entry: Entry
    """How log-ins, papers and starts are let in."""
    demo: bool
    support_phone: str
    web_dir: Path
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    """Which of the things the service stands on answer now."""
    start: Callable[[], Awaitable[None]]
    """Opens what needs a running loop; called once, before the first request."""
    stop: Callable[[], Awaitable[None]]
