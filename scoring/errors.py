"""What scoring refuses."""


class UnknownPolicy(Exception):
    """A marking policy was named that docs/marking.md §2 does not know."""

    def __init__(self, text: str) -> None:
        super().__init__(f"unknown marking policy {text!r}")
        self.text = text


class PlanNotSound(Exception):
    """A mark plan points at a section or part that it does not hold, or its prerequisites run in a circle."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class StatisticsNotSound(Exception):
    """A paper was given to the statistics that contradicts itself or names an item without facts."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class CorrectionNotSound(Exception):
    """A correction accepts no answer or an impossible one, gives no reason, or there is none to take back."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class NothingLeft(Exception):
    """All points of a section would be removed: nothing is left that could be rescaled."""

    def __init__(self, section: str) -> None:
        super().__init__(f"nothing is left of section {section!r}")
        self.section = section
