"""Server-only tables of the sync itself: clock, commits, scope index, idempotency, imports and blobs.

The scope index carries no foreign keys: it is written only by the unit of work, under the clock, and tests recompute it
(sync.md §12, 22). None of them points at the organization: its one row would be locked by every commit.
"""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from sync_server.contract.column_types import BigInteger, Boolean, Date, Guid, Integer, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

ZERO = text("0")

org_clock = Table(
    "org_clock",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column(
        "seq", BigInteger, nullable=False, server_default=ZERO, comment="Number of the last commit; 0 before the first."
    ),
    Column(
        "epoch", Guid, nullable=False, comment="Changes when the database was restored: numbers of commits repeat then."
    ),
    Column(
        "membership_seq",
        BigInteger,
        nullable=False,
        server_default=ZERO,
        comment="Last commit that changed who may hold what.",
    ),
    Column(
        "durable_seq",
        BigInteger,
        nullable=False,
        server_default=ZERO,
        comment="Last commit that a backup holds which was restored for a test; devices forget by it.",
    ),
    PrimaryKeyConstraint("organization_id", name="pk_org_clock"),
    organization_reference("org_clock"),
    CheckConstraint("membership_seq <= seq", name="ck_org_clock_membership_seq"),
    CheckConstraint("durable_seq <= seq", name="ck_org_clock_durable_seq"),
    comment="The clock of an organization, locked last in every commit: its commits are in one order.",
)

ended_epoch = Table(
    "ended_epoch",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("number", Integer, nullable=False, comment="Counted from 1, oldest first."),
    Column("epoch", Guid, nullable=False, comment="Its name."),
    Column("last_seq", BigInteger, nullable=False, comment="Last commit that the present history has of it."),
    Column("ended_at", UTCDateTime, nullable=False, comment="When that was found or said."),
    Column("reason", Text, nullable=False, comment="How: a restore, or what gave it away."),
    PrimaryKeyConstraint("organization_id", "number", name="pk_ended_epoch"),
    organization_reference("ended_epoch"),
    comment="Histories before the present one: what followed `last_seq` in one of them never happened here.",
)

org_commit = Table(
    "org_commit",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("seq", BigInteger, nullable=False, comment="Its number, without gaps from 1."),
    Column(
        "nonce",
        BigInteger,
        nullable=False,
        comment="Random, signed 64 bits: tells two histories apart that share a number.",
    ),
    Column("at", UTCDateTime, nullable=False, comment="When it was made, by the server's clock."),
    Column("actor", Guid, comment="Who made it. NULL: an import or the server."),
    PrimaryKeyConstraint("organization_id", "seq", name="pk_org_commit"),
    comment="One row for each commit, kept 400 days.",
)

scope_aggregate = Table(
    "scope_aggregate",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("scope_id", Text, nullable=False, comment="Kind and subject of the scope, such as `review:` and a site."),
    Column("aggregate_id", Guid, nullable=False, comment="Id of the root."),
    Column("aggregate_type", Text, nullable=False, comment="Entity of the root."),
    Column(
        "seq",
        BigInteger,
        nullable=False,
        comment="Last commit that touched the aggregate, or in which it joined or left.",
    ),
    Column("join_seq", BigInteger, nullable=False, comment="Commit in which it joined last."),
    Column("left_seq", BigInteger, comment="End of its last stay, kept when it joins again. NULL: it never left."),
    Column("live", Boolean, nullable=False, comment="Whether it is in the scope."),
    Column("reasons", Integer, nullable=False, comment="How many rows of `scope_reason` it has here."),
    Column("digest", BigInteger, nullable=False, comment="XOR of the hashes of its live rows, signed 64 bits."),
    PrimaryKeyConstraint("organization_id", "scope_id", "aggregate_id", name="pk_scope_aggregate"),
    CheckConstraint("live = (reasons > 0) AND (live OR left_seq IS NOT NULL)", name="ck_scope_aggregate_live"),
    CheckConstraint("join_seq <= seq", name="ck_scope_aggregate_join_seq"),
    Index(
        "ix_scope_aggregate_seq",
        "organization_id",
        "scope_id",
        "seq",
        info={"why": "what of a scope changed since a device read it"},
    ),
    Index(
        "ix_scope_aggregate_aggregate_id",
        "organization_id",
        "aggregate_id",
        info={"why": "scopes that hear of a change, and rights on an aggregate"},
    ),
    comment="Which aggregates a scope holds or held: what a pull reads.",
)

scope_reason = Table(
    "scope_reason",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("scope_id", Text, nullable=False, comment="The scope."),
    Column("aggregate_id", Guid, nullable=False, comment="Id of the root."),
    Column("aggregate_type", Text, nullable=False, comment="Entity of the root."),
    Column(
        "reason_type",
        Text,
        nullable=False,
        comment="What sort of reason: an assignment, a team, a site, the catalogue.",
    ),
    Column("reason_id", Guid, nullable=False, comment="Row that is the reason."),
    PrimaryKeyConstraint(
        "organization_id", "scope_id", "aggregate_id", "reason_type", "reason_id", name="pk_scope_reason"
    ),
    Index(
        "ix_scope_reason_reason_id",
        "organization_id",
        "reason_type",
        "reason_id",
        info={"why": "what a row is the reason of, when it changes"},
    ),
    Index(
        "ix_scope_reason_aggregate_id",
        "organization_id",
        "aggregate_id",
        info={"why": "reasons that are left to an aggregate"},
    ),
    comment="Why an aggregate is in a scope; it leaves with its last reason.",
)

