"""Rows of `work_order` out of drafts, once somebody has looked up where they belong."""

from dataclasses import dataclass

from sync_server.application.imports.drafts import OrderDraft
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row

LASTING_FIELDS = frozenset({"number", "external_id", "created_at"})
"""What a later file does not change."""
STATE_FIELDS = frozenset({"status", "status_reason", "requires_signature"})


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an imported order belongs: its site, and its asset when the code is a known one."""

    site_id: str
    asset_id: str | None = None


def new_order_row(
    draft: OrderDraft, placement: Placement, *, row_id: str, import_id: str, at: str, by: str | None
) -> Row:
    """Give the whole row of a new order in wire form.

    Args:
        draft: What the file says.
        placement: Its site and asset.
        row_id: Id of the order and of its aggregate.
        import_id: The batch by which the import can be undone.
        at: Instant of the import; the order counts as created then when the file does not say when.
        by: The person who imports; None for the installation's administrator.
    """
    values: Row = {"created_at": at, **draft.values, **_placed(draft, placement)}
    values |= {"id": row_id, "aggregate_id": row_id, "import_id": import_id}
    return completed(REGISTRY["work_order"], values | {"created_by": by, "updated_at": at, "updated_by": by})


def changed_order_row(stored: Row, draft: OrderDraft, placement: Placement, *, at: str, by: str | None) -> Row:
    """Lay what the file says now over a stored order.

    Number, ids and day of creation stay. So does the state of an order that somebody here has taken up: it is moved by
    people, under the rules of states, and not by a file.
    """
    kept = LASTING_FIELDS if stored["status"] == "new" else LASTING_FIELDS | STATE_FIELDS
    told = {name: value for name, value in draft.values.items() if name not in kept}
    return {**stored, **told, **_placed(draft, placement), "updated_at": at, "updated_by": by}


def _placed(draft: OrderDraft, placement: Placement) -> Row:
    unknown = draft.asset_code if placement.asset_id is None else None
    return {"site_id": placement.site_id, "asset_id": placement.asset_id, "asset_text": unknown}
