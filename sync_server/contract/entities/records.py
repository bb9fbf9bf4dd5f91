"""What is said about an order or an asset, and shown and signed about an order. None of it is ever changed."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Boolean, Guid, Integer, JsonText, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

MEANINGS = ("performed", "reviewed", "approved", "accepted", "refused")
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "application/pdf")


class CommentFields(SyncedEntity):
    """A remark about one thing, or an answer to one."""

    entity = "comment"
    aggregates = ("work_order", "asset")
    append_only = True
    arc = ("work_order_id", "asset_id")

    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that it is about. None: it is about something else."""
    parent_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="comment")
    """Remark that it answers, which answers none itself (D-179). None: it begins."""
    author_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    """Who wrote it."""
    text: Mapped[str] = synced(Text, merge=Merge.FIXED)
    """What he wrote."""
    written_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """When, by the device's clock."""
    is_late: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Arrived after its author had lost access (sync.md §5)."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED, since=2)
    """Server clock minus device clock, as last measured; None: never measured."""
    asset_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="asset", since=4)
    """Asset that it is about. None: it is about something else."""


class AttachmentFields(SyncedEntity):
    """A photo or document of one thing. Its bytes travel apart, by their digest."""

    entity = "attachment"
    aggregates = ("work_order", "asset")
    append_only = True
    arc = ("work_order_id", "asset_id")

    work_order_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that it belongs to. None: it belongs to something else."""
    author_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    """Who took or added it."""
    sha256: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=64)
    """Digest of its bytes, hex."""
    media_type: Mapped[str] = synced(Text, merge=Merge.FIXED, words=MEDIA_TYPES)
    """What the bytes are."""
    size_bytes: Mapped[int] = synced(Integer, merge=Merge.FIXED, at_least=1)
    """How many bytes there are."""
    caption: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=1000)
    """What is to be seen. None: nothing said."""
    taken_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """When, by the device's clock."""
    is_late: Mapped[bool] = synced(Boolean, merge=Merge.DERIVED, default=False)
    """Arrived after its author had lost access (sync.md §5)."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED, since=2)
    """Server clock minus device clock, as last measured; None: never measured."""
    asset_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="asset", since=5)
    """Asset that it belongs to. None: it belongs to something else."""
    comment_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="comment", since=5)
    """Remark on the same thing that it was added to (D-192). None: it stands for itself."""


class SignatureFields(SyncedEntity):
    """A signed statement: the exact bytes, and the Ed25519 signature of the signer's device over them."""

    entity = "signature"
    aggregates = ("work_order",)
    append_only = True

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order")
    """Order that the statement is about."""
    meaning: Mapped[str] = synced(Text, merge=Merge.FIXED, words=MEANINGS)
    """What the signer states."""
    signer_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    """Whose device key signed. For accepted and refused: the technician who witnessed the customer's ink."""
    signer_role: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=40)
    """Role in which the statement is made; `customer` for accepted and refused."""
    signer_device_id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    """Device whose key signed."""
    body: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=250_000)
    """RFC 8785 text whose UTF-8 bytes were signed."""
    body_sha256: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=64)
    """SHA-256 of the signed bytes, hex."""
    signature: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=100)
    """base64url, Ed25519 over rules/signed_body.py `signing_input`."""
    reason: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=1000)
    """Why the customer refuses, or what the reviewer adds. None: nothing said."""
    signed_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.FIXED)
    """When, by the device's clock."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.FIXED, since=2)
    """Server clock minus device clock, as last measured; None: never measured."""


class PersonalValueFields(SyncedEntity):
    """A value that a signed body only commits to. Erasure deletes value and salt; the body still verifies."""

    entity = "personal_value"
    aggregates = ("work_order",)

    signature_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="signature")
    """Statement that it belongs to."""
    path: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=200)
    """JSON pointer of the commitment in the signed body."""
    commitment: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=64)
    """base64url of SHA-256 over salt and value, as the signed body has it."""
    salt: Mapped[str | None] = synced(Text, merge=Merge.FIXED, characters=64)
    """base64url. None: erased."""
    value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED, characters=200_000)
    """JSON of the value itself: a printed name, ink, a position. None: erased."""