scope_head = Table(
    "scope_head",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("scope_id", Text, nullable=False, comment="The scope."),
    Column(
        "digest",
        BigInteger,
        nullable=False,
        server_default=ZERO,
        comment="XOR over its live aggregates, signed 64 bits.",
    ),
    Column("count", BigInteger, nullable=False, server_default=ZERO, comment="How many there are."),
    Column(
        "gc_seq",
        BigInteger,
        nullable=False,
        server_default=ZERO,
        comment="Up to this commit aggregates that left may have been forgotten.",
    ),
    PrimaryKeyConstraint("organization_id", "scope_id", name="pk_scope_head"),
    comment="Sums over a scope, with which devices compare theirs.",
)

scope_window = Table(
    "scope_window",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("work_order_id", Guid, nullable=False, comment="Which order."),
    Column("ended_at", UTCDateTime, nullable=False, comment="When it had ended; the row counts as long as that is so."),
    Column("stage", Integer, nullable=False, comment="1: it has left its people; 2: the review too."),
    PrimaryKeyConstraint("organization_id", "work_order_id", name="pk_scope_window"),
    CheckConstraint("stage BETWEEN 1 AND 2", name="ck_scope_window_stage"),
    comment="Finished orders that have left scopes for their age; reopened, or ended anew, they are back.",
)

routine_run = Table(
    "routine_run",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("routine", Text, nullable=False, comment="Its name."),
    Column("day", Date, nullable=False, comment="For which day, UTC."),
    Column("claimed_at", UTCDateTime, nullable=False, comment="When a process took it."),
    Column("ended_at", UTCDateTime, comment="When it was done. NULL: under way, or broken off."),
    Column("result", Text, comment="What came of it, a JSON document. NULL: nothing yet."),
    PrimaryKeyConstraint("organization_id", "routine", name="pk_routine_run"),
    organization_reference("routine_run"),
    comment="The last run of each routine.",
)

applied_mutation = Table(
    "applied_mutation",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("mutation_id", Guid, nullable=False, comment="Made by its author's device."),
    Column("device_id", Guid, comment="Device that sent it. NULL: the office, which has none."),
    Column("device_seq", BigInteger, comment="Its number in that device's chain. NULL: the office."),
    Column("commit_seq", BigInteger, comment="Commit that it belongs to. NULL: none."),
    Column("status", Text, nullable=False, comment="The verdict in a word."),
    Column("result", Text, nullable=False, comment="The whole verdict, as it was and will be answered, JSON."),
    Column(
        "body_digest",
        Text,
        nullable=False,
        comment="SHA-256 of the mutation's bytes, hex: the same id with other bytes is refused.",
    ),
    Column("received_at", UTCDateTime, nullable=False, comment="When it came, by the server's clock."),
    PrimaryKeyConstraint("organization_id", "mutation_id", name="pk_applied_mutation"),
    Index(
        "ix_applied_mutation_device_seq",
        "organization_id",
        "device_id",
        "device_seq",
        info={"why": "verdicts of a device in its order"},
    ),
    comment="The stored verdict of every mutation, so that a second delivery has no second effect.",
)

import_batch = Table(
    "import_batch",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("kind", Text, nullable=False, comment="What was imported."),
    Column("file_name", Text, nullable=False, comment="The file's name, as given."),
    Column("file_sha256", Text, nullable=False, comment="Digest of the file, hex."),
    Column("created_at", UTCDateTime, nullable=False, comment="When."),
    Column("created_by", Guid, comment="By whom. NULL: on the command line."),
    Column("new_count", Integer, nullable=False, server_default=ZERO, comment="Rows that made something."),
    Column("changed_count", Integer, nullable=False, server_default=ZERO, comment="Rows that changed something."),
    Column("unchanged_count", Integer, nullable=False, server_default=ZERO, comment="Rows that said nothing new."),
    Column("rejected_count", Integer, nullable=False, server_default=ZERO, comment="Rows that could not be read."),
    Column("undone_at", UTCDateTime, comment="When it was undone. NULL: it was not."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_import_batch"),
    organization_reference("import_batch"),
    comment="An import of a list: from which file, by whom, and what became of its rows.",
)

import_row = Table(
    "import_row",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("external_id", Text, nullable=False, comment="The order's identity in the system that the file comes from."),
    Column("work_order_id", Guid, nullable=False, comment="The order."),
    Column("import_id", Guid, nullable=False, comment="Last import that wrote it."),
    Column("digest", Text, nullable=False, comment="Digest of what the last file said about it."),
    Column(
        "version",
        Integer,
        nullable=False,
        comment="The order's version as that import left it: any other was made by people since.",
    ),
    PrimaryKeyConstraint("organization_id", "external_id", name="pk_import_row"),
    reference("import_row", "work_order_id", "work_order"),
    reference("import_row", "import_id", "import_batch"),
    Index("ix_import_row_import_id", "organization_id", "import_id", info={"why": "rows of an import, to undo it"}),
    comment="What files have told about each imported order, and in which version the last import left it.",
)

blob = Table(
    "blob",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("sha256", Text, nullable=False, comment="Digest of the bytes, hex."),
    Column("author_id", Guid, nullable=False, comment="Who sends them."),
    Column("size_bytes", BigInteger, nullable=False, comment="How many there are."),
    Column("received_bytes", BigInteger, nullable=False, server_default=ZERO, comment="How many of them are here."),
    Column("complete_at", UTCDateTime, comment="When all of them were here and the digest was right. NULL: not yet."),
    Column("created_at", UTCDateTime, nullable=False, comment="When he began."),
    Column(
        "parts",
        Text,
        nullable=False,
        server_default=text("''"),
        comment="Names of the pieces of an upload under way, in order, with spaces between.",
    ),
    PrimaryKeyConstraint("organization_id", "sha256", "author_id", name="pk_blob"),
    reference("blob", "author_id", "person"),
    CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="ck_blob_received_bytes"),
    comment="What each author has sent of a content: a digest alone is no capability.",
)
