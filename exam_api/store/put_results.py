"""A batch of results in one statement of PostgreSQL: where the record stands, ops that came along, runs.

What SQLite does in three statements of a transaction (`store.results`) is one here, so that a commit is one
round trip and one plan, however many results share it. Both are asked by the same tests.
"""

from typing import Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from exam_api.attempt.place import NOTHING
from exam_api.store.tables import AttemptRow, OpRow, ScoreRunRow, table

ATTEMPT: Final = table(AttemptRow)
OP: Final = table(OpRow)
SCORE_RUN: Final = table(ScoreRunRow)

RUN_COLUMNS: Final = tuple(SCORE_RUN.c.keys())
"""Columns of a score run, in the order in which the statement takes them."""

OP_COLUMNS: Final = tuple(OP.c.keys())
"""Columns of an op, likewise."""

_NEEDS: Final = {"needs_fence": "bigint", "needs_seq": "bigint"}
"""Of each result: what the record must have reached without the ops that come along."""

_OF: Final = {"nth": "bigint"}
"""Of each op: which of the results it came with, counted from 1."""

_DIALECT: Final = postgresql.dialect()  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]


def _types(held: Table) -> dict[str, str]:
    told = {name: column.type.compile(_DIALECT).lower() for name, column in held.c.items()}
    # An array of varchar(n) would cut without a word; text is checked against the column's length.
    return {name: "text" if kind.startswith("varchar") else kind for name, kind in told.items()}


def _rows(name: str, types: dict[str, str], *, first: int) -> str:
    """Rows of one array for each column, numbered from 1: one plan, however many there are."""
    arrays = ", ".join(f"${first + at}::{kind}[]" for at, kind in enumerate(types.values()))
    names = ", ".join(f'"{column}"' for column in types)
    return f'{name} as (select * from unnest({arrays}) with ordinality as {name}({names}, "no"))'  # noqa: S608


def _put(into: Table, source: str) -> str:
    names = ", ".join(f'"{column}"' for column in into.c.keys())  # noqa: SIM118 - columns, not a mapping
    own = ", ".join(f'given."{column}"' for column in into.c.keys())  # noqa: SIM118
    # In the order given: two processes with the same rows cannot lock each other out.
    return (
        f'insert into "{into.name}" ({names}) select {own} from {source} '  # noqa: S608 - our own tables
        'order by given."no" on conflict do nothing'
    )


_RUN_TYPES: Final = _types(SCORE_RUN) | _NEEDS
_OP_TYPES: Final = _types(OP) | _OF

_STANDS: Final = f"""stands as (
select given."no", coalesce(held.fence, {NOTHING.fence}) as fence, coalesce(held.seq, {NOTHING.seq}) as seq,
(given.needs_fence, given.needs_seq) <= ({NOTHING.fence}, {NOTHING.seq})
or coalesce(held.closed_ms, 0) <> 0
or (given.needs_fence, given.needs_seq) <= (held.fence, held.seq) as whole
from given left join "{ATTEMPT.name}" held on held.id = given.attempt_id)"""  # noqa: S608

_RUNS: Final = _put(SCORE_RUN, 'given join stands on stands."no" = given."no" and stands.whole')
_OPS: Final = _put(OP, 'brought as given join stands on stands."no" = given.nth and stands.whole')
_LACKING: Final = 'select "no" - 1, fence, seq from stands where whole is not true'

PUT_RUNS: Final = f"with {_rows('given', _RUN_TYPES, first=1)}, {_STANDS}, runs as ({_RUNS}) {_LACKING}"
"""Puts those that are whole. Gives the others by their place among those given, the first is 0, each with how
far the record has come with its ops."""

PUT_RUNS_AND_OPS: Final = (
    f"with {_rows('given', _RUN_TYPES, first=1)}, "
    f"{_rows('brought', _OP_TYPES, first=1 + len(_RUN_TYPES))}, {_STANDS}, "
    f"ops as ({_OPS}), runs as ({_RUNS}) {_LACKING}"
)
"""The same where ops came along."""
