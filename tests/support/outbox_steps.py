"""Steps of the tests of an outbox: edits, batches, answers, and what they left behind."""

from cmms_desktop.replica.sealing import SealedBatch
from sync_server.contract.messages import Verdict
from tests.support.replicas import SITE, TECHNICIAN, Field, sign, uid

ORDER = uid(1)
VAN, PART = uid(80), uid(81)


def comment(text: str, order_id: str = ORDER) -> dict[str, str]:
    return {
        "work_order_id": order_id,
        "author_id": TECHNICIAN,
        "text": text,
        "written_at": "2026-03-02T09:00:00.000000Z",
    }


def edit(field: Field, **values: object) -> str:
    """One edit of the order; gives the mutation's id."""
    with field.replica.write() as write:
        write.set("work_order", ORDER, **values)  # type: ignore[arg-type]
    return field.replica.outbox.waiting()[-1].mutation_id


def new_order(field: Field) -> tuple[str, str]:
    """An order made on the device, and a remark on it as a step of its own; gives their ids."""
    with field.replica.write() as write:
        order = write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
    with field.replica.write() as write:
        remark = write.create("comment", comment("On it", order))
    return order, remark


def use_part(field: Field, quantity: str) -> None:
    values = {"stock_location_id": VAN, "part_id": PART, "work_order_id": ORDER, "kind": "usage", "quantity": quantity}
    with field.replica.write() as write:
        write.create("stock_movement", {**values, "moved_at": write.now})


def sealed(field: Field, limit: int = 500, resend_from: int | None = None) -> SealedBatch:
    batch = field.replica.outbox.seal_next(sign, limit=limit, resend_from=resend_from)
    assert batch is not None
    return batch


def answers(batch: SealedBatch, status: str, **values: object) -> list[Verdict]:
    return [Verdict(mutation_id=each, status=status, **values) for each in batch.mutation_ids]  # type: ignore[arg-type]


def states(field: Field) -> list[str]:
    with field.replica.read() as reading:
        found = reading.cursor.execute(
            "SELECT state, made_at, n FROM outbox UNION ALL SELECT state, made_at, 0 FROM outbox_done ORDER BY 2, 3"
        ).fetchall()
    return [state for state, _, _ in found]


def priority(field: Field) -> object:
    row = field.replica.get("work_order", ORDER)
    return None if row is None else row["priority"]
