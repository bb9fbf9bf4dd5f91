"""The activity log: what was done that has to be proved later, line after line, each bound to the one before it.

Nobody writes these tables but the functions that their revision made; nobody changes or removes a line at all.
"""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from sync_server.contract.column_types import BigInteger, Date, Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference

activity_log = Table(
    "activity_log",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("seq", BigInteger, nullable=False, comment="Number of the line in its organization, from 1, without gaps."),
    Column("received_on", Date, nullable=False, comment="Day of `received_at`, UTC; the part it lies in."),
    Column(
        "received_at",
        UTCDateTime,
        nullable=False,
        comment="When it was written, by the clock of the database; never before the line in front of it.",
    ),
    Column("act", Text, nullable=False, comment="What was done, as `body` says: `device.revoked`."),
    Column("row_id", Guid, comment="What it was done to, as `body` says. NULL: the organization itself."),
    Column("actor_id", Guid, comment="Person who did it, as `body` says. NULL: the server or the command line."),
    Column(
        "body",
        Text,
        nullable=False,
        comment="RFC 8785 text: act, actor, device, address, old and new values; personal ones as commitments.",
    ),
    Column("previous_hash", Text, nullable=False, comment="`hash` of the line before; 64 zeros in front of the first."),
    Column(
        "hash",
        Text,
        nullable=False,
        comment="SHA-256, hex, over organization, `seq`, `received_at`, `previous_hash` and the SHA-256 of `body`.",
    ),
    PrimaryKeyConstraint("organization_id", "seq", "received_on", name="pk_activity_log"),
    organization_reference("activity_log"),
    CheckConstraint("seq >= 1", name="ck_activity_log_seq"),
    Index(
        "ix_activity_log_row_id",
        "organization_id",
        "row_id",
        "seq",
        info={"why": "what was done to one person, order or device"},
    ),
    comment="Sensitive changes of an organization, chained line by line; only ever added to. One part a month.",
    postgresql_partition_by="RANGE (received_on)",
)

activity_value = Table(
    "activity_value",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("activity_seq", BigInteger, nullable=False, comment="Number of the line whose body commits to it."),
    Column("path", Text, nullable=False, comment="JSON pointer of the commitment in that body."),
    Column("subject_id", Guid, comment="Person whom it is about, to forget it by. NULL: nobody known."),
    Column("salt", Text, comment="base64url; with it the value is proved. NULL: forgotten."),
    Column("value", Text, comment="JSON of the value itself. NULL: forgotten."),
    PrimaryKeyConstraint("organization_id", "activity_seq", "path", name="pk_activity_value"),
    organization_reference("activity_value"),
    CheckConstraint("(salt IS NULL) = (value IS NULL)", name="ck_activity_value_value"),
    Index(
        "ix_activity_value_subject_id",
        "organization_id",
        "subject_id",
        postgresql_where=text("salt IS NOT NULL"),
        info={"why": "what is known of a person, to forget it"},
    ),
    comment="Personal values that lines of the activity log commit to, until they are forgotten.",
)

activity_head = Table(
    "activity_head",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("seq", BigInteger, nullable=False, server_default=text("0"), comment="Number of the last line; 0: none."),
    Column("hash", Text, nullable=False, comment="`hash` of that line; 64 zeros in front of the first."),
    Column("received_at", UTCDateTime, comment="When that line was written. NULL: there is none."),
    PrimaryKeyConstraint("organization_id", name="pk_activity_head"),
    organization_reference("activity_head"),
    comment="Where the activity log of an organization ends: locked by whoever adds a line, and by nobody else.",
)

activity_checkpoint = Table(
    "activity_checkpoint",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("seq", BigInteger, nullable=False, comment="Number of the line of the activity log that was its last one."),
    Column("hash", Text, nullable=False, comment="`hash` of that line."),
    Column("signed_at", UTCDateTime, nullable=False, comment="When the server signed it, by its own clock."),
    Column(
        "signature",
        Text,
        nullable=False,
        comment="base64url, Ed25519 by the key that follows from the server's secret, over organization and the rest.",
    ),
    PrimaryKeyConstraint("organization_id", "seq", name="pk_activity_checkpoint"),
    organization_reference("activity_checkpoint"),
    comment="Ends of the activity log that the server has signed, so that nobody writes what is before them anew.",
)
