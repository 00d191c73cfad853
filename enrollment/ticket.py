"""Ticket numbers: two digits of the year, three of the plan in it, four of the candidate in the plan."""

import re
from typing import Final

import msgspec

from enrollment.errors import NotATicketNumber
from enrollment.identity import TO_HALF_WIDTH, UNSEEN

PLANS_MAX: Final = 999
"""Plans a year: the three digits of a ticket number (rule R20)."""

HEADS_MAX: Final = 9_999
"""Candidates of a plan: the four digits of a ticket number (rule R19)."""

CENTURY: Final = 2000
"""What the two digits of the year are counted from."""


class Ticket(msgspec.Struct, frozen=True):
    """What a ticket number says."""

    year: int
    plan: int
    """The plan's ordinal in its year, from 1."""
    serial: int
    """The candidate's ordinal in the plan, from 1."""


def make_ticket(*, year: int, plan: int, serial: int) -> str:
    """Write a ticket number; `year` in four digits (the civil year of the plan in Asia/Shanghai).

    Raises NotATicketNumber: one of the three does not fit its digits.
    """
    if not CENTURY <= year < CENTURY + 100:
        raise NotATicketNumber(f"year {year} has no place in two digits")
    if not 1 <= plan <= PLANS_MAX:
        raise NotATicketNumber(f"plan {plan} is not in 1 to {PLANS_MAX}")
    if not 1 <= serial <= HEADS_MAX:
        raise NotATicketNumber(f"serial {serial} is not in 1 to {HEADS_MAX}")
    return f"{year - CENTURY:02d}{plan:03d}{serial:04d}"


def parse_ticket(text: str) -> Ticket:
    """Read a ticket number as people type it: full-width digits, blanks and hyphens.

    Raises NotATicketNumber.
    """
    plain = re.sub(r"[\s\-]", "", text.translate(TO_HALF_WIDTH).strip(UNSEEN))
    if re.fullmatch(r"[0-9]{9}", plain) is None:
        raise NotATicketNumber("a ticket number has nine digits")
    ticket = Ticket(year=CENTURY + int(plain[:2]), plan=int(plain[2:5]), serial=int(plain[5:]))
    if ticket.plan == 0 or ticket.serial == 0:
        raise NotATicketNumber("plans and candidates are counted from 1")
    return ticket
