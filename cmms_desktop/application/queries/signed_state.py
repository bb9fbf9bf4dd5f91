"""How far the signatures of an order are: the performer's, and the customer's answer to it. Frozen rows."""

from dataclasses import dataclass

from cmms_desktop.application.queries.lookups import text_or_none
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row


@dataclass(frozen=True, slots=True)
class SignedState:
    """What was signed since the work was last sent back: the performer's and the customer's statements."""

    is_performed: bool
    is_stale: bool
    customer: str | None
    """`accepted` or `refused`; None: the customer has not answered."""
    customer_reason: str | None


def signed_state(reading: Reading, order: Row) -> SignedState:
    """What was signed for the work as it stands: what the customer said before a return counts no more."""
    found = reading.cursor.execute(
        "SELECT id, meaning, reason FROM signature WHERE aggregate_id = ? AND deleted_at IS NULL"
        " ORDER BY signed_at, id",
        (order["id"],),
    ).fetchall()
    performed_id = order["performed_signature_id"]
    customer: tuple[str | None, str | None] = (None, None)
    is_performed = False
    for signature_id, meaning, reason in found:
        if signature_id == performed_id:
            is_performed, customer = True, (None, None)
        elif is_performed and meaning in {"accepted", "refused"}:
            customer = (meaning, text_or_none(reason))
    return SignedState(performed_id is not None, bool(order["is_signature_stale"]), *customer)
