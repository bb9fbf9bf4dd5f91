"""Parts, whom they are bought from, where they lie, and the ledger of movements whose sum is the stock."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Boolean, Decimals, Guid, Text, UTCDateTime
from sync_server.contract.entities.costs import CURRENCIES
from sync_server.contract.fields import Merge, SyncedEntity, synced

LEAST_QUANTITY = 0.0001
"""The smallest quantity that there is."""
MOVEMENTS = ("purchase", "usage", "adjustment", "return", "transfer")


class VendorFields(SyncedEntity):
    """Whom parts are bought from. How to reach somebody there is kept apart, at the server."""

    entity = "vendor"
    aggregates = ("vendor",)
    since = 5
    natural_key = "code"

    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, since=5, characters=60)
    """Its number at the organization. Two with one code stay two: see `code_conflict`."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, since=5, characters=200)
    """What people call it."""
    currency: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, since=5, words=CURRENCIES)
    """In what it is paid, by ISO 4217. None: in any."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, since=5, default=False)
    """Another live vendor has this code."""


class PartFields(SyncedEntity):
    """Something that is stocked and used."""

    entity = "part"
    aggregates = ("part",)
    natural_key = "code"

    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """Article number. Two with one code stay two: see `code_conflict`."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """What people call it."""
    unit: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, default="each", characters=20)
    """What one is: each, m, l; quantities count these."""
    unit_cost: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS)
    """Cost of one unit, in the organization's currency. None: unknown."""
    barcode: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """What a scanner reads of its packing. None: none known."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Another live part has this code."""
    vendor_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, since=5, references="vendor")
    """Whom it is bought from. None: nobody said."""
    reorder_point: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=5, at_least=0)
    """Where the stores and bins of a site hold so much or less, it is to be reordered. None: never."""
    reorder_quantity: Mapped[Decimal | None] = synced(
        Decimals, merge=Merge.OFFICE_WINS, since=5, at_least=LEAST_QUANTITY
    )
    """How much is ordered at once, in the part's unit. None: nobody said."""


class StockLocationFields(SyncedEntity):
    """Store, bin or van. A van belongs to a person."""

    entity = "stock_location"
    aggregates = ("stock_location",)

    site_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="site")
    """Site that it belongs to; for a van, where it comes from."""
    owner_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="person")
    """Whose van it is; None for a store or bin."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=("store", "bin", "van"))
    """What it is."""
    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    """Short name, as on the shelf; need not be unique."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """Name in lists."""
    capacity: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=5, at_least=LEAST_QUANTITY)
    """How much it has room for in all, each part counted in its unit. None: nobody said."""


class StockLevelFields(SyncedEntity):
    """How much of a part lies at a stock location: the sum of its movements, never set by hand."""

    entity = "stock_level"
    aggregates = ("stock_level",)

    stock_location_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="stock_location")
    """Where it lies."""
    part_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="part")
    """What lies there; once for each place and part."""
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.DERIVED, default="0")
    """In the part's unit. May be negative: work is never refused for want of stock."""


class StockMovementFields(SyncedEntity):
    """One posting of the ledger. Used on an order it belongs to the order's aggregate, else to its level's."""

    entity = "stock_movement"
    aggregates = ("work_order", "stock_level")
    append_only = True

    stock_location_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="stock_location")
    """Whose level it changes."""
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part")
    """What was moved."""
    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that it was used for. None: none, such as a purchase."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=MOVEMENTS)
    """Why it was moved."""
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.FIXED)
    """Signed change of the level, in the part's unit: using two is -2."""
    moved_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """When, by the device's clock."""
    note: Mapped[str | None] = synced(Text, merge=Merge.FIXED)
    """In the words of who moved it. None: nothing said."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED, since=2)
    """Server clock minus device clock, as last measured; None: never measured."""
    vendor_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, since=5, references="vendor")
    """Whom it was bought from. None: it was not bought, or nobody said."""


class PartRequestFields(SyncedEntity):
    """Stock ran short on an order: somebody has to buy or bring it."""

    entity = "part_request"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that waits for it."""
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part")
    """What is wanted."""
    stock_location_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="stock_location")
    """Where it ran short."""
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.OFFICE_WINS, at_least=LEAST_QUANTITY)
    """How much is wanted, in the part's unit."""
    status: Mapped[str] = synced(
        Text, merge=Merge.OFFICE_WINS, default="open", words=("open", "ordered", "received", "cancelled")
    )
    """How far the office is with it."""
    vendor_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, since=5, references="vendor")
    """Where it was ordered. None: nowhere yet, or nobody said."""
