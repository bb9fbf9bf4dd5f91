"""What belongs to a checklist item although no column says so: photos of it, and orders that follow it up.

Found by their ids (application/item_ids.py), never by comparing text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cmms_desktop.application.item_ids import follow_up_id, photo_id
from cmms_desktop.application.queries.lookups import OrderLink, text_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row, Scalar


@dataclass(frozen=True, slots=True)
class ItemLinks:
    """Item → digests of its photos, the answer's first; item → the newest order that follows it up."""

    photos: Mapping[str, tuple[str, ...]]
    follow_ups: Mapping[str, OrderLink]


def item_links(reading: Reading, order_id: str, items: Sequence[Row]) -> ItemLinks:
    """Find photos and follow-ups of the items of one order."""
    attached = reading.cursor.execute(
        "SELECT id, sha256 FROM attachment WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY taken_at, id",
        (order_id,),
    ).fetchall()
    children = reading.cursor.execute(
        "SELECT id, number, title, status FROM work_order WHERE parent_id = ? AND deleted_at IS NULL"
        " ORDER BY created_at, id",
        (order_id,),
    ).fetchall()
    photos = {text_of(item["id"]): _photos(item, attached) for item in items}
    return ItemLinks(photos, _follow_ups(items, children))


def _photos(item: Row, attached: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    item_id, answered = text_of(item["id"]), text_of(item["photo_sha256"])
    others = [sha256 for row_id, sha256 in attached if row_id == photo_id(item_id, sha256)]
    return tuple(dict.fromkeys(each for each in (answered, *others) if each))


def _follow_ups(items: Sequence[Row], children: Sequence[Sequence[Scalar]]) -> dict[str, OrderLink]:
    links: dict[str, OrderLink] = {}
    for cells in children:
        order = OrderLink(*(text_of(cell) for cell in cells))
        owner = next((item for item in items if follow_up_id(text_of(item["id"]), order.number) == order.id), None)
        if owner is not None:
            links[text_of(owner["id"])] = order
    return links
