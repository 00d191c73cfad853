"""The operator's command line: `kaowu …`."""

from exam_api.cli.entry import main

__all__ = ["main"]
