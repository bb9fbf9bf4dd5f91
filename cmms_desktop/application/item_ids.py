"""Ids of what belongs to a checklist item although no column says so: photos of it, orders that follow it up.

The id itself is the link: computed from the item's, it is exact on every device, compares no text, and a row that is
made twice is the same row. Commands make rows with these ids, queries find them.
"""

from sync_server.contract.rules.draft import derived_id


def photo_id(item_id: str, sha256: str) -> str:
    """Id of the attachment that shows an item with this content."""
    return derived_id(item_id, f"photo:{sha256}")


def follow_up_id(item_id: str, number: str) -> str:
    """Id of the order that follows an item up under a number; no device gives a number twice."""
    return derived_id(item_id, f"follow_up:{number}")
