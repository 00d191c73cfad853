"""The list of commands; only the module of the command that was asked for is loaded."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import typer

from exam_api.cli.given import refuse
from exam_api.serving.errors import ServingRefused
from exam_api.settings import SettingsRefused

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "serve": ("exam_api.cli.serve", "Run the service, whole or one role of it."),
    "migrate": ("exam_api.cli.migrate", "Bring the database to the newest schema."),
    "verify-receipt": ("exam_api.cli.verify_receipt", "Check a hand-in receipt without the service."),
    "doctor": ("exam_api.cli.doctor", "Check the surroundings: ok, warn or fail, each with what to do."),
}
"""Name → module with a function `run`, and one line of help."""


def application(words: Sequence[str]) -> typer.Typer:
    """The command line for these words: the asked command whole, the others by name and help."""
    app = typer.Typer(
        name="kaowu",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Kaowu 考务: the exam service. Settings are variables named KAOWU_… (docs/operations.md).",
    )
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, (module, told) in COMMANDS.items():
        command: Callable[..., Any] = importlib.import_module(module).run if name == asked else _by_name_only
        app.command(name, help=None if name == asked else told)(command)
    return app


def _by_name_only() -> None:
    """Stand in the list of commands."""


def main() -> None:
    """Run one command; what is refused ends in one sentence and status 1."""
    try:
        application(sys.argv[1:])()
    except (SettingsRefused, ServingRefused) as refused:
        refuse(str(refused))
