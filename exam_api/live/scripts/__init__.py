"""The Lua scripts of the live state, each a file that opens with its contract."""

from hashlib import sha1
from importlib.resources import files
from typing import Final

import msgspec

_SHARED: Final = ("view", "verdict")
"""Functions that several scripts need: one that names them in its header (`needs view`) gets them in front,
or where it says `-- (view)`: who seldom wants them makes them there."""


class Script(msgspec.Struct, frozen=True):
    """One script as the server knows it."""

    name: str
    source: bytes
    sha: bytes
    """Its name in EVALSHA."""


def load(name: str) -> Script:
    """The script of that name, joined with the shared functions where it asks for them."""
    body = _text(name)
    header = "\n".join(line for line in body.splitlines() if line.startswith("--"))
    for shared in _SHARED:
        here = f"  -- ({shared})\n"
        if here in body:
            body = body.replace(here, _text(shared))
        elif f"needs {shared}" in header:
            body = _text(shared) + body
    source = body.encode()
    return Script(name, source, sha1(source, usedforsecurity=False).hexdigest().encode())


def names() -> list[str]:
    """All scripts that can be run."""
    found = [
        entry.name.removesuffix(".lua") for entry in files(__name__).iterdir() if entry.name.endswith(".lua")
    ]
    return sorted(name for name in found if name not in _SHARED)


def _text(name: str) -> str:
    return (files(__name__) / f"{name}.lua").read_text(encoding="utf-8")


ALL: Final = {name: load(name) for name in names()}
"""Every script by name; all are loaded into the server on each connection."""
