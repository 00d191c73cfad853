"""Knowing what is already done: a file beside the result holds the hash of what it was made from."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def hash_of(files: Iterable[Path], *words: str) -> str:
    """One hash for the names and contents of files and some words."""
    whole = hashlib.sha256()
    for word in words:
        whole.update(word.encode() + b"\0")
    for path in sorted(files):
        whole.update(str(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def is_done(stamp: Path, wanted: str) -> bool:
    """Whether the result was made from exactly this."""
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == wanted


def mark_done(stamp: Path, wanted: str) -> None:
    """Remember what the result was made from."""
    stamp.write_text(f"{wanted}\n", encoding="ascii")
