"""Refusals about sets of pictures: each named for the fact, in words for an operator."""

from pathlib import Path


class SetRefused(Exception):
    """The folder is no set of pictures that can be measured on."""

    def __init__(self, path: Path, zh: str, en: str) -> None:
        super().__init__(f"{path}：{zh}\n{path}: {en}")
