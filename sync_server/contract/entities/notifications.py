"""What somebody is told that others did, or that comes due. Written by the server in the commit of what it tells."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Date, Guid, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

NOTICES = ("assigned", "returned", "held_decided", "request_decided", "document_expires", "reading_critical")
SUBJECTS = ("work_order", "held_mutation", "service_request", "asset")


class NotificationFields(SyncedEntity):
    """One thing told to one person, who alone has it on his devices and says that he has read it."""

    entity = "notification"
    aggregates = ("notification",)
    since = 5
    month_column = "received_on"

    person_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person", since=5)
    """Who is told."""
    site_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="site", since=5)
    """Where that is which it tells of. None: at no site."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, since=5, words=NOTICES)
    """What has happened."""
    subject: Mapped[str] = synced(Text, merge=Merge.FIXED, since=5, words=SUBJECTS)
    """Entity of what it is about."""
    subject_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, since=5)
    """Id of that; it may have left the device."""
    title: Mapped[str] = synced(Text, merge=Merge.FIXED, since=5, characters=400)
    """What it is about, as it was called then: number and title of the order, code of the asset."""
    detail: Mapped[str | None] = synced(Text, merge=Merge.FIXED, since=5, characters=1000)
    """What is said to it: a reason, a reading, a last day. None: the kind says it all."""
    received_on: Mapped[date] = synced(Date, merge=Merge.FIXED, since=5)
    """Day on which it was written, UTC; the part it lies in."""
    read_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=5)
    """When its person read it first, by the device's clock. None: not yet."""
