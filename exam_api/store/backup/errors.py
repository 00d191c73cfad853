"""What a backup or a restore refuses."""

from pathlib import Path


class BackupRefused(Exception):
    """A backup cannot be written, or an archive cannot be restored here."""


class NotABackup(BackupRefused):
    """The file is no backup of this form: another kind of file, or one that broke off."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no backup, or it broke off while it was written")
        self.path = path


class BackupAltered(BackupRefused):
    """A byte of the file is another than was written, missing, or one too many."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not what was written: its seal does not fit")
        self.path = path


class BackupDamaged(BackupRefused):
    """A part does not hold what the archive's list says."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{part} is not what the backup's own list says")
        self.part = part


class OtherRevision(BackupRefused):
    """Archive, database and program do not have one schema."""

    def __init__(self, *, what: str, held: str, wanted: str) -> None:
        super().__init__(f"the {what} is at revision {held or 'none'}, this program at {wanted}")
        self.what = what
        self.held = held
        self.wanted = wanted


class OtherSecret(BackupRefused):
    """It was sealed under a secret that is not set here: nobody could read the numbers in it."""

    def __init__(self, mark: str) -> None:
        super().__init__(f"the backup was made under another master secret ({mark})")
        self.mark = mark


class TargetNotEmpty(BackupRefused):
    """Something is on record in the database that was to be filled."""

    def __init__(self, *, table: str, rows: int) -> None:
        super().__init__(f"{table} has {rows} rows")
        self.table = table
        self.rows = rows


class ReadBackDiffers(BackupRefused):
    """What the database gives back is not what was put in."""

    def __init__(self, table: str) -> None:
        super().__init__(f"{table} reads back differently")
        self.table = table
