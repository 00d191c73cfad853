"""The denominator: a bare Litestar application whose one route returns a struct, served as the service is.

`python -m tools.bench.noop` starts it with the service's own Granian options: only what is loaded differs.
"""

from typing import Any, Final

import msgspec
from litestar import Litestar, get

from exam_api.serving import api

PATH: Final = "/noop"


class Pong(msgspec.Struct):
    """The smallest honest reply."""

    ok: bool = True


@get(PATH, operation_id="noop")
async def noop() -> Pong:
    return Pong()


def load_noop() -> Any:  # noqa: ANN401 - Granian takes any ASGI callable
    """Make the application inside a worker process."""
    return Litestar([noop], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    api.__dict__["load_application"] = load_noop
    api.main()
