"""One row of the table in which refusals meet HTTP."""

from http import HTTPStatus
from typing import Final

import msgspec

GONE: Final = HTTPStatus.SERVICE_UNAVAILABLE
NO: Final = HTTPStatus.CONFLICT
OFTEN: Final = HTTPStatus.TOO_MANY_REQUESTS
ABSENT: Final = HTTPStatus.NOT_FOUND
LARGE: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
"""Statuses as the rows name them: away, refused by the rules, too often, not there, too large."""


class Row(msgspec.Struct, frozen=True):
    """How one refusal is told."""

    slug: str
    status: HTTPStatus
    title: str
    zh: str
    """The title for Chinese readers; pages have their own words, keyed by slug."""
    shows: tuple[str, ...] = ()
    """Attributes of the refusal that the client is told, camelCase."""
    wait: str = ""
    """Attribute (ms) that is also sent as Retry-After."""
    tells: bool = True
    """False: no `detail`, the title is all there is to say."""
