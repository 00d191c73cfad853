"""Loaded by Schemathesis: calls come from roles that the routes declare, half of them about real things."""

import itertools
import json
import os
import random
from typing import Any

import schemathesis

GIVEN = json.loads(os.environ["KAOWU_FUZZ"])
"""`cookies` by role, `ids` by name of the path's parameter: written by test_fuzz.py."""

TURNS = itertools.count()
CHANCE = random.Random(20270115)

ENDS_LOG_INS = ("/api/logout", "/api/logout/everywhere", "/api/my/logins/end", "/api/my/logins/end-others")
"""Called without a log-in: with one, all later calls of that role would stop at the gate."""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Log the call in and give it ids of things that are there."""
    roles = case.operation.definition.raw.get("x-roles", [])
    known = [role for role in roles if role in GIVEN["cookies"]]
    if known and case.operation.path not in ENDS_LOG_INS:
        cookie = GIVEN["cookies"][known[next(TURNS) % len(known)]]
        case.headers = {**(case.headers or {}), "Cookie": cookie}
    if case.path_parameters and CHANCE.random() < 0.5:
        real = {name: value for name, value in GIVEN["ids"].items() if name in case.path_parameters}
        case.path_parameters = {**case.path_parameters, **real}
