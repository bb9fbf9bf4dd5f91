"""What Alembic leaves out when it compares the model with a database."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.schema import SchemaItem

from sync_server.storage.tables_sync import WORK_ORDER_PARTITIONS

PARTITIONS = frozenset(f"work_order_p{number}" for number in range(WORK_ORDER_PARTITIONS))


def is_compared(item: SchemaItem, name: str | None, type_: str, is_reflected: bool, other: Any) -> bool:
    """Leave out partitions, and the foreign keys to them that PostgreSQL keeps beside the one to their parent."""
    if type_ == "table":
        return name not in PARTITIONS
    if isinstance(item, ForeignKeyConstraint) and is_reflected:
        return item.elements[0].target_fullname.partition(".")[0] not in PARTITIONS
    return True
