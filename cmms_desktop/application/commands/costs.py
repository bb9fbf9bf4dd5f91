"""Entering what an order cost, and taking a line back that was wrong. Amounts are never changed."""

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.codec import InvalidValueError
from sync_server.contract.rules.costing import minor_of


def add_cost(
    write: LocalWrite, order_id: str, *, kind: str, amount: str, currency: str, note: str | None = None
) -> str:
    """Enter an amount as it was written, such as `12.50`. Gives the id of the line.

    Raises:
        Refused: it is no positive amount of a currency that there is, the order is not here, or he may not.
    """
    order = write.get("work_order", order_id)
    if order is None:
        raise Refused("not_found", "The order is not on this device.")
    code = currency.strip().upper()
    try:
        minor = minor_of(amount, code)
    except InvalidValueError as error:
        raise Refused("invalid_value", f"{error}.") from error
    values = {"work_order_id": order_id, "site_id": order["site_id"], "kind": kind, "amount_minor": minor}
    return write.create("work_order_cost", {**values, "currency": code, "note": (note or "").strip() or None})


def take_back(write: LocalWrite, cost_id: str) -> None:
    """Take a line back; what it said stays readable on the server. Raises Refused for a line of another."""
    write.delete("work_order_cost", cost_id)
