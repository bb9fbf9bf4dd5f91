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
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)


class AssetFields(SyncedEntity):
    """A maintained thing, in a tree of its parts."""

    entity = "asset"
    aggregates = ("asset",)
    natural_key = "code"

    site_id: Mapped[str] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    location_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="location")
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="asset")
    asset_type_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="asset_type")
    code: Mapped[str] = synced(Text, characters=200)
    name: Mapped[str] = synced(Text, characters=200)
    serial: Mapped[str | None] = synced(Text, characters=200)
    registration_number: Mapped[str | None] = synced(Text, characters=200)
    qr_code: Mapped[str | None] = synced(Text, characters=200)
    status: Mapped[str] = synced(
        Text, default="operational", words=("operational", "degraded", "down", "retired"), characters=20
    )
    health_score: Mapped[int | None] = synced(Integer, merge=Merge.OFFICE_WINS, at_least=0, at_most=100)
    manufacturer: Mapped[str | None] = synced(Text, characters=200)
    model: Mapped[str | None] = synced(Text, characters=200)
    installed_on: Mapped[date | None] = synced(Date)
    warranty_until: Mapped[date | None] = synced(Date)
    latitude: Mapped[float | None] = synced(Double, at_least=-90, at_most=90)
    longitude: Mapped[float | None] = synced(Double, at_least=-180, at_most=180)
    notes: Mapped[str | None] = synced(Text, merge=Merge.TEXT)
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)


class AssetStubFields(SyncedEntity):
    """Enough of an asset that a scan anywhere on the site finds it. Written with its asset, never alone."""

    entity = "asset_stub"
    aggregates = ("asset_stub",)

    asset_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="asset")
    site_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED, references="site")
    code: Mapped[str] = synced(Text, merge=Merge.DERIVED)
    name: Mapped[str] = synced(Text, merge=Merge.DERIVED)
    serial: Mapped[str | None] = synced(Text, merge=Merge.DERIVED)
    qr_code: Mapped[str | None] = synced(Text, merge=Merge.DERIVED)
    asset_type_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
