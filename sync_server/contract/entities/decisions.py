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
        *("checklist_template", "tag", "custom_field", "work_order_template", "vendor", "calendar_event"),
        "held_mutation",
    )
    """Every root whose aggregate has a field that two people can set."""

    target_entity: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    """Entity of the row that two people changed."""
    target_id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    """That row."""
    field: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60)
    """Its column; `deleted_at`: whether it is there."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, words=CONFLICT_KINDS)
    """How it came about, and so who settles it."""
    base_value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of the value that both started from. None: it was not told, or nothing that a value differs by."""
    mine_value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of what the author of the losing mutation wanted. None: as above."""
    theirs_value: Mapped[str | None] = synced(JsonText, merge=Merge.FIXED)
    """JSON of the value that stood on the server. None: as above."""
    author_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED)
    """Whose value lost. None: an import's."""
    mutation_id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    """Mutation that brought the losing value."""
    resolution: Mapped[str | None] = synced(Text, words=RESOLUTIONS)
    """Which value won. None: open."""
    resolved_value: Mapped[str | None] = synced(JsonText)
    """JSON of the value that was chosen. None: open."""
    resolved_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Who settled it. None: open."""
    resolved_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    """When it was settled, by the server's clock. None: open."""
    reason: Mapped[str | None] = synced(Text, characters=1000)
    """Why it was settled so, in his words. None: nothing said."""
    device_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=2)
    """When the losing value was entered, by its device's clock; `created_at` is when the server met it. None: before
    version 2."""
    offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED, since=2)
    """Server clock minus that clock, as last measured; None: never measured."""
    resolved_device_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=2)
    """When it was settled, by the clock of the device where it was; `resolved_at` is the server's. None: open, or
    settled before version 2."""
    resolved_offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED, since=2)
    """Server clock minus that clock, as last measured; None: never measured."""
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
    """Who sent it."""
    site_id: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Site of the record that it is about; its supervisors decide. None: a manager decides."""
    target_aggregate_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED)
    """Aggregate that it is about."""
    mutation_id: Mapped[str] = synced(Guid, merge=Merge.DERIVED)
    """Its id, with which its author's device knows it."""
    body: Mapped[str] = synced(JsonText, merge=Merge.DERIVED, characters=300_000)
    """The mutation, as it was sent."""
    why: Mapped[str] = synced(Text, merge=Merge.DERIVED, characters=60)
    """Code of what kept it from being applied."""
    decision: Mapped[str | None] = synced(Text, words=("approved", "refused"))
    """What became of it. None: nobody has decided."""
    decided_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Who decided. None: nobody yet."""
    decided_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    """When it was decided, by the server's clock. None: not yet."""
    reason: Mapped[str | None] = synced(Text, characters=1000)
    """Why it was refused, or what the supervisor adds. None: nothing said."""
    outcome_seq: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED)
    """Commit that applied it. None: not approved."""
