"""The built pages of web/dist: read once, sent with the right type, lifetime and content policy."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from exam_api.http.bare import Headers, header, send_reply
from exam_api.http.errors import MethodNotServed, NoSuchPage
from exam_api.http.guards import SAFE, anyone

PAGES: Final = ("phone", "desk", "console")
"""Folders of web/dist that are served."""

TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".map": "application/json",
}
"""Types by suffix; anything else in the folder is not served."""

POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No script but our own files (Vue and Element Plus set style attributes); the pages cannot be framed."""

ALWAYS: Final = "public, max-age=31536000, immutable"
"""For files whose name changes with their content."""

EACH_TIME: Final = "no-cache"
"""Kept, but asked for each time: pages and service workers must change at once."""

NOT_BUILT: Final = (
    "<!doctype html><meta charset=utf-8><title>考务 Kaowu</title>"
    "<p>页面尚未构建，请运行 <code>make run</code>。<p>The pages are not built: run <code>make run</code>."
)
"""What a service without web/dist says."""


class File(msgspec.Struct, frozen=True):
    """A file in memory with its ready headers; encodings by name where the build made them."""

    headers: Headers
    body: bytes
    packed: Mapping[bytes, bytes]
    tag: bytes


class Site:
    """All built pages, in memory: some 3 MB with their packed forms."""

    def __init__(self, web_dir: Path) -> None:
        self._files: dict[str, File] = {}
        for page in PAGES:
            folder = web_dir / page
            for path in folder.rglob("*") if folder.is_dir() else ():
                name = path.relative_to(web_dir).as_posix()
                if path.is_file() and path.suffix in TYPES:
                    self._files[name] = _read(path, name)

    def find(self, path: str) -> File | None:
        """The file of a path; inside a page a path that names no file is the page itself."""
        name = path.strip("/")
        if name in self._files:
            return self._files[name]
        if PurePosixPath(name).suffix:
            return None
        return self._files.get(name.partition("/")[0] + "/index.html")


def page_routes(web_dir: Path) -> list[ASGIRouteHandler]:
    """One mount for each page, and / to the phone."""
    site = Site(web_dir)
    return [_mounted(page, site) for page in PAGES] + [_front()]


def _mounted(page: str, site: Site) -> ASGIRouteHandler:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's three
        if scope["method"] not in SAFE:  # type: ignore[typeddict-item]
            raise MethodNotServed(allow="GET, HEAD")
        inside = scope["path"].strip("/")
        if not inside and not scope["raw_path"].split(b"?")[0].endswith(b"/"):  # type: ignore[typeddict-item]
            # Relative addresses of the page need the slash.
            await send_reply(send, status=308, headers=[(b"location", f"/{page}/".encode())], body=b"")
            return
        found = site.find(f"{page}/{inside}")
        if found is None and site.find(page) is None:
            html = [(b"content-type", b"text/html; charset=utf-8")]
            await send_reply(send, status=503, headers=html, body=NOT_BUILT.encode())
        elif found is None:
            raise NoSuchPage
        else:
            await _send_file(found, scope, send)

    return asgi(f"/{page}", is_mount=True, opt=anyone(), name=f"page-{page}", copy_scope=False)(serve)


def _front() -> ASGIRouteHandler:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's three
        if scope["method"] not in SAFE:  # type: ignore[typeddict-item]
            raise MethodNotServed(allow="GET, HEAD")
        await send_reply(send, status=302, headers=[(b"location", b"/phone/")], body=b"")

    return asgi("/", opt=anyone(), name="front", copy_scope=False)(serve)


async def _send_file(file: File, scope: Scope, send: Send) -> None:
    if header(scope["headers"], b"if-none-match") == file.tag:
        await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", file.tag)]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    accepted = header(scope["headers"], b"accept-encoding")
    for coding in (b"br", b"gzip"):
        if coding in accepted and coding in file.packed:
            headers = [*file.headers, (b"content-encoding", coding)]
            await send_reply(send, status=200, headers=headers, body=file.packed[coding])
            return
    await send_reply(send, status=200, headers=file.headers, body=file.body)


def _read(path: Path, name: str) -> File:
    body = path.read_bytes()
    tag = b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"'
    life = ALWAYS if "/assets/" in name else EACH_TIME
    headers: Headers = [
        (b"content-type", TYPES[path.suffix].encode()),
        (b"cache-control", life.encode()),
        (b"etag", tag),
        (b"vary", b"accept-encoding"),
    ]
    if path.suffix == ".html":
        headers.append((b"content-security-policy", POLICY.encode()))
    packed: dict[bytes, bytes] = {}
    for coding, suffix in ((b"br", ".br"), (b"gzip", ".gz")):
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            packed[coding] = beside.read_bytes()
    return File(headers, body, packed, tag)
