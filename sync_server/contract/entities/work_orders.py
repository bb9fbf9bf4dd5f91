"""The work order: root of the aggregate that a technician's day is made of."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Decimals, Guid, Integer, Text, UTCDateTime
from sync_server.contract.entities.stock import LEAST_QUANTITY
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
    """Identity in the system that the order was imported from. None: it was not imported."""
    import_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Import that made it. None: made by people."""
    title: Mapped[str] = synced(Text, characters=200)
    """What is to be done, in one line."""
    description: Mapped[str | None] = synced(Text, merge=Merge.TEXT)
    """What is to be done, at length; two texts are merged. None: the title says it all."""
    status: Mapped[str] = synced(Text, merge=Merge.STATUS, default="new", words=STATES)
    """Where it stands; who may move it on says rules/status.py."""
    status_reason: Mapped[str | None] = synced(Text, characters=1000)
    """Why it is on hold, rejected or returned; in the words of who did it. None: nothing had to be said."""
    priority: Mapped[str] = synced(Text, default="medium", words=PRIORITIES)
    """How urgent it is."""
    type: Mapped[str] = synced(Text, default="repair", words=TYPES)
    """What sort of work it is."""
    source_type: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=200)
    """The type's word in the imported file. None: it was not imported, or said none."""
    site_id: Mapped[str] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    """Where; decides who sees it and who may write."""
    location_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="location")
    """Building, floor or room. None: not told."""
    asset_id: Mapped[str | None] = synced(Guid, references="asset")
    """What is worked on. None: nothing known, or see `asset_text`."""
    asset_text: Mapped[str | None] = synced(Text, characters=200)
    """A scanned or imported code that no known asset carries; never lost. None: there was none."""
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """The order whose failed item this one follows up. None: it stands alone."""
    hazards: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS)
    """What endangers whoever goes there. None: nothing known."""
    due_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.OFFICE_WINS)
    """When it has to be done at the latest, UTC. None: whenever."""
    scheduled_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.OFFICE_WINS)
    """When it is planned to begin, UTC. None: not planned."""
    route_position: Mapped[int | None] = synced(Integer, merge=Merge.OFFICE_WINS)
    """Place in the assignee's route of that day, from 1. None: not planned."""
    estimated_minutes: Mapped[int | None] = synced(Integer, merge=Merge.OFFICE_WINS, at_least=0)
    """Work that the office expects. None: not estimated."""
    actual_minutes: Mapped[int | None] = synced(Integer, merge=Merge.DERIVED, at_least=0)
    """Work that it took, as entered before visits told it; the release before reads it (D-194). None: nothing was."""
    cost: Mapped[Decimal | None] = synced(Decimals, merge=Merge.DERIVED)
    """What an imported file says that it cost, in the organization's currency (D-194). None: none, or nothing said."""
    completion_note: Mapped[str | None] = synced(Text, merge=Merge.TEXT)
    """What the technician says at the end; two texts are merged. None: nothing said."""
    requires_signature: Mapped[bool] = synced(Boolean, merge=Merge.OFFICE_WINS, default=True)
    """Whether it is completed only with a technician's signature."""
    completed_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    """When it was completed last. None: it is not completed."""
    closed_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    """When it was closed. None: it is not closed."""
    performed_signature_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Signature with which it was completed. None: none that counts."""
    approved_signature_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Signature with which it was signed off. None: none that counts."""
    is_signature_stale: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Signed content was edited after the signature."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Another live order has this number."""


class WorkOrderAssignmentFields(SyncedEntity):
    """Who does it: a person, a team or a company, never two of them."""

    entity = "work_order_assignment"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """What is to be done."""
    person_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="person")
    """Who does it. None: a team or a company does."""
    team_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="team")
    """The team that does it. None: a person or a company does."""
    contractor_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, since=5)
    """The company that does it, of those the server alone keeps; nobody holds the order by it. None: one of us does."""
    contractor_name: Mapped[str | None] = synced(Text, merge=Merge.DERIVED, since=5, characters=200)
    """What the company was called when it was given the order, written by the server. None: no company has it."""


class WorkOrderAssetFields(SyncedEntity):
    """A further asset that an order is about, beside the one that it names itself."""

    entity = "work_order_asset"
    aggregates = ("work_order",)
    since = 4

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order", since=4)
    """The order."""
    asset_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """The asset. Two rows may name one: two people who scanned it meet nowhere before the server."""
    position: Mapped[int] = synced(Integer, merge=Merge.OFFICE_WINS, since=4, default=0, at_least=0)
    """Its place among the order's further assets, smallest first; need not be unique."""
    note: Mapped[str | None] = synced(Text, since=4, characters=1000)
    """What is to be done or was seen there. None: the same as on the others."""


class WorkOrderPartFields(SyncedEntity):
    """A part planned for an order. What was really used are movements."""

    entity = "work_order_part"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that needs it."""
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part")
    """What will be needed."""
    quantity: Mapped[Decimal] = synced(Decimals, merge=Merge.OFFICE_WINS, default="1", at_least=LEAST_QUANTITY)
    """How much, in the part's unit."""
