"""Numbers of each site for whoever opens the office in the morning: counted at night, read with their age.

Derived from other rows and counted anew every night; nothing refers to it, and nobody is held to it.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Table

from sync_server.contract.column_types import BigInteger, Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

METRICS: Final = (
    *("open_orders", "unassigned_orders", "on_hold_orders", "overdue_orders", "orders_to_review"),
    *("orders_closed_in_30_days", "waiting_part_requests", "levels_below_zero"),
)
"""What is counted of each site."""

dashboard_metrics_cache = Table(
    "dashboard_metrics_cache",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("site_id", Guid, nullable=False, comment="Site that is counted; decides who sees the number."),
    Column("metric", Text, nullable=False, comment="What is counted."),
    Column("value", BigInteger, nullable=False, comment="How many there were."),
    Column("computed_at", UTCDateTime, nullable=False, comment="As of when."),
    PrimaryKeyConstraint("organization_id", "site_id", "metric", name="pk_dashboard_metrics_cache"),
    reference("dashboard_metrics_cache", "site_id", "site"),
    CheckConstraint(f"metric IN ({', '.join(map(repr, METRICS))})", name="ck_dashboard_metrics_cache_metric"),
    CheckConstraint("value >= 0", name="ck_dashboard_metrics_cache_value"),
    comment="Numbers of a site, counted once a night. The office sees those of its sites; no device holds any.",
)
