"""Orders that follow another one up without a failed item: what somebody noticed on the way."""

from cmms_desktop.application.commands.checklists import next_number
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite


def raise_follow_up(
    write: LocalWrite, order_id: str, *, title: str, description: str | None = None, priority: str = "medium"
) -> str:
    """Make an order at the same asset and place, with an offline number. Gives its id.

    Raises:
        Refused: it has no title, or the order is not on this device.
    """
    if not title.strip():
        raise Refused("invalid_value", "Say in a few words what has to be done.")
    order = write.get("work_order", order_id)
    if order is None:
        raise Refused("not_found", "The order to follow up is not on this device.")
    return write.create(
        "work_order",
        {
            "number": next_number(write),
            "title": title.strip()[:200],
            "description": (description or "").strip() or None,
            "priority": priority,
            "type": "repair",
            "site_id": order["site_id"],
            "location_id": order["location_id"],
            "asset_id": order["asset_id"],
            "asset_text": order["asset_text"],
            "parent_id": order["id"],
        },
    )
