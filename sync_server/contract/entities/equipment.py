"""Assets: what is maintained, and the stub of each by which a scan finds it."""

from datetime import date

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Date, Double, Guid, Integer, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced


class AssetTypeFields(SyncedEntity):
    """Kind of asset: pump, chiller, lift."""

    entity = "asset_type"
    aggregates = ("asset_type",)
    natural_key = "code"

    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    """Short name of the type. Two with one code stay two: see `code_conflict`."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """Name in lists."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Another live type has this code."""


class AssetFields(SyncedEntity):
    """A maintained thing, in a tree of its parts."""

    entity = "asset"
    aggregates = ("asset",)
    natural_key = "code"

    site_id: Mapped[str] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    """Site where it stands; decides who sees it."""
    location_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="location")
    """Building, floor or room. None: not told."""
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="asset")
    """Asset that it is a part of. None: it stands alone."""
    asset_type_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="asset_type")
    """Kind of asset. None: not told."""
    code: Mapped[str] = synced(Text, characters=200)
    """Number on its label. Two with one code stay two: see `code_conflict`."""
    name: Mapped[str] = synced(Text, characters=200)
    """What people call it."""
    serial: Mapped[str | None] = synced(Text, characters=200)
    """Manufacturer's serial number. None: unknown."""
    registration_number: Mapped[str | None] = synced(Text, characters=200)
    """Number under which an authority knows it. None: not registered, or unknown."""
    qr_code: Mapped[str | None] = synced(Text, characters=200)
    """What its label's QR code says, as scanned. None: it says the code, or there is none."""
    status: Mapped[str] = synced(
        Text, default="operational", words=("operational", "degraded", "down", "retired"), characters=20
    )
    """Whether it does its work."""
    health_score: Mapped[int | None] = synced(Integer, merge=Merge.OFFICE_WINS, at_least=0, at_most=100)
    """Condition in percent, 100 as new. None: not rated."""
    manufacturer: Mapped[str | None] = synced(Text, characters=200)
    """Who made it. None: unknown."""
    model: Mapped[str | None] = synced(Text, characters=200)
    """Manufacturer's name of the model. None: unknown."""
    installed_on: Mapped[date | None] = synced(Date)
    """Day of installation. None: unknown."""
    warranty_until: Mapped[date | None] = synced(Date)
    """Last day of the warranty. None: unknown, or never had one."""
    latitude: Mapped[float | None] = synced(Double, at_least=-90, at_most=90)
    """Degrees, WGS 84. None: not measured."""
    longitude: Mapped[float | None] = synced(Double, at_least=-180, at_most=180)
    """Degrees, WGS 84. None: not measured."""
    notes: Mapped[str | None] = synced(Text, merge=Merge.TEXT)
    """What whoever stands before it should know; two texts are merged. None: nothing."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Another live asset has this code; a supervisor links or renames."""


class AssetStubFields(SyncedEntity):
    """Enough of an asset that a scan anywhere on the site finds it. Written with its asset, never alone."""

    entity = "asset_stub"
    aggregates = ("asset_stub",)

    asset_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="asset")
    """The asset."""
    site_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="site")
    """The asset's site; decides who finds it."""
    code: Mapped[str] = synced(Text, merge=Merge.DERIVED)
    """The asset's `code`."""
    name: Mapped[str] = synced(Text, merge=Merge.DERIVED)
    """The asset's `name`."""
    serial: Mapped[str | None] = synced(Text, merge=Merge.DERIVED)
    """The asset's `serial`. None: unknown."""
    qr_code: Mapped[str | None] = synced(Text, merge=Merge.DERIVED)
    """The asset's `qr_code`. None: as there."""
    asset_type_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """The asset's type. None: not told."""
