"""`kaowu serve`: run the service."""

from typing import Annotated

import typer

from exam_api.cli.given import environ, settings
from exam_api.serving.supervisor import Role, supervise


def run(
    role: Annotated[
        Role, typer.Option(help="all = Redis (when no address is set), API and worker.")
    ] = Role.ALL,
    *,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Bring the schema up to date first and, in a demo, load its data."),
    ] = False,
) -> None:
    """Run the service, whole or one role of it, until Ctrl-C or SIGTERM."""
    found = settings()
    steps = (["migrate"] + ["demo"] * found.demo) if prepare else []
    supervise(found, environ(), role=role, prepare=steps)
