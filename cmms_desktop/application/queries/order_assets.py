"""The further assets of an order, and which asset a checklist is about, by their labels. Frozen rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import asset_label, packed, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True)
class FurtherAsset:
    """An asset beside the one that the order names. `label` None: it is not on this device."""

    asset_id: str
    label: str | None
    note: str | None


_FURTHER: Final = """
SELECT x.asset_id, coalesce(a.code, s.code), coalesce(a.name, s.name), x.note FROM work_order_asset x
JOIN work_order w ON w.id = x.aggregate_id
LEFT JOIN asset a ON a.id = x.asset_id AND a.deleted_at IS NULL
LEFT JOIN asset_stub s ON s.asset_id = x.asset_id AND s.deleted_at IS NULL
WHERE x.aggregate_id = ? AND x.deleted_at IS NULL AND x.asset_id IS NOT w.asset_id
ORDER BY coalesce(x.position, 0), 2, x.created_at, x.id"""
_LABELS: Final = """
SELECT j.value, coalesce(a.code, s.code), coalesce(a.name, s.name) FROM json_each(?) j
LEFT JOIN asset a ON a.id = j.value AND a.deleted_at IS NULL
LEFT JOIN asset_stub s ON s.asset_id = j.value AND s.deleted_at IS NULL"""


def further_assets(reading: Reading, order_id: str) -> tuple[FurtherAsset, ...]:
    """Give each asset once, in the order of the office; of two rows about one the first with a note speaks."""
    found: dict[str, FurtherAsset] = {}
    for asset_id, code, name, note in reading.cursor.execute(_FURTHER, (order_id,)).fetchall():
        line = FurtherAsset(text_of(asset_id), asset_label(code, name, None), text_or_none(note))
        if line.asset_id not in found or found[line.asset_id].note is None:
            found[line.asset_id] = line
    return tuple(found.values())


def asset_labels(reading: Reading, asset_ids: Iterable[object]) -> dict[str, str]:
    """Give the labels of assets by id; one that is not on this device is left out."""
    wanted = packed(str(asset_id) for asset_id in asset_ids if asset_id is not None)
    lines = reading.cursor.execute(_LABELS, (wanted,)).fetchall()
    labels = ((text_of(id_), asset_label(code, name, None)) for id_, code, name in lines)
    return {id_: label for id_, label in labels if label is not None}
