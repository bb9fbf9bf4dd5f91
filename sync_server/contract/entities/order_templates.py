"""Templates of orders: what a recurring piece of work is, so that an order for it is made in one step."""

from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Decimals, Guid, Integer, Text
from sync_server.contract.entities.stock import LEAST_QUANTITY
from sync_server.contract.entities.work_orders import PRIORITIES, TYPES
from sync_server.contract.fields import Merge, SyncedEntity, synced


class WorkOrderTemplateFields(SyncedEntity):
    """What an order of this sort says, and the checklist that they are issued with. Orders keep what they got."""

    entity = "work_order_template"
    aggregates = ("work_order_template",)
    since = 4

    name: Mapped[str] = synced(Text, since=4, characters=200)
    """Name in lists."""
    title: Mapped[str] = synced(Text, since=4, characters=200)
    """Title of the orders."""
    description: Mapped[str | None] = synced(Text, since=4)
    """What is to be done, at length. None: the title says it all."""
    type: Mapped[str] = synced(Text, since=4, default="maintenance", words=TYPES)
    """What sort of work it is."""
    priority: Mapped[str] = synced(Text, since=4, default="medium", words=PRIORITIES)
    """How urgent it is."""
    hazards: Mapped[str | None] = synced(Text, since=4)
    """What endangers whoever does it. None: nothing known."""
    estimated_minutes: Mapped[int | None] = synced(Integer, since=4, at_least=1, at_most=100_000)
    """Work that it takes as a rule. None: not estimated."""
    requires_signature: Mapped[bool] = synced(Boolean, since=4, default=True)
    """Whether the orders are completed only with a technician's signature."""
    checklist_template_id: Mapped[str | None] = synced(Guid, references="checklist_template", since=4)
    """Checklist that the orders are issued with, in the version that this names. None: without one."""
    is_active: Mapped[bool] = synced(Boolean, since=4, default=True)
    """Whether new orders are made of it."""


class WorkOrderTemplatePartFields(SyncedEntity):
    """A part that orders of a template need."""

    entity = "work_order_template_part"
    aggregates = ("work_order_template",)
    since = 4

    work_order_template_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order_template", since=4)
    """The template."""
    part_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="part", since=4)
    """What will be needed."""
    quantity: Mapped[Decimal] = synced(Decimals, since=4, default="1", at_least=LEAST_QUANTITY)
    """How much, in the part's unit."""
