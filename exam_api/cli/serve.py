"""`kaowu serve`: run the service."""

from typing import Annotated

import typer

from exam_api.cli.given import environ, now_ms, settings
from exam_api.serving.prepared import is_prepared, keep_prepared
from exam_api.serving.supervisor import Role, supervise


def run(
    role: Annotated[
        Role,
        typer.Option(
            help="all: Redis（未设地址时）、API、worker. Redis when no address is set, API and worker."
        ),
    ] = Role.ALL,
    *,
    prepare: Annotated[
        bool,
        typer.Option(
            "--prepare", help="先升级结构、装入演示数据 Migrate first and, in a demo, load its data."
        ),
    ] = False,
) -> None:
    """运行服务，Ctrl-C 停止 Run the service, whole or one role of it, until Ctrl-C or SIGTERM."""
    found = settings(quiet=False)
    needed = prepare and not is_prepared(found, now_ms=now_ms())
    supervise(
        found,
        environ(),
        role=role,
        prepare=["migrate", *["demo"] * found.demo] if needed else [],
        prepared=lambda: keep_prepared(found, now_ms=now_ms()),
    )
