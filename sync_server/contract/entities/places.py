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
    """Short name that people use. Two with one code stay two: see `code_conflict`."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """Name in lists."""
    address: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, characters=500)
    """Where to drive to, in free text. None: unknown."""
    latitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-90, at_most=90)
    """Degrees, WGS 84. None: unknown."""
    longitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-180, at_most=180)
    """Degrees, WGS 84. None: unknown."""
    fence_radius_m: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=1, at_most=100_000)
    """Radius of the fence around the position, metres. None: no fence."""
    time_zone: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, default="UTC", characters=60)
    """IANA name of the zone in which its days begin."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Another live site has this code; a supervisor renames one of them."""


class LocationFields(SyncedEntity):
    """Building, floor or room of a site: a tree."""

    entity = "location"
    aggregates = ("location",)

    site_id: Mapped[str] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    """Site that it is a part of."""
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="location")
    """Location that it lies in. None: directly on the site."""
    kind: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, words=("building", "floor", "room", "area"))
    """What sort of place it is."""
    code: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    """Short name on its door or plan; need not be unique."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """Name in lists."""
    latitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-90, at_most=90)
    """Degrees, WGS 84. None: not measured."""
    longitude: Mapped[float | None] = synced(Double, merge=Merge.OFFICE_WINS, at_least=-180, at_most=180)
    """Degrees, WGS 84. None: not measured."""
