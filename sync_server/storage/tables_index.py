"""Server-only tables of the sync itself: clock, commits, scope index, idempotency, imports and blobs.

The scope index carries no foreign keys: it is written only by the unit of work, under the clock, and tests recompute it
(sync.md §12, 22). None of them points at the organization: its one row would be locked by every commit.
"""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from sync_server.contract.column_types import BigInteger, Boolean, Date, Guid, Integer, Text, UTCDateTime
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

ZERO = text("0")

org_clock = Table(
    "org_clock",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("seq", BigInteger, nullable=False, server_default=ZERO),
    Column("epoch", Guid, nullable=False),
    Column("membership_seq", BigInteger, nullable=False, server_default=ZERO),
    Column("durable_seq", BigInteger, nullable=False, server_default=ZERO),
    PrimaryKeyConstraint("organization_id", name="pk_org_clock"),
    organization_reference("org_clock"),
    CheckConstraint("membership_seq <= seq", name="ck_org_clock_membership_seq"),
    CheckConstraint("durable_seq <= seq", name="ck_org_clock_durable_seq"),
)
"""The clock of an organization, locked last in every commit. `membership_seq`: last that changed a membership input;
`durable_seq`: last that a backup holds which was restored for a test."""

ended_epoch = Table(
    "ended_epoch",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("epoch", Guid, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("ended_at", UTCDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "number", name="pk_ended_epoch"),
    organization_reference("ended_epoch"),
)
"""Histories before the present one, counted from 1: what followed `last_seq` in one of them never happened here."""

org_commit = Table(
    "org_commit",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("actor", Guid),
    PrimaryKeyConstraint("organization_id", "seq", name="pk_org_commit"),
)
"""One row a commit, kept 400 days; the random nonce tells forks apart."""

scope_aggregate = Table(
    "scope_aggregate",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("aggregate_id", Guid, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("join_seq", BigInteger, nullable=False),
    Column("left_seq", BigInteger),
    Column("live", Boolean, nullable=False),
    Column("reasons", Integer, nullable=False),
    Column("digest", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "scope_id", "aggregate_id", name="pk_scope_aggregate"),
    CheckConstraint("live = (reasons > 0) AND (live OR left_seq IS NOT NULL)", name="ck_scope_aggregate_live"),
    CheckConstraint("join_seq <= seq", name="ck_scope_aggregate_join_seq"),
    Index("ix_scope_aggregate_seq", "organization_id", "scope_id", "seq"),
    Index("ix_scope_aggregate_aggregate_id", "organization_id", "aggregate_id"),
)
"""Which aggregates a scope holds or held; `seq` is the last commit that touched the aggregate, or joined or left it.
`left_seq` is the end of its last stay, kept when it joins again."""

scope_reason = Table(
    "scope_reason",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("aggregate_id", Guid, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("reason_type", Text, nullable=False),
    Column("reason_id", Guid, nullable=False),
    PrimaryKeyConstraint(
        "organization_id", "scope_id", "aggregate_id", "reason_type", "reason_id", name="pk_scope_reason"
    ),
    Index("ix_scope_reason_reason_id", "organization_id", "reason_type", "reason_id"),
    Index("ix_scope_reason_aggregate_id", "organization_id", "aggregate_id"),
)
"""Why an aggregate is in a scope; it leaves with its last reason."""

scope_head = Table(
    "scope_head",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("digest", BigInteger, nullable=False, server_default=ZERO),
    Column("count", BigInteger, nullable=False, server_default=ZERO),
    Column("gc_seq", BigInteger, nullable=False, server_default=ZERO),
    PrimaryKeyConstraint("organization_id", "scope_id", name="pk_scope_head"),
)
"""Digest and number of a scope's live aggregates; below `gc_seq` left aggregates may have been forgotten."""

scope_window = Table(
    "scope_window",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("work_order_id", Guid, nullable=False),
    Column("ended_at", UTCDateTime, nullable=False),
    Column("stage", Integer, nullable=False),
    PrimaryKeyConstraint("organization_id", "work_order_id", name="pk_scope_window"),
    CheckConstraint("stage BETWEEN 1 AND 2", name="ck_scope_window_stage"),
)
"""A finished order that has left scopes for its age: 1, those of its people; 2, the review too. Counts as long as the
order ended at `ended_at`: reopened, or ended anew, it is where it was."""

routine_run = Table(
    "routine_run",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("routine", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("claimed_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime),
    Column("result", Text),
    PrimaryKeyConstraint("organization_id", "routine", name="pk_routine_run"),
    organization_reference("routine_run"),
)
"""The last run of a routine: for which day (UTC), since when, and what came of it as a JSON document."""

applied_mutation = Table(
    "applied_mutation",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("mutation_id", Guid, nullable=False),
    Column("device_id", Guid),
    Column("device_seq", BigInteger),
    Column("commit_seq", BigInteger),
    Column("status", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("organization_id", "mutation_id", name="pk_applied_mutation"),
    reference("applied_mutation", "device_id", "device"),
    Index("ix_applied_mutation_device_seq", "organization_id", "device_id", "device_seq"),
)
"""The stored verdict of every mutation, so that a second delivery has no second effect. The office has no device."""

import_batch = Table(
    "import_batch",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("id", Guid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("created_by", Guid),
    Column("new_count", Integer, nullable=False, server_default=ZERO),
    Column("changed_count", Integer, nullable=False, server_default=ZERO),
    Column("unchanged_count", Integer, nullable=False, server_default=ZERO),
    Column("rejected_count", Integer, nullable=False, server_default=ZERO),
    Column("undone_at", UTCDateTime),
    PrimaryKeyConstraint("organization_id", "id", name="pk_import_batch"),
    organization_reference("import_batch"),
)

import_row = Table(
    "import_row",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("work_order_id", Guid, nullable=False),
    Column("import_id", Guid, nullable=False),
    Column("digest", Text, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("organization_id", "external_id", name="pk_import_row"),
    reference("import_row", "work_order_id", "work_order"),
    reference("import_row", "import_id", "import_batch"),
    Index("ix_import_row_import_id", "organization_id", "import_id"),
)
"""What files have told about each imported order. `import_id` is the last import that wrote it, `digest` what the last
file said, `version` the order's as that import left it: any other tells that somebody has changed the order since."""

blob = Table(
    "blob",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("author_id", Guid, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("received_bytes", BigInteger, nullable=False, server_default=ZERO),
    Column("complete_at", UTCDateTime),
    Column("created_at", UTCDateTime, nullable=False),
    Column("parts", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("organization_id", "sha256", "author_id", name="pk_blob"),
    reference("blob", "author_id", "person"),
    CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="ck_blob_received_bytes"),
)
"""What each author has sent of a content: a digest alone is no capability (sync.md §9). `parts`: names of the pieces of
an upload under way, in order, with spaces between."""
