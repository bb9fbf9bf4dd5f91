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
    person_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    travel_at: Mapped[datetime | None] = synced(UTCDateTime)
    arrived_at: Mapped[datetime | None] = synced(UTCDateTime)
    started_at: Mapped[datetime | None] = synced(UTCDateTime)
    ended_at: Mapped[datetime | None] = synced(UTCDateTime)
    travel_minutes: Mapped[int | None] = synced(Integer, at_least=0)
    work_minutes: Mapped[int | None] = synced(Integer, at_least=0)
    break_minutes: Mapped[int | None] = synced(Integer, at_least=0)


class WorkLogEventFields(SyncedEntity):
    """Something that happened on a visit, with the position as it was measured then."""

    entity = "work_log_event"
    aggregates = ("work_order",)
    append_only = True

    work_log_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_log")
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=EVENTS)
    device_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """By the device's clock."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED)
    """Server clock minus device clock, as last measured; None: never measured."""
    latitude: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=-90, at_most=90)
    longitude: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=-180, at_most=180)
    accuracy_m: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=0)
    fix_age_s: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=0)
    source: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=40)
    """nmea-file, nmea-tcp, nmea-serial or manual."""
    is_mock: Mapped[bool] = synced(Boolean, merge=Merge.FIXED, default=False)
    fence: Mapped[str | None] = synced(Text, merge=Merge.FIXED, words=("inside", "outside", "unknown"))
    distance_m: Mapped[float | None] = synced(Double, merge=Merge.FIXED, at_least=0)
    reason: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=1000)
    is_late: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Arrived after its author had lost access (sync.md §5)."""
