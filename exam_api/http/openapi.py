"""The published description of every route, the bare ones included."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import ASGIRoute, HTTPRoute

from exam_api.http.guards import OPT, Access, anyone
from exam_api.http.hot import HOT, HotRoute, shadow

TITLE: Final = "Kaowu 考务"
VERSION: Final = "0.1.0"


def description(handlers: Sequence[HTTPRouteHandler | ASGIRouteHandler]) -> dict[str, Any]:
    """The OpenAPI document of these handlers, drawn from an application that is never served."""
    shadows = [shadow(route) for one in handlers if isinstance(route := one.opt.get(HOT), HotRoute)]
    ordinary = [one for one in handlers if isinstance(one, HTTPRouteHandler)]
    app = Litestar(
        [*ordinary, *shadows],
        dependencies={"parts": Provide(lambda: None, sync_to_thread=False)},
        openapi_config=OpenAPIConfig(title=TITLE, version=VERSION),
        logging_config=None,
    )
    drawn = app.openapi_schema.to_schema()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for one in route.route_handlers:
                _annotate(drawn, route.path_format, one)
    return msgspec.json.decode(msgspec.json.encode(drawn, order="sorted"))


def openapi_route(document: bytes) -> HTTPRouteHandler:
    """Serve the document."""

    @get("/openapi.json", operation_id="openapi", opt=anyone(), include_in_schema=False)
    async def openapi() -> Response[bytes]:
        """Give this description."""
        return Response(document, media_type="application/json", headers={"cache-control": "no-cache"})

    return openapi


def declared(app: Litestar) -> list[tuple[str, str, Access | None]]:
    """Path, method and declaration of every route of an application, for walks."""
    found: list[tuple[str, str, Access | None]] = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for one in route.route_handlers:
                found += [
                    (route.path_format, method, one.opt.get(OPT)) for method in sorted(one.http_methods)
                ]
        elif isinstance(route, ASGIRoute):
            hot = route.route_handler.opt.get(HOT)
            method = hot.method if isinstance(hot, HotRoute) else "GET"
            found.append((route.path_format, method, route.route_handler.opt.get(OPT)))
    return found


def _annotate(drawn: dict[str, Any], path: str, handler: HTTPRouteHandler) -> None:
    access = handler.opt.get(OPT)
    for method in handler.http_methods:
        operation = drawn["paths"].get(path, {}).get(method.lower())
        if operation is not None and isinstance(access, Access):
            operation["x-roles"] = access.names()
            operation["x-body-max"] = access.body_max
