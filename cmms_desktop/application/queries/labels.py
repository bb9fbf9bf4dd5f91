"""What a scanned or typed code leads to: an asset, a part or an order on this device. Looked up, never opened."""

from dataclasses import dataclass

from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True)
class Label:
    """The record that carries a code. `entity`: asset, part or work_order; for an asset `id` is the asset's own."""

    entity: str
    id: str
    name: str


_FIND = """
SELECT 'asset', asset_id, name FROM asset_stub
  WHERE deleted_at IS NULL AND (code = :code OR qr_code = :code OR serial = :code)
UNION ALL SELECT 'part', id, name FROM part WHERE deleted_at IS NULL AND (code = :code OR barcode = :code)
UNION ALL SELECT 'work_order', id, title FROM work_order WHERE deleted_at IS NULL AND number = :code
LIMIT 1"""


def find_label(reading: Reading, code: str) -> Label | None:
    """Give what carries exactly this code; None: nothing on this device."""
    found = reading.cursor.execute(_FIND, {"code": code}).fetchone() if code else None
    return None if found is None else Label(*found)
