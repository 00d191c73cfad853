"""Reading the XML of Word documents without letting it do anything: no document type, so no entities."""

from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

_SEPARATOR: Final = " "


class Unsafe(ValueError):
    """XML that is damaged or declares a document type: entities could read files or grow without end."""


def walk(
    xml: bytes,
    *,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Go through a document; names come without their namespaces. Raises Unsafe."""
    parser = ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True

    def refuse(*_declared: object) -> None:
        message = "it declares a document type"
        raise Unsafe(message)

    def opened(name: str, attributes: dict[str, str]) -> None:
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def closed(name: str) -> None:
        end(_local(name))

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - expat takes no names
    except ExpatError as wrong:
        raise Unsafe(str(wrong)) from wrong


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]
