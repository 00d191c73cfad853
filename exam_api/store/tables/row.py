"""How every table is made: names of constraints, and the base of all rows."""

import re
from typing import ClassVar, Final

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""All tables. Constraints bear names we know, so that a refusal of the database can be told apart."""

DIGEST_HEX: Final = 64
"""Characters of a SHA-256 in hex."""


class Row(SQLModel):
    """A row; it holds and decides nothing. `PoolVersionRow` lies in the table `pool_version`."""

    metadata: ClassVar[MetaData] = METADATA  # pyright: ignore[reportIncompatibleVariableOverride]

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__.removesuffix("Row")).lower()


def table(row: type[Row]) -> Table:
    """The table of a row class, for statements."""
    return METADATA.tables[str(row.__tablename__)]
