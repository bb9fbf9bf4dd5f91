"""Visits: one work log per visit, with what happened as append-only events that carry the evidence."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Boolean, Double, Guid, Integer, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

EVENTS = ("travel", "arrive", "start", "pause", "resume", "finish", "leave", "manual")


class WorkLogFields(SyncedEntity):
    """One visit of one person. Two visits are two rows, never an overwrite."""

    entity = "work_log"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that was visited."""
    person_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    """Who came."""
    travel_at: Mapped[datetime | None] = synced(UTCDateTime)
    """When he set out, by the device's clock. None: not told."""
    arrived_at: Mapped[datetime | None] = synced(UTCDateTime)
    """When he arrived, by the device's clock. None: not yet, or not told."""
    started_at: Mapped[datetime | None] = synced(UTCDateTime)
    """When he began to work, by the device's clock. None: not yet."""
    ended_at: Mapped[datetime | None] = synced(UTCDateTime)
    """When the visit was over, by the device's clock. None: it goes on."""
    travel_minutes: Mapped[int | None] = synced(Integer, at_least=0)
    """Minutes on the way. None: not known."""
    work_minutes: Mapped[int | None] = synced(Integer, at_least=0)
    """Minutes of work without breaks. None: not known."""
    break_minutes: Mapped[int | None] = synced(Integer, at_least=0)
    """Minutes of breaks. None: not known."""


class WorkLogEventFields(SyncedEntity):
    """Something that happened on a visit, with the position as it was measured then."""

    entity = "work_log_event"
    aggregates = ("work_order",)
    append_only = True

    work_log_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_log")
    """Visit that it happened on."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=EVENTS)
    """What happened."""
    device_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """When, by the device's clock."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED)
    """Server clock minus device clock, as last measured; None: never measured."""
    latitude: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=-90, at_most=90)
    """Degrees, WGS 84, as measured. None: no fix."""
    longitude: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=-180, at_most=180)
    """Degrees, WGS 84, as measured. None: no fix."""
    accuracy_m: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=0)
    """Radius in which the receiver believed to be, metres. None: it did not say."""
    fix_age_s: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=0)
    """Age of the fix when the event was recorded, seconds. None: no fix."""
    source: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=40)
    """Where the fix came from: nmea-file, nmea-tcp, nmea-serial or manual. None: no fix."""
    is_mock: Mapped[bool] = synced(Boolean, merge=Merge.FIXED, default=False)
    """Whether the receiver said that the position was made up."""
    fence: Mapped[str | None] = synced(Text, merge=Merge.FIXED, words=("inside", "outside", "unknown"))
    """Where that was, against the site's fence. None: not compared."""
    distance_m: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=0)
    """Distance to the site's position by the haversine, metres. None: not compared."""
    reason: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=1000)
    """Why it was outside or without a fix, in the technician's words. None: not asked."""
    is_late: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Arrived after its author had lost access (sync.md §5)."""
