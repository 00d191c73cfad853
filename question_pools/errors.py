"""What this package refuses, each with its facts."""

from collections.abc import Sequence

import msgspec


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


class OverlapNotMet(PoolsError):
    """No paper keeps below the blueprint's overlap with a person's paper before."""

    def __init__(self, *, least: int, most: int, people: int = 1) -> None:
        super().__init__(
            f"{people} person(s) would meet at least {least} items of their paper before, {most} are allowed"
        )
        self.least = least
        self.most = most
        self.people = people


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


class OldWordFile(UnreadableFile):
    """A Word document of before 2007 (.doc): Word and WPS save it as .docx, which can be read."""

    def __init__(self, filename: str) -> None:
        super().__init__(f"{filename}: an old Word document (.doc); save it as .docx and choose that file")
        self.filename = filename


class GlanceRow(msgspec.Struct, frozen=True):
    """A row as it stands in a sheet, its cells cut short."""

    number: int
    cells: tuple[str, ...]


class Glance(msgspec.Struct, frozen=True):
    """The first rows of a sheet, for a person who is asked what its columns hold."""

    sheet: str
    columns: tuple[str, ...]
    """Letters of the columns, or names of the fields."""
    rows: tuple[GlanceRow, ...]


class NoHeader(UnreadableFile):
    """No sheet has a header with a stem and a key in its first rows."""

    def __init__(
        self,
        filename: str,
        *,
        sheets: Sequence[str],
        looked_at_rows: int,
        glances: Sequence[Glance] = (),
    ) -> None:
        super().__init__(f"{filename}: no header with stem and key in the first {looked_at_rows} rows")
        self.filename = filename
        self.sheets = tuple(sheets)
        self.looked_at_rows = looked_at_rows
        self.glances = tuple(glances)


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


class OwnWording(PoolsError):
    """Nobody reviews or approves what they wrote themselves."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{item_id} was worded by the one who would judge it")
        self.item_id = item_id


class StepDoesNotFit(PoolsError):
    """An item is not in a state in which this step can be taken."""

    def __init__(self, item_id: str, *, state: str, step: str) -> None:
        super().__init__(f"{item_id} is {state}: {step} does not fit")
        self.item_id = item_id
        self.state = state
        self.step = step


class NotYourPart(PoolsError):
    """The role does not take this step in the life of an item."""

    def __init__(self, step: str) -> None:
        super().__init__(f"this role does not {step} items")
        self.step = step


class ReasonMissing(PoolsError):
    """This step says why it is taken."""

    def __init__(self, step: str) -> None:
        super().__init__(f"{step} needs a reason")
        self.step = step


class NothingApproved(PoolsError):
    """A pool without one approved item cannot be published."""

    def __init__(self, *, drafts: int, reviewed: int, retired: int) -> None:
        super().__init__(f"no approved item: {drafts} draft(s), {reviewed} reviewed, {retired} retired")
        self.drafts = drafts
        self.reviewed = reviewed
        self.retired = retired


class BadOutline(PoolsError):
    """An outline tree contradicts itself; `faults` name the codes."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class WordingMoved(PoolsError):
    """Somebody else wrote a wording of this item since it was read."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{item_id} was reworded by somebody else")
        self.item_id = item_id
