"""What an organization adds by itself to the things that it works with: tags, and fields with their values."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Date, Decimals, Guid, Integer, JsonText, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced

SUBJECTS = ("work_order", "asset")
FIELD_KINDS = ("text", "number", "date", "choice", "yes_no")


class TagFields(SyncedEntity):
    """A word that an organization marks things with."""

    entity = "tag"
    aggregates = ("tag",)
    since = 4
    natural_key = "name"

    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, since=4, characters=60)
    """The word. Two tags with one word stay two: see `code_conflict`; lists take them for one."""
    meaning: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, since=4, characters=500)
    """When it is used. None: the word says it."""
    code_conflict: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, since=4, default=False)
    """Another live tag has this word."""


class EntityTagFields(SyncedEntity):
    """A tag on one thing. Its id follows from both: put on twice it is there once (rules/attaching.py)."""

    entity = "entity_tag"
    aggregates = ("work_order", "asset")
    since = 4
    arc = ("work_order_id", "asset_id")

    tag_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="tag", since=4)
    """The tag."""
    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order", since=4)
    """Order that it is on. None: it is on something else."""
    asset_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """Asset that it is on. None: it is on something else."""


class CustomFieldFields(SyncedEntity):
    """Something that an organization wants to know of each of its orders, or of each of its assets."""

    entity = "custom_field"
    aggregates = ("custom_field",)
    since = 4

    subject: Mapped[str] = synced(Text, merge=Merge.FIXED, since=4, words=SUBJECTS)
    """Of what it is asked."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, since=4, words=FIELD_KINDS)
    """What a value of it is; never changes, so that values that were entered stay what they are."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, since=4, characters=100)
    """What it is called where it is entered."""
    help: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, since=4, characters=500)
    """What to enter, for who does not know. None: its name says it."""
    unit: Mapped[str | None] = synced(Text, merge=Merge.OFFICE_WINS, since=4, characters=40)
    """What one of a number is. None: it has no unit, or is no number."""
    minimum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=4)
    """Smallest number that is taken. None: any."""
    maximum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=4)
    """Largest number that is taken. None: any."""
    choices: Mapped[str | None] = synced(JsonText, merge=Merge.OFFICE_WINS, since=4, characters=5000)
    """JSON list of the words to choose from, of a choice. None: there are none."""
    is_required: Mapped[bool] = synced(Boolean, merge=Merge.OFFICE_WINS, since=4, default=False)
    """Whether a value that is there can be changed, but not be taken away."""
    position: Mapped[int] = synced(Integer, merge=Merge.OFFICE_WINS, since=4, default=0)
    """Its place among the others, smallest first; need not be unique."""


class CustomFieldValueFields(SyncedEntity):
    """What is entered of one thing in one field. Its id follows from both, as that of a tag on a thing."""

    entity = "custom_field_value"
    aggregates = ("work_order", "asset")
    since = 4
    arc = ("work_order_id", "asset_id")

    field_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="custom_field", since=4)
    """The field; a value outlives it."""
    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order", since=4)
    """Order that it is of. None: it is of something else."""
    asset_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """Asset that it is of. None: it is of something else."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, since=4, words=FIELD_KINDS)
    """The field's kind: which of the following columns holds the value; none of the others does."""
    text_value: Mapped[str | None] = synced(Text, since=4, characters=2000)
    """A text. None: nothing is entered, or it is of another kind."""
    number_value: Mapped[Decimal | None] = synced(Decimals, since=4)
    """A number, in the field's unit. None: as above."""
    date_value: Mapped[date | None] = synced(Date, since=4)
    """A day. None: as above."""
    choice_value: Mapped[str | None] = synced(Text, since=4, characters=100)
    """The word that was chosen. None: as above."""
    flag_value: Mapped[bool | None] = synced(Boolean, since=4)
    """Yes or no. None: as above."""
