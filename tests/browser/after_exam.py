"""A session that is over, with scores as if everybody had sat it, and an item whose key is wrong."""

from dataclasses import dataclass
from random import Random
from uuid import UUID

from exam_api.attempt import chain
from exam_api.attempt.model import CloseKind
from exam_api.console_ports import Act, NewStaff
from exam_api.demo.load import PASSWORD
from exam_api.people import Role
from exam_api.record import Result
from exam_api.settings import from_environ
from exam_api.wiring import Wired, open_parts
from question_pools.draw import Paper
from question_pools.items import Kind
from scoring.paper import score
from tests.browser.office import Seat
from tests.browser.sittings import own_session
from tests.servers import Service

HOURS_MS = 3_600_000
SECOND_OFFICER = "fuhe"
PEOPLE = 90
MIDDLING = 0.6
"""Ability of the middle: the share of items known."""


@dataclass(frozen=True)
class Finished:
    """The session, one candidate of it, and the item whose key is wrong."""

    session_id: str
    seats: list[Seat]
    version: str
    place: int
    """Of the option that is right in the world."""


async def finished_session(service: Service, title: str) -> Finished:
    """Ninety candidates of all abilities; the able choose another option of one item than its key says."""
    names = [f"考生{n:02d}" for n in range(1, PEOPLE + 1)]
    seats = await own_session(service, title, channel="phone", people=names, opens_in_ms=-6 * HOURS_MS)
    async with open_parts(from_environ(service.environ)) as wired:
        session_id = UUID(seats[0].session_id)
        papers = await wired.exam.plans.papers(session_id)
        book = (await wired.exam.shelf.marking(session_id)).book
        counts = {
            version: sum(version in {slot.version for slot in paper.slots} for paper in papers.values())
            for version, kind in book.kinds.items()
            if kind is Kind.SINGLE
        }
        version = max(counts, key=lambda one: (counts[one], one))
        place = 0 if book.keys[version] != 1 else 1
        chance = Random(6_4_3)
        for attempt_id, paper in sorted(papers.items()):
            await wired.exam.results.put(
                await _sat(wired, session_id, attempt_id, paper, (version, 1 << place), chance)
            )
        await _second_officer(wired)
    return Finished(str(session_id), seats, version, place)


async def _sat(  # noqa: PLR0917 - what one candidate brought
    wired: Wired, session_id: UUID, attempt_id: UUID, paper: Paper, faulty: tuple[str, int], chance: Random
) -> Result:
    marking = await wired.exam.shelf.marking(session_id)
    plan = marking.plan(paper)
    able = chance.gauss(MIDDLING, 0.13)
    picked: list[int] = []
    for slot, its in zip(paper.slots, plan.slots, strict=True):
        if slot.version == faulty[0]:
            picked.append(faulty[1] if able > MIDDLING else its.key)
        elif chance.random() < able:
            picked.append(its.key)
        else:
            picked.append(2 if its.key == 1 else 1)
    answers = b"".join(mask.to_bytes(4, "big") for mask in picked)
    facts = (await wired.exam.shelf.source(session_id)).facts
    return Result(
        attempt_id=attempt_id,
        session_id=session_id,
        institution_id=facts.institution_id,
        run=1,
        cause="hand-in",
        score=score(plan, picked),
        answers=answers,
        answers_digest=chain.answers_digest(attempt_id, answers, len(picked)),
        fence=1,
        seq=0,
        head=b"",
        started_ms=facts.opens_ms,
        closed_ms=facts.opens_ms + HOURS_MS // 2,
        close_kind=CloseKind.MANUAL,
        late_ops=0,
        scored_ms=facts.opens_ms + HOURS_MS // 2,
    )


async def _second_officer(wired: Wired) -> None:
    account = NewStaff(
        login_name=SECOND_OFFICER,
        name="省厅人事处 祁科",
        role=Role.OFFICER,
        institution_id=None,
        password_hash=await wired.passwords.hashed(PASSWORD),
    )
    await wired.accounts.keep_staff(account, act=Act(actor="system", at_ms=wired.exam.clock.now_ms()))
