"""What people ask the office for: that something is looked at. An order comes of it, or an answer why not."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Guid, Text, UTCDateTime
from sync_server.contract.entities.work_orders import PRIORITIES
from sync_server.contract.fields import Merge, SyncedEntity, synced

REQUEST_STATES = ("new", "accepted", "declined", "withdrawn")


class ServiceRequestFields(SyncedEntity):
    """Somebody asks for service at a site. He sees it with its outcome, and so does the office of the site.

    What was asked is never changed: it is withdrawn, and asked for again. States follow rules/requesting.py.
    """

    entity = "service_request"
    aggregates = ("service_request",)
    since = 5

    site_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="site", since=5)
    """Where; its office decides."""
    location_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="location", since=5)
    """Building, floor or room. None: not told."""
    asset_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="asset", since=5)
    """What is to be looked at. None: not told."""
    title: Mapped[str] = synced(Text, merge=Merge.FIXED, since=5, characters=200)
    """What is wrong or wanted, in one line."""
    description: Mapped[str | None] = synced(Text, merge=Merge.FIXED, since=5, characters=4000)
    """The same at length. None: the title says it all."""
    urgency: Mapped[str] = synced(Text, merge=Merge.FIXED, since=5, default="medium", words=PRIORITIES)
    """How urgent it is to who asks; the priority of the order that comes of it."""
    is_for_other: Mapped[bool] = synced(Boolean, merge=Merge.FIXED, since=5, default=False)
    """Somebody without an account asked, and its author wrote it down; `service_requester` says who, to the office."""
    status: Mapped[str] = synced(Text, merge=Merge.DERIVED, since=5, default="new", words=REQUEST_STATES)
    """Where it stands."""
    reason: Mapped[str | None] = synced(Text, merge=Merge.DERIVED, since=5, characters=1000)
    """Why it was declined or withdrawn, in the words of who did it. None: nothing had to be said."""
    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED, references="work_order", since=5)
    """Order that came of it. None: none."""
    decided_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED, since=5)
    """Who accepted, declined or withdrew it. None: nobody yet, or an administrator's command."""
    decided_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=5)
    """When, by the server's clock. None: not yet."""
