"""Planned maintenance: when orders come by themselves, which were made, and what was done in the end.

Tables of the server alone: a device gets the orders, and needs neither the rule behind them nor years of history.
`maintenance_history` is written by the trigger `record_maintenance`, in the commit that closes an order.
"""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint, text

from sync_server.contract.column_types import Boolean, Date, Decimals, Guid, Integer, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference


def _organization() -> Column[Any]:
    return Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION)


maintenance_schedule = Table(
    "maintenance_schedule",
    metadata,
    _organization(),
    Column("id", Guid, nullable=False, comment="Made by the server; ids of its orders follow from it."),
    Column("name", Text, nullable=False, comment="What people call it; one of the schedules that are not deleted."),
    Column(
        "site_id", Guid, nullable=False, comment="Where its orders are made; follows its asset. Decides who sees it."
    ),
    Column("asset_id", Guid, comment="What its orders are about. NULL: the site as a whole."),
    Column("work_order_template_id", Guid, nullable=False, comment="What its orders say."),
    Column("rule", Text, comment="RFC 5545 RRULE of days, weeks, months or years. NULL: it goes by a meter."),
    Column("starts_on", Date, comment="Day at the site from which `rule` counts. NULL: it goes by a meter."),
    Column(
        "minute_of_day", Integer, comment="When on those days, minutes after midnight at the site. NULL: by a meter."
    ),
    Column("meter_id", Guid, comment="Meter of its asset that it goes by. NULL: it goes by the calendar."),
    Column("every_units", Decimals, comment="How much that meter counts up between two orders. NULL: by the calendar."),
    Column(
        "lead_days",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="How many days before they are due its orders are made; by a meter: 0.",
    ),
    Column("is_active", Boolean, nullable=False, server_default=text("true"), comment="Whether it makes orders."),
    Column(
        "next_local",
        Text,
        comment="Wall clock at the site of what comes next, such as 2026-03-29T02:30. NULL: nothing, or by a meter.",
    ),
    Column("next_due_at", UTCDateTime, comment="The instant of `next_local`. NULL: nothing comes, or by a meter."),
    Column("next_due_value", Decimals, comment="What the meter shows when it is due next. NULL: by the calendar."),
    Column("held_back", Text, comment="Why the order that is due is not made, in a sentence. NULL: nothing is due."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was made."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last."),
    Column("deleted_at", UTCDateTime, comment="Since when it is deleted; its orders stay. NULL: it is there."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_maintenance_schedule"),
    reference("maintenance_schedule", "site_id", "site"),
    reference("maintenance_schedule", "asset_id", "asset"),
    reference("maintenance_schedule", "work_order_template_id", "work_order_template"),
    reference("maintenance_schedule", "meter_id", "meter"),
    CheckConstraint("num_nonnulls(rule, meter_id) = 1", name="ck_maintenance_schedule_rule"),
    CheckConstraint(
        "(rule IS NULL) = (starts_on IS NULL) AND (rule IS NULL) = (minute_of_day IS NULL)",
        name="ck_maintenance_schedule_starts_on",
    ),
    CheckConstraint("minute_of_day BETWEEN 0 AND 1439", name="ck_maintenance_schedule_minute_of_day"),
    CheckConstraint(
        "(meter_id IS NULL) = (every_units IS NULL) AND (meter_id IS NULL) = (next_due_value IS NULL)"
        " AND (meter_id IS NULL OR asset_id IS NOT NULL)",
        name="ck_maintenance_schedule_meter_id",
    ),
    CheckConstraint("every_units > 0 AND every_units <> 'NaN'", name="ck_maintenance_schedule_every_units"),
    CheckConstraint(
        "lead_days BETWEEN 0 AND 365 AND (meter_id IS NULL OR lead_days = 0)", name="ck_maintenance_schedule_lead_days"
    ),
    CheckConstraint("(next_local IS NULL) = (next_due_at IS NULL)", name="ck_maintenance_schedule_next_local"),
    CheckConstraint("next_due_value <> 'NaN'", name="ck_maintenance_schedule_next_due_value"),
    Index(
        "uq_maintenance_schedule_name",
        "organization_id",
        "name",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
        info={"why": "commands name a schedule"},
    ),
    comment="When maintenance comes again, by the calendar or by a meter, and what its orders say.",
)

maintenance_occurrence = Table(
    "maintenance_occurrence",
    metadata,
    _organization(),
    Column("maintenance_schedule_id", Guid, nullable=False, comment="Of which schedule."),
    Column(
        "occurrence",
        Text,
        nullable=False,
        comment="Which one: its wall clock at the site, or a value of the meter. It makes an order once.",
    ),
    Column("due_at", UTCDateTime, nullable=False, comment="When it is due; by a meter: when it was found to be."),
    Column("meter_id", Guid, comment="The meter that it went by. NULL: it went by the calendar."),
    Column("due_value", Decimals, comment="What that meter had to show for it. NULL: by the calendar."),
    Column(
        "passed_over",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="How many later ones its order stands for, too, because they passed before it was made.",
    ),
    Column("work_order_id", Guid, nullable=False, comment="The order that was made for it."),
    Column("made_at", UTCDateTime, nullable=False, comment="When that was."),
    PrimaryKeyConstraint("organization_id", "maintenance_schedule_id", "occurrence", name="pk_maintenance_occurrence"),
    UniqueConstraint(
        *("organization_id", "work_order_id"),
        name="uq_maintenance_occurrence_work_order_id",
        info={"why": "what an order was made for, asked when it is closed"},
    ),
    reference("maintenance_occurrence", "maintenance_schedule_id", "maintenance_schedule"),
    reference("maintenance_occurrence", "meter_id", "meter"),
    reference("maintenance_occurrence", "work_order_id", "work_order"),
    CheckConstraint(
        "(meter_id IS NULL) = (due_value IS NULL) AND due_value <> 'NaN'", name="ck_maintenance_occurrence_due_value"
    ),
    CheckConstraint("passed_over >= 0", name="ck_maintenance_occurrence_passed_over"),
    comment="What of a schedule became due, with its order; only ever added to, once for each time.",
)

maintenance_history = Table(
    "maintenance_history",
    metadata,
    _organization(),
    Column("work_order_id", Guid, nullable=False, comment="The order with which it was done."),
    Column("maintenance_schedule_id", Guid, nullable=False, comment="Of which schedule."),
    Column("occurrence", Text, nullable=False, comment="Which one of that schedule."),
    Column("site_id", Guid, nullable=False, comment="Site of the order when it was closed. Decides who sees the line."),
    Column("asset_id", Guid, comment="What the order was about when it was closed. NULL: no asset."),
    Column("due_at", UTCDateTime, nullable=False, comment="When it was due."),
    Column("due_value", Decimals, comment="What the meter had to show for it. NULL: it went by the calendar."),
    Column("done_at", UTCDateTime, nullable=False, comment="When the order was completed, by the server's clock."),
    Column("done_by", Guid, comment="Who signed it as performed, else who closed it. NULL: the server."),
    Column(
        "meter_value",
        Decimals,
        comment="What the meter showed when it was closed. NULL: by the calendar, or never read.",
    ),
    Column(
        "recorded_at",
        UTCDateTime,
        nullable=False,
        comment="When this line was written: with the commit that closed the order.",
    ),
    PrimaryKeyConstraint("organization_id", "work_order_id", name="pk_maintenance_history"),
    reference("maintenance_history", "work_order_id", "work_order"),
    reference("maintenance_history", "maintenance_schedule_id", "maintenance_schedule"),
    reference("maintenance_history", "site_id", "site"),
    reference("maintenance_history", "asset_id", "asset"),
    reference("maintenance_history", "done_by", "person"),
    CheckConstraint("due_value <> 'NaN'", name="ck_maintenance_history_due_value"),
    CheckConstraint("meter_value <> 'NaN'", name="ck_maintenance_history_meter_value"),
    Index(
        "ix_maintenance_history_asset_id",
        "organization_id",
        "asset_id",
        "done_at",
        info={"why": "what was done on an asset, newest first"},
    ),
    comment="Planned maintenance that was done, one line for each time; only ever added to.",
)
