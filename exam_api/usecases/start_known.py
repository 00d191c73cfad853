"""Starting at once what this process has seen before: the same rules, one question instead of three."""

from exam_api.attempt.model import ArmedAttempt, LiveAttempt, State
from exam_api.attempt.sealing import released_key
from exam_api.start_ports import KnownStart
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.start_attempt import (
    StartAsk,
    Started,
    entry_refused,
    is_own,
    own_end_ms,
    paper_of,
    read_paper,
)


async def start_known(
    ask: StartAsk, token_hash: bytes, armed: ArmedAttempt, parts: ExamParts
) -> Started | None:
    """Start a ready attempt by what `parts.starts` knows: log-in `ask.login` of `token_hash`, and `armed`.

    None where anything is otherwise than remembered, or a rule says no: nothing is done, and `start_attempt`
    tells why. What was remembered is decided by, and starts only if it still stands word for word.

    Raises LiveAway; AttemptNotFound where the paper has gone.
    """
    now_ms = parts.clock.now_ms()
    if not is_own(armed, ask.login) or entry_refused(armed, now_ms) is not None:
        return None
    known = KnownStart(
        token_hash=token_hash,
        armed=armed,
        now_ms=now_ms,
        deadline_ms=own_end_ms(armed, now_ms),
        storage_key=ask.storage_key,
        source=ask.source,
        wants_paper=not ask.sealed,
    )
    packed = await parts.starts.start(known)
    if packed is None:
        return None
    live = _running(armed, known)
    key = released_key(live, ask.sealed, parts.seal_key)
    paper = None
    if packed:
        paper = read_paper(packed)
    elif key is None:
        paper = await paper_of(ask.attempt_id, parts)
    return Started(
        attempt=live,
        paper=paper,
        paper_key=key,
        source=await parts.shelf.source(armed.session_id),
        now_ms=now_ms,
    )


def _running(armed: ArmedAttempt, known: KnownStart) -> LiveAttempt:
    """What the script made of the ready attempt."""
    return LiveAttempt(
        armed=armed,
        state=State.RUNNING,
        fence=1,
        seq=0,
        head=b"",
        storage_key=known.storage_key,
        answers=bytes(4 * armed.slots),
        started_ms=known.now_ms,
        deadline_ms=known.deadline_ms,
        paused_ms=0,
        closed_ms=0,
        close_kind=None,
        last_seen_ms=known.now_ms,
        late_ops=0,
        side_ops=0,
        result=b"",
        durable=False,
    )
