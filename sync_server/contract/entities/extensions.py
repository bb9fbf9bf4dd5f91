"""What an organization adds by itself to the things that it works with: tags."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Guid, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced


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
