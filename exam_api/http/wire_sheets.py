"""A list as a screen shows it, on its way to becoming a workbook."""

from typing import Annotated

from msgspec import Meta

from exam_api.http.wire_attempt import Wire

Text = Annotated[str, Meta(max_length=4_000)]
Figure = Annotated[float, Meta(ge=-1e12, le=1e12)]


class SheetIn(Wire, kw_only=True):
    """Words and figures of a screen; the service reads nothing for it."""

    title: Annotated[str, Meta(min_length=1, max_length=80)]
    heads: Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(min_length=1, max_length=60)]
    rows: Annotated[list[Annotated[list[Text | Figure], Meta(max_length=60)]], Meta(max_length=20_000)]
