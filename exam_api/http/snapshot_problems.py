"""How refusals about camera snapshots are told."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from exam_api.errors import PicturesAway
from exam_api.http.problem_row import ABSENT, GONE, NO, OFTEN, Row
from exam_api.usecases import errors as usecases
from proctoring import errors as proctoring

SNAPSHOTS: Final[Mapping[type[Exception], Row]] = {
    proctoring.NotASnapshot: Row(
        "not-a-snapshot", HTTPStatus.BAD_REQUEST, "Not a camera picture", "不是有效的现场照片", ("reason",)
    ),
    proctoring.NoConsentToPhotos: Row(
        "no-consent-to-photos", NO, "Pictures are not agreed to", "考生未同意拍摄现场照片"
    ),
    proctoring.TooManySnapshots: Row(
        "too-many-snapshots", OFTEN, "The last picture came just now", "拍摄过于频繁", ("wait_ms",), "wait_ms"
    ),
    PicturesAway: Row(
        "pictures-away", GONE, "Pictures cannot be kept now", "暂时无法保存照片", wait="retry_after_ms"
    ),
    usecases.NoSuchSnapshot: Row("no-such-snapshot", ABSENT, "No such picture", "没有这张照片"),
    usecases.PictureErased: Row(
        "picture-erased", HTTPStatus.GONE, "The picture was erased", "照片已清除，无法查看"
    ),
}
"""Refusal → problem; a part of `problems.ROWS`."""
