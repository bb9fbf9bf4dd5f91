"""Settling a conflict: a mutation like any other, so it works offline and reaches everybody."""

from typing import Literal

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.codec import json_scalar, scalar_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.assigning import ASSIGNMENT


def settle(
    write: LocalWrite,
    conflict_id: str,
    keep: Literal["mine", "theirs", "edited"],
    *,
    value: Scalar = None,
    reason: str | None = None,
) -> None:
    """Keep one value or a third one (`value`, with `edited`). The losing values stay readable in the conflict.

    Raises:
        Refused: there is no such conflict here, somebody settled it otherwise before, or this app does not know its
            record.
    """
    conflict = write.get("conflict", conflict_id)
    if conflict is None:
        raise Refused("not_found", "This conflict is not on this device any more.")
    is_request = conflict["target_entity"] == ASSIGNMENT and conflict["kind"] == "request"
    # who has an order by one assignment never changes, and a request for one more has no row yet
    seen = (
        scalar_of(_text(conflict["base_value"]))
        if is_request
        else _standing(write, conflict, is_needed=keep != "theirs")
    )
    chosen = {
        "mine": scalar_of(_text(conflict["mine_value"])),
        "theirs": scalar_of(_text(conflict["theirs_value"])),
        "edited": value,
    }[keep]
    write.mutate(
        "conflict.resolve",
        entity="conflict",
        id=conflict_id,
        set={
            "resolution": (None, keep),
            "resolved_value": (json_scalar(seen), json_scalar(chosen)),
            "reason": (None, reason),
        },
    )
    if is_request and keep != "theirs":
        _leave_to_the_office(write, str(conflict["aggregate_id"]))


def _leave_to_the_office(write: LocalWrite, order_id: str) -> None:
    """An order that nobody has any more is a new one: the office sees that somebody has to be found."""
    order = write.get("work_order", order_id)
    sql = "SELECT EXISTS (SELECT 1 FROM work_order_assignment WHERE aggregate_id = ? AND deleted_at IS NULL)"
    (is_somebodys,) = write.cursor.execute(sql, (order_id,)).fetchone()
    if order is not None and order["status"] == "assigned" and not is_somebodys:
        write.set("work_order", order_id, status="new")


def _standing(write: LocalWrite, conflict: Row, *, is_needed: bool) -> Scalar:
    """The value that stands now; also that of a deleted record, which settling may restore.

    What keeps the office's value needs no record: that of a new record on a deleted order never came to be.
    """
    spec = REGISTRY.get(str(conflict["target_entity"]))
    column = spec.by_name.get(str(conflict["field"])) if spec else None
    if not is_needed and (spec is None or column is None):
        return None
    if spec is None or column is None:
        raise Refused("contract_mismatch", "This app does not know the record of this conflict. Update it.")
    sql = f'SELECT "{column.name}" FROM {spec.name} WHERE id = ?'
    line = write.cursor.execute(sql, (conflict["target_id"],)).fetchone()
    if line is None and not is_needed:
        return None
    if line is None:
        raise Refused("not_found", "The record of this conflict is not on this device any more.")
    value: Scalar = bool(line[0]) if column.kind == "boolean" and line[0] is not None else line[0]
    return value


def _text(value: Scalar) -> str | None:
    return value if isinstance(value, str) else None
