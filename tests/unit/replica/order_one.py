"""The order of the fixture `field`: edited on the device, and what the store holds of it."""

from cmms_desktop.replica.tables import SYNCED
from tests.support.replicas import SITE, Field, uid

ORDER = uid(1)
OTHER = f"review:{SITE}"
"""A scope beside the technician's own."""


def edit(field: Field, **values: object) -> None:
    """Edit the order on the device."""
    with field.replica.write() as write:
        write.set("work_order", ORDER, **values)  # type: ignore[arg-type]


def of_order(field: Field, order: str = ORDER) -> set[str]:
    """Entities of an order's visible rows."""
    return {entity for (entity, _), one in field.visible().items() if one["aggregate_id"] == order}


def traces(field: Field, aggregate_id: str) -> list[str]:
    """Tables in which anything of an aggregate is left."""
    with field.replica.read() as reading:
        tables = (*SYNCED, "shadow", "member", "hidden_aggregate")
        sql = "SELECT count(*) FROM {} WHERE aggregate_id = ?"
        return [name for name in tables if reading.cursor.execute(sql.format(name), (aggregate_id,)).fetchone()[0]]
