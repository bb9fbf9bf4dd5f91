"""The history of meters: a table of the server alone, one part a month. Devices hold the last reading of each meter."""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from sync_server.contract.column_types import BigInteger, Boolean, Date, Decimals, Guid, Text, UTCDateTime
from sync_server.contract.rules.metering import STATES
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

_STATES = ", ".join(repr(word) for word in STATES)

meter_reading = Table(
    "meter_reading",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="The mutation that it came with: delivered twice it is there once."),
    Column("received_on", Date, nullable=False, comment="Day on which the server met it, UTC; the part it lies in."),
    Column("meter_id", Guid, nullable=False, comment="The meter."),
    Column("value", Decimals, nullable=False, comment="What it showed, in the meter's unit."),
    Column("state", Text, nullable=False, comment="What that was against the limits of that day."),
    Column("read_at", UTCDateTime, comment="When, by the device's clock. NULL: it told no instant."),
    Column("offset_ms", BigInteger, comment="Server clock minus device clock, as last measured. NULL: never measured."),
    Column("received_at", UTCDateTime, nullable=False, comment="When the server met it, by its own clock."),
    Column("read_by", Guid, nullable=False, comment="Who read it."),
    Column("note", Text, comment="In the words of who read it. NULL: nothing said."),
    Column(
        "is_late",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="He did not hold the asset any more when it came.",
    ),
    PrimaryKeyConstraint("organization_id", "id", "received_on", name="pk_meter_reading"),
    reference("meter_reading", "meter_id", "meter"),
    reference("meter_reading", "read_by", "person"),
    CheckConstraint(f"state IN ({_STATES})", name="ck_meter_reading_state"),
    CheckConstraint("value <> 'NaN'", name="ck_meter_reading_value"),
    Index(
        "ix_meter_reading_meter_id",
        "organization_id",
        "meter_id",
        "received_at",
        info={"why": "the history of a meter, newest first"},
    ),
    comment="Every reading of a meter, kept by the month in which the server met it; only ever added to.",
    postgresql_partition_by="RANGE (received_on)",
)
