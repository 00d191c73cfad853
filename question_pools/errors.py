"""What this package refuses, each with its facts."""

from collections.abc import Sequence


class PoolsError(Exception):
    """Any refusal of this package."""


class BadPool(PoolsError):
    """A pool breaks its own rules: a key beyond its options, an id used twice, a set without items."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class BadBlueprint(PoolsError):
    """A blueprint contradicts itself, whatever the pool holds."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class BlueprintNotMet(PoolsError):
    """The pool does not hold what the blueprint asks for; `missing` names the cells."""

    def __init__(self, missing: Sequence[object]) -> None:
        super().__init__(f"{len(missing)} cell(s) of the blueprint cannot be met by this pool")
        self.missing = tuple(missing)


class UnreadableFile(PoolsError):
    """A file that cannot be taken in at all; subclasses say why."""


class NotAWorkbook(UnreadableFile):
    """Neither .xlsx, .xls, .csv nor pool JSON, or damaged."""

    def __init__(self, filename: str, why: str) -> None:
        super().__init__(f"{filename}: not a workbook ({why})")
        self.filename = filename
        self.why = why


class TooLarge(UnreadableFile):
    """More than the stated limit of bytes, rows or cells."""

    def __init__(self, filename: str, *, what: str, size: int, limit: int) -> None:
        super().__init__(f"{filename}: {size} {what}, the limit is {limit}")
        self.filename = filename
        self.what = what
        self.size = size
        self.limit = limit


class ZipBomb(UnreadableFile):
    """A workbook that would unpack to far more than it is."""

    def __init__(self, filename: str, *, part: str, unpacked: int, limit: int) -> None:
        super().__init__(f"{filename}: {part} unpacks to {unpacked} bytes or more, the limit is {limit}")
        self.filename = filename
        self.part = part
        self.unpacked = unpacked
        self.limit = limit


class Encrypted(UnreadableFile):
    """A workbook that asks for a password."""

    def __init__(self, filename: str) -> None:
        super().__init__(f"{filename}: the workbook is protected by a password")
        self.filename = filename


class NoHeader(UnreadableFile):
    """No sheet has a header with a stem and a key in its first rows."""

    def __init__(self, filename: str, *, sheets: Sequence[str], looked_at_rows: int) -> None:
        super().__init__(f"{filename}: no header with stem and key in the first {looked_at_rows} rows")
        self.filename = filename
        self.sheets = tuple(sheets)
        self.looked_at_rows = looked_at_rows


class BadMapping(UnreadableFile):
    """A mapping by hand that contradicts itself or names columns that no sheet of the file has."""

    def __init__(self, filename: str, faults: Sequence[str]) -> None:
        super().__init__(f"{filename}: {'; '.join(faults)}")
        self.filename = filename
        self.faults = tuple(faults)


class CannotExport(PoolsError):
    """A pool that a file of this kind cannot hold without loss; `faults` name the items and sets."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class RowsRejected(PoolsError):
    """All-or-nothing was asked for and some rows are wrong; the report says which."""

    def __init__(self, *, rejected: int, accepted: int) -> None:
        super().__init__(f"{rejected} row(s) rejected, {accepted} would be accepted")
        self.rejected = rejected
        self.accepted = accepted
