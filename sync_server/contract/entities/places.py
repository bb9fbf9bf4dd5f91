"""Sites with their fences, and the tree of locations inside."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Double, Guid, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced


class SiteFields(SyncedEntity):
    """A place where work is done. Its fence is a circle around its position."""

    entity = "site"
    aggregates = ("site",)
    natural_key = "code"

    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    address: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, characters=500)
    latitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-90, at_most=90)
    """Degrees, WGS 84."""
    longitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-180, at_most=180)
    fence_radius_m: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=1, at_most=100_000)
    time_zone: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, default="UTC", characters=60)
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)


class LocationFields(SyncedEntity):
    """Building, floor or room of a site: a tree."""

    entity = "location"
    aggregates = ("location",)

    site_id: Mapped[str] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="location")
    kind: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, words=("building", "floor", "room", "area"))
    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    latitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-90, at_most=90)
    longitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-180, at_most=180)
