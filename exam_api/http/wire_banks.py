"""What the import of banks and their export say on the wire."""

from exam_api.http.wire_attempt import Uuid, Wire
from exam_api.http.wire_staff import Says


class ImportCell(Wire, kw_only=True):
    """A cell of a row that a problem names."""

    column: str
    text: str


class ImportOther(Wire, kw_only=True):
    """The item that a near duplicate is like; from the file, or (`row` 0) from the pool."""

    id: str
    sheet: str
    row: int
    kind: str
    stem: str
    options: list[str]
    key: str
    percent: int
    """Shared pairs of letters of all."""


class ImportProblem(Wire, kw_only=True):
    sheet: str
    row: int
    column: str
    code: str
    message: Says
    cell: str = ""
    """The cell as it stands in the file, cut to 200 characters."""
    cells: list[ImportCell]
    """The row as it stands in the file, cells cut likewise."""
    other: ImportOther | None = None
    """Of a near duplicate."""


class ImportPreviewItem(Wire, kw_only=True):
    """An accepted item as candidates will see it; the key is for authors only."""

    sheet: str
    row: int
    kind: str
    stem: str
    options: list[str]
    key: str
    """Letters over the canonical options."""
    change: str
    """`added`, `changed`, `unchanged` against the pool's newest version."""
    pictures: int = 0
    """Pictures of the item and its options."""


class ImportOut(Wire, kw_only=True):
    """Preview, or what was stored."""

    file: str
    layout: str
    rows: int
    accepted: int
    rejected: int
    warned: int
    by_kind: dict[str, int]
    pictures: int = 0
    problems: list[ImportProblem]
    """The first 500 by row, rejected rows before warnings when there are more."""
    items: list[ImportPreviewItem]
    """The first 50, then those with a warning."""
    added: int
    changed: int
    unchanged: int
    pool_id: Uuid | None = None
    version: int | None = None
    """Set when stored."""
