"""What a person has to settle: conflicts, and mutations that the server holds."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Guid, JsonText, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

CONFLICT_KINDS = ("field", "status", "request", "deleted", "reference", "merged")
"""`merged` is no question to anybody: two texts became one, and both stay readable."""
RESOLUTIONS = ("mine", "theirs", "edited")
CAUSES = (
    *("saved_first", "planning", "deleted", "merged"),
    *("illegal_transition", "not_allowed", "reason_required", "sign_off_required"),
)
"""Why the server's value stands. The last four are the state machine's refusals."""


class ConflictFields(SyncedEntity):
    """Two people changed one field from the same base. One value is current, the other stays readable here for ever.

    Where work arrives for a root that was deleted, or a deletion for a row that had changed, `field` is `deleted_at`:
    nothing differs but whether the row is there.
    """

    entity = "conflict"
    aggregates = (
        *("work_order", "asset", "part", "stock_location", "person", "team", "site", "location", "asset_type"),
        *("checklist_template", "held_mutation"),
    )
    """Every root whose aggregate has a field that two people can set."""

    target_entity: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    target_id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    field: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=CONFLICT_KINDS)
    base_value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of the value that both started from."""
    mine_value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of what the author of the losing mutation wanted."""
    theirs_value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of the value that stood on the server."""
    author_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED)
    mutation_id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    resolution: Mapped[str | None] = synced(Text, words=RESOLUTIONS)
    resolved_value: Mapped[str | None] = synced(JsonText)
    resolved_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    resolved_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    reason: Mapped[str | None] = synced(Text, characters=1000)
    device_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=2)
    """When the losing value was entered, by its device's clock; `created_at` is when the server met it."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED, since=2)
    """Server clock minus that clock, as last measured; None: never measured."""
    resolved_device_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=2)
    """When it was settled, by the clock of the device where it was; `resolved_at` is the server's."""
    resolved_offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED, since=2)
    cause: Mapped[str | None] = synced(Text, merge=Merge.FIXED, since=2, words=CAUSES)
    """Why it came about; rules/why.py says it. None: before version 2."""
    theirs_by: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, since=2)
    """Who wrote the value that stood; None: more than one commit lay between, so that nobody can say."""
    theirs_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.FIXED, since=2)
    """When the server saved that value, by its own clock. None like `theirs_by`."""


class HeldMutationFields(SyncedEntity):
    """A mutation kept at the server until a supervisor decides."""

    entity = "held_mutation"
    aggregates = ("held_mutation",)

    author_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED)
    site_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    target_aggregate_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED)
    mutation_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED)
    body: Mapped[str] = synced(JsonText, merge=Merge.DERIVED, characters=300_000)
    """The mutation, as it was sent."""
    why: Mapped[str] = synced(Text, merge=Merge.DERIVED, characters=60)
    decision: Mapped[str | None] = synced(Text, words=("approved", "refused"))
    decided_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    decided_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    reason: Mapped[str | None] = synced(Text, characters=1000)
    outcome_seq: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED)
    """Commit that applied it, once approved."""
