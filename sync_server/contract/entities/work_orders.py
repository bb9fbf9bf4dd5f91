"""The work order: root of the aggregate that a technician's day is made of."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Decimals, Guid, Integer, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

STATES = ("new", "assigned", "in_progress", "on_hold", "completed", "closed", "cancelled", "rejected")
PRIORITIES = ("low", "medium", "high", "critical")
TYPES = ("maintenance", "repair", "inspection", "installation", "emergency")


class WorkOrderFields(SyncedEntity):
    """What is to be done, where, on what, until when; and how it stands."""

    entity = "work_order"
    aggregates = ("work_order",)
    natural_key = "number"

    number: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=60)
    """What people call it. Two with one number stay two: see `code_conflict`; the office renames one of them."""
    external_id: Mapped[str | None] = synced(Text, merge=Merge.DERIVED, characters=200)
    """Identity in the system that the order was imported from."""
    import_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    title: Mapped[str] = synced(Text, characters=200)
    description: Mapped[str | None] = synced(Text, merge=Merge.TEXT)
    status: Mapped[str] = synced(Text, merge=Merge.STATUS, default="new", words=STATES)
    status_reason: Mapped[str | None] = synced(Text, characters=1000)
    """Why it is on hold, rejected or returned; in the words of who did it."""
    priority: Mapped[str] = synced(Text, default="medium", words=PRIORITIES)
    type: Mapped[str] = synced(Text, default="repair", words=TYPES)
    source_type: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=200)
    """The type's word in the imported file."""
    site_id: Mapped[str] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    location_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="location")
    asset_id: Mapped[str | None] = synced(Guid, references="asset")
    asset_text: Mapped[str | None] = synced(Text, characters=200)
    """A scanned or imported code that no known asset carries; never lost."""
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """The order whose failed item this one follows up."""
    hazards: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS)
    due_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.OFFICE_WINS)
    scheduled_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.OFFICE_WINS)
    route_position: Mapped[int | None] = synced(Integer, merge=Merge.OFFICE_WINS)
    """Place in the assignee's route of that day, from 1."""
    estimated_minutes: Mapped[int | None] = synced(Integer, merge=Merge.OFFICE_WINS, at_least=0)
    actual_minutes: Mapped[int | None] = synced(Integer, at_least=0)
    cost: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS)
    completion_note: Mapped[str | None] = synced(Text, merge=Merge.TEXT)
    requires_signature: Mapped[bool] = synced(Boolean, merge=Merge.OFFICE_WINS, default=True)
    completed_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    closed_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    performed_signature_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    approved_signature_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    is_signature_stale: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Signed content was edited after the signature."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)


class WorkOrderAssignmentFields(SyncedEntity):
    """Who does it: a person or a team, never both."""

    entity = "work_order_assignment"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    person_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="person")
    team_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="team")


class WorkOrderPartFields(SyncedEntity):
    """A part planned for an order. What was really used are movements."""

    entity = "work_order_part"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part")
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.OFFICE_WINS, default="1")
