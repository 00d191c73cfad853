"""What a pool file's items are remarked on for, as rows of a sheet are."""

from collections.abc import Iterable, Iterator

from question_pools.exchange.answering import double_options
from question_pools.exchange.pool_json import pictures_of
from question_pools.exchange.reading import speaks_of_picture
from question_pools.exchange.report import Code, Problem, message
from question_pools.exchange.rows import Row
from question_pools.items import Item, Kind, letters

SHEET = "items"
"""The list of a pool file that stands for a sheet; its columns are the fields."""


def json_rows(items: Iterable[Item]) -> Iterator[Row]:
    """Each item as a row, numbered from 1."""
    for number, item in enumerate(items, 1):
        problems = tuple(
            Problem(SHEET, number, field, code, message(code, *facts))
            for field, code, facts in _remarks(item)
        )
        yield Row(
            sheet=SHEET,
            number=number,
            item=item,
            problems=problems,
            has_own_id=True,
            id_column="id",
            stem_column="stem",
            set_column="set",
            set_id=item.set_id or "",
        )


def _remarks(item: Item) -> Iterator[tuple[str, Code, tuple[object, ...]]]:
    if item.kind is Kind.MULTI and item.key.bit_count() == 1:
        yield "key", Code.MULTI_ONE_KEY, (letters(item.key),)
    for first, second in double_options({letters(1 << at): one for at, one in enumerate(item.options)}):
        yield "options", Code.DUP_OPTION, (first, second)
    if not pictures_of(item) and speaks_of_picture(item.stem):
        yield "stem", Code.IMAGE_MISSING, ("没有附图", "it holds none")
