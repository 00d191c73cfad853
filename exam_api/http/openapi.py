"""The published description of every route, the bare ones included."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import ASGIRoute, HTTPRoute

from exam_api.http.guards import OPT, SAFE, Access, anyone
from exam_api.http.hot import HOT, HotRoute, shadow
from exam_api.http.problems import MEDIA_TYPE

TITLE: Final = "Kaowu 考务"
VERSION: Final = "0.1.0"


def description(handlers: Sequence[HTTPRouteHandler], hot: Sequence[HotRoute]) -> bytes:
    """The OpenAPI document of these routes, drawn from an application that is never served."""
    app = Litestar(
        [*handlers, *(shadow(route) for route in hot)],
        dependencies={"parts": Provide(lambda: None, sync_to_thread=False)},
        openapi_config=OpenAPIConfig(title=TITLE, version=VERSION),
        logging_config=None,
    )
    drawn = app.openapi_schema.to_schema()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for one in route.route_handlers:
                _annotate(drawn, route.path_format, one)
    return msgspec.json.format(msgspec.json.encode(drawn, order="sorted"), indent=1)


def openapi_route(document: Callable[[], bytes]) -> HTTPRouteHandler:
    """Serve the document; it is drawn when somebody asks for it first."""

    @get("/openapi.json", operation_id="openapi", opt=anyone(), include_in_schema=False)
    async def openapi() -> Response[bytes]:
        """Give this description."""
        return Response(document(), media_type="application/json", headers={"cache-control": "no-cache"})

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
    """Say what the declaration adds: roles, readings, body limit, files, problems of every such route."""
    access = handler.opt.get(OPT)
    for method in handler.http_methods:
        operation = drawn["paths"].get(path, {}).get(method.lower())
        if operation is None or not isinstance(access, Access):
            continue
        operation["x-roles"] = access.names()
        operation["x-body-max"] = access.body_max
        if access.reads:
            operation["x-reads"] = access.reads
            operation["x-line-first"] = access.line_first
        if access.takes_file:
            file = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
            operation["requestBody"] = {"content": file, "required": True}
        responses = operation["responses"]
        for status, told in responses.items():
            if status == "400" and MEDIA_TYPE not in told["content"]:
                responses[status] = _problem("not-valid")
        if access.roles:
            responses.setdefault("401", _problem("not-logged-in"))
            responses.setdefault("403", _problem("not-allowed"))
        if method not in SAFE:
            responses.setdefault("403", _problem("foreign-origin"))
            responses.setdefault("413", _problem("too-large"))


def _problem(slug: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": f"Problem: {slug}", "content": {MEDIA_TYPE: {"schema": schema}}}
