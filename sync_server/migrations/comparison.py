"""How a drafted revision comes about: what is compared with the database, and how it is written down."""

import re
from typing import Any, Literal

from sqlalchemy import ForeignKeyConstraint, TypeDecorator
from sqlalchemy.schema import SchemaItem

from sync_server.storage.tables_sync import WORK_ORDER_PARTITIONS

PARTITIONS = frozenset(f"work_order_p{number}" for number in range(WORK_ORDER_PARTITIONS))
BY_FUNCTION = frozenset({"ix_asset_place"})
"""Indexes of what a function of a revision makes of a row: the model has no words for it."""
MONTH = re.compile(r"(activity_log|meter_reading|notification)_\d{4}_\d{2}")


def is_compared(item: SchemaItem, name: str | None, type_: str, is_reflected: bool, other: Any) -> bool:
    """Leave out partitions, and the foreign keys to them that PostgreSQL keeps beside the one to their parent."""
    if type_ == "table":
        return not _is_part(name or "")
    if type_ == "index":
        return name not in BY_FUNCTION
    if isinstance(item, ForeignKeyConstraint) and is_reflected:
        return not _is_part(item.elements[0].target_fullname.partition(".")[0])
    return True


def _is_part(name: str) -> bool:
    return name in PARTITIONS or MONTH.fullmatch(name) is not None


def written_type(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Write our column types as the plain ones that they are in PostgreSQL: a revision imports no application code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.load_dialect_impl(context.dialect)!r}"
    return False
