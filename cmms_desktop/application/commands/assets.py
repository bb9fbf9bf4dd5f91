"""Which asset stands in front of the technician: a scanned or typed code, looked up on the device only."""

from dataclasses import dataclass

from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.fields import Scalar


@dataclass(frozen=True, slots=True)
class Identified:
    """What a code led to. `asset_id` None: no asset of the sites on this device carries it."""

    code: str
    asset_id: str | None
    name: str | None
    is_expected: bool
    """It is an asset that the order names."""
    has_asset: bool = False
    """The order names another one already."""


def identify(write: LocalWrite, order_id: str, code: str) -> Identified:
    """Look a code up among codes, QR codes and serials of the sites' assets. Changes nothing."""
    found = write.cursor.execute(
        "SELECT asset_id, name FROM asset_stub WHERE deleted_at IS NULL AND (code = ? OR qr_code = ? OR serial = ?)"
        " ORDER BY code = ? DESC LIMIT 1",
        (code, code, code, code),
    ).fetchone()
    if found is None:
        return Identified(code, None, None, is_expected=False)
    order = write.get("work_order", order_id)
    main = None if order is None else order["asset_id"]
    is_expected = found[0] in {main, *_further(write, order_id)}
    return Identified(code, found[0], found[1], is_expected=is_expected, has_asset=main is not None)


def link(write: LocalWrite, order_id: str, identified: Identified) -> None:
    """Put the asset on the order; an unknown code is kept as text, so that it is never lost."""
    if identified.asset_id is not None:
        write.set("work_order", order_id, asset_id=identified.asset_id, asset_text=None)
    else:
        write.set("work_order", order_id, asset_text=identified.code)


def add(write: LocalWrite, order_id: str, identified: Identified) -> None:
    """Put an asset on the order beside the one that it names; twice is once."""
    if identified.asset_id is None or identified.asset_id in _further(write, order_id):
        return
    values: dict[str, Scalar] = {"work_order_id": order_id, "asset_id": identified.asset_id}
    write.create("work_order_asset", values, aggregate_id=order_id)


def _further(write: LocalWrite, order_id: str) -> set[object]:
    found = write.cursor.execute(
        "SELECT asset_id FROM work_order_asset WHERE aggregate_id = ? AND deleted_at IS NULL", (order_id,)
    )
    return {asset_id for (asset_id,) in found}
