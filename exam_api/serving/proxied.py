"""The address of a request that came through proxies on other machines."""

from collections.abc import Sequence
from typing import cast

from granian.utils.proxies import (
    wrap_asgi_with_proxy_headers,  # pyright: ignore[reportUnknownVariableType]
)
from litestar.types import ASGIApp


def behind(app: ASGIApp, proxies: Sequence[str]) -> ASGIApp:
    """The application, given as client the last address in `X-Forwarded-For` that is no proxy of ours.

    Whoever is not among `proxies` is believed nothing: the header stays a header.
    """
    if not proxies:
        return app
    return cast("ASGIApp", wrap_asgi_with_proxy_headers(app, list(proxies)))
