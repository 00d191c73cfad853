"""Telling a stem from the options that follow it in the same cell or block of text."""

import re
from typing import Final

_FIRST: Final = re.compile(r"(?:^|(?<=[\n)）。？?：:；;_\s]))[AＡ]\s*[.．、:：)）]", re.MULTILINE)
"""The label of the first option: at the start of a line, or after what ends a stem."""

_SECOND: Final = re.compile(r"[BＢ]\s*[.．、:：)）]")


def split_stem(text: str) -> tuple[str, str]:
    """Stem and options; no options where no label A is followed by a label B.

    The options come last, so the last such A counts: "A、B 两点之间……" may stand in the stem. One that
    begins a line is believed before one within a line.
    """
    firsts = [match.start() for match in _FIRST.finditer(text) if _SECOND.search(text, match.end())]
    if not firsts:
        return text, ""
    at = max(firsts, key=lambda start: (_begins_line(text, start), start))
    return text[:at].strip(), text[at:]


def _begins_line(text: str, start: int) -> bool:
    return not text[:start].rpartition("\n")[2].strip()
