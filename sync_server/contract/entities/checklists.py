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
    """Name of the template; all its versions share it."""
    template_version: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=1, at_least=1)
    """Number of the version, from 1; a published one never changes."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """Name in lists."""
    items: Mapped[str] = synced(JsonText, merge=Merge.FIXED, characters=200_000)
    """JSON list of item definitions; shape in rules/checklist.py."""
    is_active: Mapped[bool] = synced(Boolean, merge=Merge.OFFICE_WINS, default=True)
    """Whether new orders may be issued with it."""


class ChecklistFields(SyncedEntity):
    """A checklist issued for an order."""

    entity = "checklist"
    aggregates = ("work_order",)

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that it was issued for."""
    template_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="checklist_template")
    """Template that it was made from. None: made for this order alone."""
    template_version: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=1)
    """That template's version when it was issued; it stays."""
    name: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=200)
    """Name above the list."""
    position: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=0)
    """Place among the order's checklists, from 0."""
    asset_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """The one of the order's assets that its items are about. None: they are about the order as a whole."""


class ChecklistItemFields(SyncedEntity):
    """One question of an issued checklist, with its answer. Each answer is a register of its own."""

    entity = "checklist_item"
    aggregates = ("work_order",)

    checklist_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="checklist")
    """Checklist that it is a line of."""
    key: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    """Name of the item inside its template; conditions refer to it."""
    section: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=200)
    """Heading that it stands under. None: none."""
    position: Mapped[int] = synced(Integer, merge=Merge.FIXED, default=0)
    """Place in the checklist, from 0."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=ITEM_KINDS)
    """How it is answered."""
    prompt: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=1000)
    """The question, as the technician reads it."""
    unit: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=40)
    """Unit of a number. None: none."""
    minimum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.FIXED)
    """Least value that is in order, inclusive. None: no limit."""
    maximum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.FIXED)
    """Greatest value that is in order, inclusive. None: no limit."""
    choices: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON list of the words to choose from. None: not of kind choice."""
    condition: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of the item and the answers to it that it hangs on. None: always asked."""
    is_mandatory: Mapped[bool] = synced(Boolean, merge=Merge.FIXED, default=True)
    """Whether the order is completed only with an answer."""
    last_value: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=200)
    """What was read at the previous visit, as text. None: nothing, or not known."""
    result: Mapped[str | None] = synced(Text, words=RESULTS)
    """What was found. None: not answered."""
    value: Mapped[str | None] = synced(Text)
    """Number, text or choice that was entered, as text. None: the result says it all."""
    note: Mapped[str | None] = synced(Text)
    """What the technician adds. None: nothing."""
    photo_sha256: Mapped[str | None] = synced(Text, characters=64)
    """Digest of the photo that belongs to the answer, hex. None: none."""
    answered_at: Mapped[datetime | None] = synced(UTCDateTime)
    """When, by the device's clock. None: not answered."""
    answered_by: Mapped[str | None] = synced(Guid)
    """Person who answered. None: not answered."""
    answered_offset_ms: Mapped[int | None] = synced(BigInteger, since=2)
    """Server clock minus the clock of `answered_at`, as last measured; None: never measured."""
