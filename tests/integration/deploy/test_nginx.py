"""A real nginx with our configuration: addresses, streams, sizes, a service that is away, resumption."""

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.servers import unused_port

NGINX = shutil.which("nginx") or ""
MIME = Path("/etc/nginx/mime.types")
pytestmark = pytest.mark.skipif(
    not (NGINX and MIME.exists() and shutil.which("openssl")), reason="nginx or openssl is not installed"
)


class Service(BaseHTTPRequestHandler):
    """Answers what it was asked with; a stream sends one piece and keeps silent until it is let go."""

    protocol_version = "HTTP/1.1"
    let_go = threading.Event()

    def do_GET(self):
        if self.path.endswith("/watch"):
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(b": .\n\n")
            self.wfile.flush()
            self.let_go.wait(10)
            self.close_connection = True
        elif self.path == "/broken":
            self.close_connection = True  # as a process does that ends in the middle of a call
        else:
            self.tell()

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.tell()

    def tell(self):
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object):
        """Say nothing."""


@dataclass
class Front:
    """nginx on loopback, and the service behind it."""

    port: int
    trust: ssl.SSLContext

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        asked = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=self.trust)
        asked.request(method, path, body, {"Host": "exam.example", **headers})
        answer = asked.getresponse()
        answer.text = answer.read()
        asked.close()
        return answer


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    port, plain, behind = unused_port(), unused_port(), unused_port()
    laid_out(folder, port=port, plain=plain, behind=behind)
    words = [NGINX, "-p", folder, "-c", folder / "nginx.conf"]
    tested = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    Service.let_go.clear()
    service = ThreadingHTTPServer(("127.0.0.1", behind), Service)
    service.daemon_threads = True
    serving = threading.Thread(target=service.serve_forever, daemon=True)
    serving.start()
    server = subprocess.Popen([*words, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        trust.check_hostname = False
        yield Front(port, trust)
    finally:
        server.terminate()
        Service.let_go.set()
        server.wait(10)
        service.shutdown()
        serving.join(5)
        service.server_close()


def laid_out(folder: Path, *, port: int, plain: int, behind: int) -> None:
    """Our files with ports, paths and a certificate of this test; nothing else is changed."""
    shutil.copytree(ROOT / "deploy" / "nginx", folder, dirs_exist_ok=True)
    shutil.copy(MIME, folder)
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    words += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2"]
    words += ["-subj", "/CN=exam.example"]
    subprocess.run(words, capture_output=True, check=True)
    swaps = {
        "kaowu.conf": {
            "/etc/kaowu/tls/fullchain.pem": str(folder / "cert.pem"),
            "/etc/kaowu/tls/key.pem": str(folder / "key.pem"),
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2 backlog=4096;\n": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ": f"listen 127.0.0.1:{port} ",
            "127.0.0.1:8000": f"127.0.0.1:{behind}",
        },
        "nginx.conf": {
            "/run/nginx.pid": str(folder / "nginx.pid"),
            "/var/log/nginx": str(folder),
            "worker_processes auto;": "worker_processes 1;",
            "worker_rlimit_nofile 131072;": "",
            "worker_connections 65536;": "worker_connections 512;",
        },
    }
    for name, pairs in swaps.items():
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in pairs.items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("nginx did not start")


def test_a_client_cannot_invent_its_address(front: Front):
    told = json.loads(front.ask("GET", "/api/me", **{"X-Forwarded-For": "198.51.100.1"}).text)
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["host"] == "exam.example"


def test_a_stream_says_its_first_word_at_once(front: Front):
    asked = http.client.HTTPSConnection("127.0.0.1", front.port, timeout=2, context=front.trust)
    try:
        asked.request("GET", "/api/sessions/6f1c/watch", headers={"Host": "exam.example"})
        with asked.getresponse() as answer:
            assert answer.read1(100) == b": .\n\n"  # the service has said no more, and has not ended
            assert not Service.let_go.is_set()
    finally:
        asked.close()


def test_a_body_beyond_the_routes_limit_is_refused_in_our_words(front: Front):
    assert front.ask("POST", "/api/attempt/sync", b"x" * 98_304).status == 200
    answer = front.ask("POST", "/api/attempt/sync", b"x" * 98_305)
    assert answer.status == 413
    assert json.loads(answer.text) == {
        "type": "/problems/too-large",
        "title": "Too large",
        "status": 413,
        "limitBytes": 98_304,
    }


def test_metrics_are_nobodys_business(front: Front):
    assert front.ask("GET", "/metrics").status == 404


def test_a_second_connection_resumes_the_first_ones_tls_session(front: Front):
    def connected(session: ssl.SSLSession | None) -> tuple[bool | None, ssl.SSLSession | None]:
        raw = socket.create_connection(("127.0.0.1", front.port), timeout=5)
        with front.trust.wrap_socket(raw, session=session) as held:
            held.sendall(b"GET /api/me HTTP/1.1\r\nHost: exam.example\r\nConnection: close\r\n\r\n")
            while held.recv(4096):
                pass
            return held.session_reused, held.session

    first, session = connected(None)
    again, _ = connected(session)
    assert (first, again) == (False, True)


def test_a_service_that_is_away_is_told_as_the_service_would(front: Front):
    answer = front.ask("GET", "/broken")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "2"
    assert json.loads(answer.text)["type"] == "/problems/live-away"
