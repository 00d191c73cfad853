"""Handing the local certificate authority to phones: one file over plain http, nothing else."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from exam_api.serving.tied import end_with_parent
from tools.refuse import refuse


def main() -> None:
    """Serve until the parent ends."""
    parent, path, host, port = sys.argv[1:]
    if not end_with_parent(int(parent)):
        return
    body = Path(path).read_bytes()

    class Authority(BaseHTTPRequestHandler):
        """Answers every address with the certificate."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-x509-ca-cert")
            self.send_header("Content-Disposition", f'attachment; filename="{Path(path).name}"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    try:
        server = HTTPServer((host, int(port)), Authority)
    except OSError:
        refuse(
            f"{port} 端口被占用，手机无法从那里下载证书：请直接传送 {path}。",
            f"Port {port} is taken, so phones cannot fetch the certificate there: send them {path}.",
        )
    server.serve_forever()


if __name__ == "__main__":
    main()
