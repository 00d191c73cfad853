"""The tables. Imported by the store and by migrations only."""

from exam_api.store.tables.accounts import MachineKeyRow, RecoveryCodeRow, SecondFactorRow, WechatLinkRow
from exam_api.store.tables.audit import AgreementRow, AuditHeadRow, AuditRow, AuditSealRow
from exam_api.store.tables.exposure import ExposureRow
from exam_api.store.tables.house import ConsentRow, ItemReportRow, SigningKeyRow
from exam_api.store.tables.items import (
    ItemCommentRow,
    ItemWordingRow,
    OutlineNodeRow,
    PoolItemRow,
    ReportAnswerRow,
)
from exam_api.store.tables.people import EmployerRow, InstitutionRow, PersonRow, StaffRow
from exam_api.store.tables.persons import (
    CorrectionRow,
    EmploymentRow,
    ErasureRow,
    HoldRow,
    InstitutionFileRow,
    PersonConsentRow,
    PersonGivenRow,
    PersonNoticeRow,
    SessionLenderRow,
)
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
from exam_api.store.tables.snapshots import PictureKeyRow, SnapshotRow

__all__ = [
    "METADATA",
    "AgreementRow",
    "AttemptRow",
    "AuditHeadRow",
    "AuditRow",
    "AuditSealRow",
    "BlueprintRow",
    "ConsentRow",
    "CorrectionRow",
    "EmployerRow",
    "EmploymentRow",
    "ErasureRow",
    "EventRow",
    "ExposureRow",
    "FactRow",
    "HoldRow",
    "InstitutionFileRow",
    "InstitutionRow",
    "ItemCommentRow",
    "ItemKeyRow",
    "ItemReportRow",
    "ItemVersionRow",
    "ItemWordingRow",
    "LateRequestRow",
    "MachineKeyRow",
    "OpRow",
    "OutlineNodeRow",
    "PaperRow",
    "PersonConsentRow",
    "PersonGivenRow",
    "PersonNoticeRow",
    "PersonRow",
    "PictureKeyRow",
    "PictureRow",
    "PoolItemRow",
    "PoolRow",
    "PoolVersionItemRow",
    "PoolVersionRow",
    "PoolVersionSetRow",
    "RecoveryCodeRow",
    "RegistrationRow",
    "ReportAnswerRow",
    "Row",
    "RulingDecisionRow",
    "RulingRow",
    "ScoreReviewRow",
    "ScoreRunRow",
    "SecondFactorRow",
    "SessionLenderRow",
    "SessionRow",
    "SigningKeyRow",
    "SnapshotRow",
    "StaffRow",
    "WechatLinkRow",
    "table",
]
