"""The built pages as they are sent: types, lifetimes, packed forms, content policy."""

from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from exam_api.http import problems
from exam_api.http.pages import page_routes


@pytest.fixture
def web_dir(tmp_path: Path) -> Path:
    files = {
        "phone/index.html": "<!doctype html><title>考试</title>",
        "phone/sw.js": "self",
        "phone/assets/index-CNf0aB_e.js": "run()",
        "phone/assets/index-CNf0aB_e.js.br": "(brotli)",
        "phone/assets/index-CNf0aB_e.js.gz": "(gzip)",
        "phone/notes.secret": "not served",
        "console/index.html": "<!doctype html>",
        "pages.json": "{}",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def client(web_dir: Path) -> httpx.AsyncClient:
    app = Litestar(
        page_routes(web_dir),
        exception_handlers={Exception: problems.handle},
        openapi_config=None,
        logging_config=None,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver.local")


async def test_a_page_is_asked_for_each_time_and_runs_no_script_but_its_files(
    client: httpx.AsyncClient,
) -> None:
    reply = await client.get("/phone/")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


async def test_files_named_by_their_content_are_kept_for_ever_and_service_workers_are_not(
    client: httpx.AsyncClient,
) -> None:
    hashed = await client.get("/phone/assets/index-CNf0aB_e.js", headers={"accept-encoding": "identity"})
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashed.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (await client.get("/phone/sw.js")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepts", "coding", "body"),
    [("gzip, br", "br", "(brotli)"), ("gzip", "gzip", "(gzip)"), ("identity", None, "run()")],
)
async def test_a_packed_form_is_sent_to_whoever_takes_it(
    web_dir: Path, accepts: str, coding: str | None, body: str
) -> None:
    sent: list[dict[str, object]] = []
    scope = {
        "type": "http", "method": "GET", "path": "/phone/assets/index-CNf0aB_e.js", "query_string": b"",
        "raw_path": b"/phone/assets/index-CNf0aB_e.js", "headers": [(b"accept-encoding", accepts.encode())],
    }  # fmt: skip
    app = Litestar(page_routes(web_dir), openapi_config=None, logging_config=None)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    headers = dict(sent[0]["headers"])  # type: ignore[call-overload]
    assert headers.get(b"content-encoding") == (coding.encode() if coding else None)
    assert (headers[b"vary"], sent[1]["body"]) == (b"accept-encoding", body.encode())


async def test_a_file_that_did_not_change_is_not_sent_again(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/phone/sw.js")).headers["etag"]
    again = await client.get("/phone/sw.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_path_inside_a_page_is_the_page_and_a_missing_file_is_a_problem(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/phone/exams/12")).text.startswith("<!doctype html>")
    for path in ("/phone/no.js", "/phone/notes.secret", "/pages.json", "/phone/..%2fpages.json"):
        reply = await client.get(path)
        assert (reply.status_code, reply.json()["type"]) == (404, "/problems/not-found"), path


async def test_the_front_leads_to_the_phone_and_a_page_ends_in_a_slash(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).headers["location"] == "/phone/"
    assert (await client.get("/phone")).headers["location"] == "/phone/"


async def test_a_page_that_is_not_built_says_what_to_do(client: httpx.AsyncClient) -> None:
    reply = await client.get("/desk/")
    assert (reply.status_code, "make run" in reply.text) == (503, True)


async def test_pages_take_no_other_method(client: httpx.AsyncClient) -> None:
    assert (await client.post("/phone/")).status_code == 405
