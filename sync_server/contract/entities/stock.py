"""Parts, where they lie, and the ledger of movements whose sum is the stock."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Boolean, Decimals, Guid, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

MOVEMENTS = ("purchase", "usage", "adjustment", "return", "transfer")


class PartFields(SyncedEntity):
    """Something that is stocked and used."""

    entity = "part"
    aggregates = ("part",)
    natural_key = "code"

    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    unit: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, default="each", characters=20)
    unit_cost: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS)
    barcode: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)


class StockLocationFields(SyncedEntity):
    """Store, bin or van. A van belongs to a person."""

    entity = "stock_location"
    aggregates = ("stock_location",)

    site_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="site")
    owner_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="person")
    """Whose van it is; None for a store or bin."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=("store", "bin", "van"))
    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)


class StockLevelFields(SyncedEntity):
    """How much of a part lies at a stock location: the sum of its movements, never set by hand."""

    entity = "stock_level"
    aggregates = ("stock_level",)

    stock_location_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="stock_location")
    part_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="part")
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.DERIVED, default="0")
    """In the part's unit. May be negative: work is never refused for want of stock."""


class StockMovementFields(SyncedEntity):
    """One posting of the ledger. Used on an order it belongs to the order's aggregate, else to its level's."""

    entity = "stock_movement"
    aggregates = ("work_order", "stock_level")
    append_only = True

    stock_location_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="stock_location")
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part")
    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order")
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=MOVEMENTS)
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.FIXED)
    """Signed change of the level, in the part's unit: using two is -2."""
    moved_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """By the device's clock."""
    note: Mapped[str | None] = synced(Text, merge=Merge.FIXED)
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED, since=2)
    """Server clock minus device clock, as last measured; None: never measured."""


class PartRequestFields(SyncedEntity):
    """Stock ran short on an order: somebody has to buy or bring it."""

    entity = "part_request"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part")
    stock_location_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="stock_location")
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.OFFICE_WINS)
    status: Mapped[str] = synced(
        Text, merge=Merge.OFFICE_WINS, default="open", words=("open", "ordered", "received", "cancelled")
    )
