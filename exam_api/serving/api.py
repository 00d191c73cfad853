"""The API processes: Granian with the limits of this service spelled out."""

import os
import sys
from typing import Any, Final

from granian.constants import Interfaces, Loops, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from exam_api.serving.tied import end_with_parent
from exam_api.settings import SettingsRefused, from_environ

TARGET: Final = "exam_api.asgi:app"
"""The application, made in each worker process."""

BACKLOG: Final = 4096
"""Connections the kernel queues: a whole session's phones connect within seconds of the start."""

BACKPRESSURE: Final = 20_000
"""Requests in flight in one worker; open event streams count too, one for each running page."""

HEADERS_MS: Final = 20_000
"""How long the headers of a request may take: a caller that drips them is hung up on. They are waited for
from the last reply on, so this is also how long a kept connection may be silent: two beats of a page."""

KILL_AFTER_S: Final = 5
"""A worker that does not end by itself after this time is killed: open streams would keep it alive."""

RESPAWN_AFTER_S: Final = 1.0
"""Pause before a crashed worker is started again."""


def load_application() -> Any:  # noqa: ANN401 - Granian takes any ASGI callable
    """Load the application inside a worker, which ends with its parent even when that is killed."""
    if not end_with_parent(os.getppid()):
        sys.exit(1)
    module, _, name = TARGET.partition(":")
    __import__(module)
    return getattr(sys.modules[module], name)


def main() -> None:
    """Serve until SIGTERM."""
    try:
        settings = from_environ(os.environ)  # noqa: TID251 - an entry point hands its environment in
    except SettingsRefused as refused:
        sys.exit(str(refused))
    server = Server(
        TARGET,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.api_workers,
        runtime_mode=RuntimeModes.st,
        loop=Loops.uvloop,
        websockets=False,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS),
        workers_kill_timeout=KILL_AFTER_S,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_AFTER_S,
        log_level=LogLevels.warning,
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
    )
    server.serve(target_loader=load_application, wrap_loader=False)


if __name__ == "__main__":
    main()
