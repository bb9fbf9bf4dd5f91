"""What tests of restored servers have in common: a day of edits, and what a device holds of it."""

from tests.support.convergence import live_rows
from tests.support.fleet import FleetDevice
from tests.support.order_work import comment, retitle, use


def states(device: FleetDevice) -> dict[str, int]:
    with device.workplace.replica.read() as reading:
        return dict(reading.cursor.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())


def content(device: FleetDevice) -> dict[tuple[str, ...], object]:
    """What a person sees, without numbers of commits and the server's own times."""
    numbers = {"version", "sync_seq", "row_hash", "created_at", "updated_at", "updated_by", "completed_at"}
    return {
        (*key, name): value
        for key, row in live_rows(device.workplace.replica).items()
        for name, value in row.items()
        if name not in numbers
    }


def a_day(device: FleetDevice) -> None:
    """Edits of every kind on the first order, over several commits."""
    order_id = device.fleet.small.order_ids[0]
    retitle(device, order_id, "First")
    retitle(device, order_id, "Second")
    device.sync_well()
    comment(device, order_id, "Seen.")
    use(device, order_id, 2)
    with device.write() as write:
        write.set("work_order", order_id, description="One line.")
    device.sync_well()
    with device.write() as write:
        write.set("work_order", order_id, description="One line.\nAnother line.")
    device.sync_well()
