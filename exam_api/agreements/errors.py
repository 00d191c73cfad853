"""Refusals of agreements: each named for the fact."""

from uuid import UUID


class AgreementRefused(Exception):
    """An act that takes two persons is not done."""


class NoSuchAgreement(AgreementRefused):
    """No such agreement, or not for this person's eyes."""

    def __init__(self, agreement_id: UUID) -> None:
        super().__init__(f"no agreement {agreement_id}")
        self.agreement_id = agreement_id


class SecondPersonNeeded(AgreementRefused):
    """Nobody agrees to what they asked for themselves, and not everybody may agree."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"a second person is needed: {reason}")
        self.reason = reason
        """`own`: the same person asked; `role`: this role may not agree."""


class AgreementNotGood(AgreementRefused):
    """The agreement does not cover this act now."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"this agreement is not good for it: {reason}")
        self.reason = reason
        """`waiting`, `declined`, `withdrawn`, `answered`, `over`, `used`, `other-act`, `other-person`."""
