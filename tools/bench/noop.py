"""The denominator: a bare Litestar application whose one route returns a struct, served as the service is.

`python -m tools.bench.noop` starts it with the service's own Granian options: only what is loaded differs.
"""

import os
import sys
from typing import Any, Final

import msgspec
from litestar import Litestar, get

from exam_api.serving import api
from exam_api.serving.tied import end_with_parent

PATH: Final = "/noop"


class Pong(msgspec.Struct):
    """The smallest honest reply."""

    ok: bool = True


@get(PATH, operation_id="noop")
async def noop() -> Pong:
    return Pong()


def load_noop() -> Any:  # noqa: ANN401 - Granian takes any ASGI callable
    """Make the application inside a worker process, which ends with its parent as the service's does."""
    if not end_with_parent(os.getppid()):
        sys.exit(1)
    return Litestar([noop], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    api.__dict__["load_application"] = load_noop
    api.main()
