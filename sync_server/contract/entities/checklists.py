"""Checklists: versioned templates, and the issued lists that keep the version they were issued with."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Boolean, Decimals, Guid, Integer, JsonText, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

ITEM_KINDS = ("pass_fail", "number", "text", "choice", "photo")
RESULTS = ("pass", "flag", "fail", "na")


class ChecklistTemplateFields(SyncedEntity):
    """One version of a checklist, as the office wrote it."""

    entity = "checklist_template"
    aggregates = ("checklist_template",)

    code: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    template_version: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=1, at_least=1)
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    items: Mapped[str] = synced(JsonText, merge=Merge.FIXED, characters=200_000)
    """JSON list of item definitions; shape in rules/checklist.py."""
    is_active: Mapped[bool] = synced(Boolean, merge=Merge.OFFICE_WINS, default=True)


class ChecklistFields(SyncedEntity):
    """A checklist issued for an order."""

    entity = "checklist"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    template_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="checklist_template")
    template_version: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=1)
    name: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=200)
    position: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=0)


class ChecklistItemFields(SyncedEntity):
    """One question of an issued checklist, with its answer. Each answer is a register of its own."""

    entity = "checklist_item"
    aggregates = ("work_order",)

    checklist_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="checklist")
    key: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    """Name of the item inside its template; conditions refer to it."""
    section: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=200)
    position: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=0)
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=ITEM_KINDS)
    prompt: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=1000)
    unit: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=40)
    minimum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.FIXED)
    maximum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.FIXED)
    choices: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    condition: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    is_mandatory: Mapped[bool] = synced(Boolean, merge=Merge.FIXED, default=True)
    last_value: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=200)
    """What was read at the previous visit, as text."""
    result: Mapped[str | None] = synced(Text, words=RESULTS)
    value: Mapped[str | None] = synced(Text)
    note: Mapped[str | None] = synced(Text)
    photo_sha256: Mapped[str | None] = synced(Text, characters=64)
    answered_at: Mapped[datetime | None] = synced(UTCDateTime)
    """By the device's clock."""
    answered_by: Mapped[str | None] = synced(Guid)
    answered_offset_ms: Mapped[int | None] = synced(BigInteger, since=2)
    """Server clock minus the clock of `answered_at`, as last measured; None: never measured."""
