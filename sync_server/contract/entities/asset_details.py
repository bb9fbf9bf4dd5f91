"""What is known of an asset beside its card: what it can do, which papers it has, and which assets it works with."""

from datetime import date

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Date, Guid, Integer, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced

RELATIONS = ("feeds", "protects", "controls", "backs_up", "connected_to", "replaces")
"""What an asset is to another one, read from the first to the second."""
DOCUMENT_KINDS = ("manual", "drawing", "certificate", "permit", "warranty", "inspection", "other")


class AssetSpecificationFields(SyncedEntity):
    """Something that an asset can do or is made for: capacity, speed, power."""

    entity = "asset_specification"
    aggregates = ("asset",)
    since = 4

    asset_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """The asset."""
    name: Mapped[str] = synced(Text, since=4, characters=200)
    """What is told: `Flow`, `Motor power`."""
    value: Mapped[str] = synced(Text, since=4, characters=200)
    """As it stands on the plate or in the papers."""
    unit: Mapped[str | None] = synced(Text, since=4, characters=40)
    """Unit of the value. None: it has none."""
    position: Mapped[int] = synced(Integer, since=4, default=0)
    """Its place among the others, smallest first; need not be unique."""


class AssetDocumentFields(SyncedEntity):
    """A paper that an asset has: which one, until when it is valid, and where it is kept."""

    entity = "asset_document"
    aggregates = ("asset",)
    since = 4

    asset_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """The asset."""
    kind: Mapped[str] = synced(Text, since=4, default="other", words=DOCUMENT_KINDS)
    """What sort of paper it is."""
    title: Mapped[str] = synced(Text, since=4, characters=200)
    """What people call it."""
    reference: Mapped[str | None] = synced(Text, since=4, characters=200)
    """Number or revision that it carries. None: it carries none."""
    kept_at: Mapped[str | None] = synced(Text, since=4, characters=500)
    """Where it is found: a cabinet, an archive, an address. None: not told."""
    issued_on: Mapped[date | None] = synced(Date, since=4)
    """Day on which it was issued. None: unknown."""
    expires_on: Mapped[date | None] = synced(Date, since=4)
    """Last day on which it is valid. None: it does not expire."""


class AssetRelationFields(SyncedEntity):
    """What an asset is to another one, beside being a part of it. In the aggregate of the first."""

    entity = "asset_relation"
    aggregates = ("asset",)
    since = 4

    asset_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """The first asset, of which the relation is told."""
    kind: Mapped[str] = synced(Text, since=4, words=RELATIONS)
    """What it does for the other one: it feeds, protects, controls, backs up, is connected to or replaces it."""
    other_asset_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """The other asset; may stand elsewhere, and is told by its number only where its label is known."""
    note: Mapped[str | None] = synced(Text, since=4, characters=1000)
    """What one should know about it. None: nothing."""
