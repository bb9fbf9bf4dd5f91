"""Two records with one code or number: the office renames one of them, or says that both are the same asset.

Both stay until somebody does; who waits for a code gets it by itself when the other one gives it up (the server's
`code_conflict`). Never deletes what is not a second card of the same asset.
"""

from typing import Any, Final

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.entities import REGISTRY
from sync_server.contract.messages import MAX_GROUP_MUTATIONS
from sync_server.contract.rules import sign_off
from sync_server.contract.rules.permission import Place, may, may_plan

BY_OFFICE: Final = "Only the office renames this. Ask a supervisor."


def rename_code(write: LocalWrite, entity: str, row_id: str, code: str) -> None:
    """Give a record another code or number.

    Raises:
        Refused: it is empty, the record is not here, or the person is not of the office.
    """
    name = REGISTRY[entity].natural_key
    given = code.strip()
    row = write.get(entity, row_id)
    if name is None or row is None:
        raise Refused("not_found", "This record is not on this device, or it was deleted.")
    if may_plan(write.actor, entity, Place(row.get("site_id"))) is not None:
        raise Refused("not_allowed", BY_OFFICE)
    if not given:
        raise Refused("invalid_value", "Enter the new code.")
    fields: dict[str, Any] = {name: given}
    write.set(entity, row_id, **fields)


def link_asset(write: LocalWrite, asset_id: str, kept_id: str) -> int:
    """Say that an asset is a second card of another one: its unsigned orders here point to that one, and it is deleted.

    Orders that are signed, or not on this device, keep pointing to the deleted card, whose text stays on them: a
    signature covers the asset, so that another one would make it stale.

    Returns:
        The number of orders that point to the other one now.

    Raises:
        Refused: one of them is not here, both are the same, they are of two sites, or the person is not of the office.
    """
    second, kept = write.get("asset", asset_id), write.get("asset", kept_id)
    if second is None or kept is None or asset_id == kept_id:
        raise Refused("not_found", "Both assets have to be on this device.")
    if may(write.actor, "asset", "delete", Place(second["site_id"])) is not None:
        raise Refused("not_allowed", BY_OFFICE)
    if second["site_id"] != kept["site_id"]:
        raise Refused("invalid_value", "These assets are on two sites, so they are not one. Rename one of them.")
    order_ids = _unsigned(write, asset_id)
    for number, order_id in enumerate(order_ids, start=1):
        write.set("work_order", order_id, asset_id=kept_id)
        if number % (MAX_GROUP_MUTATIONS - 1) == 0:
            write.group()
    write.delete("asset", asset_id)
    return len(order_ids)


def _unsigned(write: LocalWrite, asset_id: str) -> list[str]:
    """Give the orders of an asset whose content no signature covers: they are neither locked nor signed as done."""
    lines = write.cursor.execute(
        "SELECT id, status, performed_signature_id FROM work_order"
        " WHERE asset_id = ? AND deleted_at IS NULL ORDER BY id",
        (asset_id,),
    ).fetchall()
    return [id_ for id_, status, signature in lines if signature is None and not sign_off.is_locked({"status": status})]
