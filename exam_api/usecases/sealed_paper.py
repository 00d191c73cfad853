"""A candidate's own paper before the start: who may have it sealed, how often, and with which pictures."""

import contextlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AlreadyClosed, AttemptNotFound, NotYetOpen, SealedTooOften
from exam_api.attempt.model import LiveAttempt, State
from exam_api.attempt.sealing import PICTURES_MAX, Enclosed
from exam_api.errors import RecordAway
from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.my_exams import own_attempt
from exam_api.usecases.shelf import PaperSource
from question_pools.draw import Paper

SEALED_MAX: Final = 6
"""Bundles of one attempt in `SEALED_WINDOW_MS`: a phone needs one, a few more after reloads."""

SEALED_WINDOW_MS: Final = 10 * 60_000
"""Window of `SEALED_MAX`."""


class PaperToSeal(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into a bundle."""

    attempt: LiveAttempt
    paper: Paper
    source: PaperSource
    pictures: Sequence[Enclosed]
    """All of the paper, or none: too large together, or the record is away."""


async def paper_to_seal(attempt_id: UUID, login: Login, parts: ConsoleParts) -> PaperToSeal:
    """A candidate's own paper, of an armed session, from its entry on until the hand-in.

    Raises AttemptNotFound (also when not armed), NotYetOpen (before the entry), AlreadyClosed,
    SealedTooOften, LiveAway.
    """
    live = await own_attempt(attempt_id, login, parts)
    if live.state in {State.CLOSED, State.VOID}:
        raise AlreadyClosed(closed_ms=live.closed_ms)
    source = await parts.exam.shelf.source(live.armed.session_id)
    if parts.exam.clock.now_ms() < source.facts.entry_ms:
        raise NotYetOpen(until_ms=source.facts.entry_ms)
    if await parts.exam.logins.over_limit(
        "sealed", attempt_id.bytes, limit=SEALED_MAX, window_ms=SEALED_WINDOW_MS
    ):
        raise SealedTooOften(wait_ms=SEALED_WINDOW_MS)
    packed = await parts.exam.live.paper(attempt_id)
    if packed is None:
        raise AttemptNotFound(attempt_id)
    paper = msgspec.msgpack.decode(packed, type=Paper)
    return PaperToSeal(
        attempt=live, paper=paper, source=source, pictures=await _pictures(paper, source, parts)
    )


async def _pictures(paper: Paper, source: PaperSource, parts: ConsoleParts) -> Sequence[Enclosed]:
    found: list[Enclosed] = []
    with contextlib.suppress(RecordAway):
        for sha256 in _names(paper, source):
            picture = await parts.pools.picture(sha256)
            if picture is None:
                continue  # its box in the page says so, as without a bundle
            found.append(Enclosed(sha256, picture.mime, picture.data))
            if sum(len(one.data) for one in found) > PICTURES_MAX:
                return ()
        return found
    return ()


def _names(paper: Paper, source: PaperSource) -> Sequence[str]:
    """Pictures of the paper, each once."""
    if not source.has_pictures:
        return ()
    items = [source.public.items[slot.version] for slot in paper.slots]
    sets = [source.public.sets[slot.set_id] for slot in paper.slots if slot.set_id is not None]
    named = [name for one in (*items, *sets) for name in one.pictures]
    named += [option.picture for item in items for option in item.options if option.picture]
    return tuple(dict.fromkeys(named))
