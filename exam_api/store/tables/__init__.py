"""The tables. Imported by the store and by migrations only."""

from exam_api.store.tables.audit import AgreementRow, AuditHeadRow, AuditRow, AuditSealRow
from exam_api.store.tables.house import ConsentRow, ItemReportRow, SigningKeyRow
from exam_api.store.tables.people import EmployerRow, InstitutionRow, PersonRow, StaffRow
from exam_api.store.tables.pools import (
    BlueprintRow,
    ItemKeyRow,
    ItemVersionRow,
    PictureRow,
    PoolRow,
    PoolVersionItemRow,
    PoolVersionRow,
    PoolVersionSetRow,
)
from exam_api.store.tables.record import (
    AttemptRow,
    EventRow,
    FactRow,
    LateRequestRow,
    OpRow,
    ScoreRunRow,
)
from exam_api.store.tables.row import METADATA, Row, table
from exam_api.store.tables.rulings import RulingDecisionRow, RulingRow, ScoreReviewRow
from exam_api.store.tables.sittings import PaperRow, RegistrationRow, SessionRow

__all__ = [
    "METADATA",
    "AgreementRow",
    "AttemptRow",
    "AuditHeadRow",
    "AuditRow",
    "AuditSealRow",
    "BlueprintRow",
    "ConsentRow",
    "EmployerRow",
    "EventRow",
    "FactRow",
    "InstitutionRow",
    "ItemKeyRow",
    "ItemReportRow",
    "ItemVersionRow",
    "LateRequestRow",
    "OpRow",
    "PaperRow",
    "PersonRow",
    "PictureRow",
    "PoolRow",
    "PoolVersionItemRow",
    "PoolVersionRow",
    "PoolVersionSetRow",
    "RegistrationRow",
    "Row",
    "RulingDecisionRow",
    "RulingRow",
    "ScoreReviewRow",
    "ScoreRunRow",
    "SessionRow",
    "SigningKeyRow",
    "StaffRow",
    "table",
]
