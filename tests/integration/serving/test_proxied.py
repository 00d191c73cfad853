"""Behind proxies on other machines the address that counts is the candidate's, and nobody can invent one."""

import pytest

from exam_api.http.bare import address_of
from exam_api.serving.proxied import behind


async def address_seen(peer: str, forwarded: str, proxies: tuple[str, ...]) -> str:
    seen: list[str] = []

    async def app(scope, _receive, _send):
        seen.append(address_of(scope))

    scope = {
        "type": "http",
        "scheme": "http",
        "client": (peer, 40_000),
        "headers": [(b"x-forwarded-for", forwarded.encode())] if forwarded else [],
    }
    await behind(app, proxies)(scope, None, None)
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "counts"),
    [
        ("10.1.0.4", "203.0.113.9", ("10.1.0.0/24",), "203.0.113.9"),
        ("10.1.0.4", "198.51.100.1, 203.0.113.9", ("10.1.0.4",), "203.0.113.9"),
        ("10.1.0.4", "203.0.113.9, 10.1.0.5", ("10.1.0.0/24",), "203.0.113.9"),
        ("10.1.0.4", "", ("10.1.0.4",), "10.1.0.4"),
        ("203.0.113.9", "198.51.100.1", ("10.1.0.4",), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", (), "203.0.113.9"),
    ],
)
async def test_the_address_is_the_last_one_that_is_no_proxy(peer, forwarded, proxies, counts):
    assert await address_seen(peer, forwarded, proxies) == counts
