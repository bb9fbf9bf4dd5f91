"""Which asset stands in front of the technician: a scanned or typed code, looked up on the device only."""

from dataclasses import dataclass

from cmms_desktop.replica.local_write import LocalWrite


@dataclass(frozen=True, slots=True)
class Identified:
    """What a code led to. `asset_id` None: no asset of the sites on this device carries it."""

    code: str
    asset_id: str | None
    name: str | None
    is_expected: bool
    """It is the asset that the order names."""


def identify(write: LocalWrite, order_id: str, code: str) -> Identified:
    """Look a code up among codes, QR codes and serials of the sites' assets. Changes nothing."""
    found = write.cursor.execute(
        "SELECT asset_id, name FROM asset_stub WHERE deleted_at IS NULL AND (code = ? OR qr_code = ? OR serial = ?)"
        " ORDER BY code = ? DESC LIMIT 1",
        (code, code, code, code),
    ).fetchone()
    order = write.get("work_order", order_id)
    if found is None:
        return Identified(code, None, None, is_expected=False)
    return Identified(code, found[0], found[1], is_expected=order is not None and order["asset_id"] == found[0])


def link(write: LocalWrite, order_id: str, identified: Identified) -> None:
    """Put the asset on the order; an unknown code is kept as text, so that it is never lost."""
    if identified.asset_id is not None:
        write.set("work_order", order_id, asset_id=identified.asset_id, asset_text=None)
    else:
        write.set("work_order", order_id, asset_text=identified.code)
