"""Where calls come from, as far as sources are told apart."""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from litestar.types import Scope

from exam_api.http.bare import address_of, header_of

ADDRESS_MAX: Final = 64
"""Characters of an address that tell sources apart: no true one has more."""

AGENT_MAX: Final = 256
"""Bytes of a user agent that tell sources apart: it is remembered, so it has an end."""


def source_of(scope: Scope) -> str:
    """A short digest of address and user agent: tells sources apart, tells nobody which."""
    return _digest(address_of(scope)[:ADDRESS_MAX], header_of(scope, b"user-agent")[:AGENT_MAX])


@lru_cache(maxsize=50_000)
def _digest(address: str, agent: bytes) -> str:
    return blake2b(agent, digest_size=8, key=address.encode()[:ADDRESS_MAX]).hexdigest()
