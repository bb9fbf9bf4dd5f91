"""One row in every table, for tests that must hold on all of them. Built from the metadata, so that it never lags."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import psycopg
from sqlalchemy import Column, LargeBinary, NullPool, Table, create_engine, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from sync_server.contract.column_types import (
    BigInteger,
    Boolean,
    Date,
    Decimals,
    Double,
    Guid,
    Integer,
    JsonText,
    Text,
    UTCDateTime,
)
from sync_server.contract.entities import REGISTRY
from sync_server.storage.tables import SYNCED, metadata
from tests.support.postgres import Clusters

NORTH = UUID("0190c1f0-0000-7000-8000-00000000000a")
SOUTH = UUID("0190c1f0-0000-7000-8000-00000000000b")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMMIT_SEQ = 1
WORDS = "its own words"
"""What only the filled row of `search_entry` can be asked for by: triggers write others, which are taken out again."""
ONE_PER_ORGANIZATION = frozenset(
    {
        *("organization", "organization_directory", "organization_domain", "org_clock", "org_commit", "ended_epoch"),
        *("activity_log", "activity_value", "activity_head", "activity_checkpoint"),
        *("subscription_plan", "usage_counter"),
    }
)
"""Tables without an id of their own: a second branch of an organization adds no row."""

VALUES: tuple[tuple[type[Any], Any], ...] = (
    (UTCDateTime, NOON),
    (Decimals, Decimal(1)),
    (Boolean, True),
    (BigInteger, 1),
    (Integer, 1),
    (Double, 1.0),
    (Date, date(2026, 3, 2)),
    (LargeBinary, b"\x01"),
    (TSVECTOR, f"'{WORDS}'"),
)
FIXED_VALUES: dict[str, Any] = {
    "code_conflict": False,
    "deleted_at": None,
    "work_order_assignment.team_id": None,
    "work_order_assignment.contractor_id": None,
    "entity_tag.asset_id": None,
    "custom_field_value.asset_id": None,
    "custom_field_value.number_value": None,
    "custom_field_value.date_value": None,
    "custom_field_value.choice_value": None,
    "custom_field_value.flag_value": None,
    "calendar_event.team_id": None,
    "calendar_event.ends_at": datetime(2026, 3, 2, 16, tzinfo=UTC),
    "comment.asset_id": None,  # an order or an asset, never both
    "attachment.asset_id": None,
    "organization.time_zone": "Europe/Berlin",
    "rule.event": "order_completed",
    "rule.action": "add_tag",
    "rule.priority": None,
    "rule.work_order_template_id": None,
    "rule.conditions": "[]",
    "archive.kind": "readings",
    "archive.sha256": "0" * 64,
    "plugin.version": "1.0",
    "plugin.manifest_sha256": "0" * 64,
    "plugin.state": "registered",
    "service_request.status": "accepted",
    "meter_reading.state": "normal",
    "meter_reading.received_on": datetime.now(UTC).date(),  # there are months for the present only
    "notification.received_on": datetime.now(UTC).date(),
    "activity_log.received_on": datetime.now(UTC).date(),
    "organization.suspended_at": None,
    "organization.removal_began_at": None,
    "subscription_plan.features": "[]",
    "maintenance_schedule.meter_id": None,  # by the calendar, never by a meter, too
    "maintenance_schedule.every_units": None,
    "maintenance_schedule.next_due_value": None,
    "maintenance_occurrence.meter_id": None,
    "maintenance_occurrence.due_value": None,
    "invoice.currency": "EUR",
    "invoice.state": "paid",
    "usage_counter.kind": "people",
    "project.state": "planned",
    "document_version.state": "draft",
    "document_version.sha256": "0" * 64,
    "document_version.approved_by": None,  # nobody approves his own, and there is one person
    "document_version.approved_at": None,
    "document_relation.kind": "replaces",
    "procedure_version.state": "draft",
    "procedure_version.approved_by": None,
    "procedure_version.approved_at": None,
    "procedure_version.steps": "[]",
    "change_request.state": "draft",
    "change_impact.document_id": None,
    "change_impact.procedure_id": None,
    "change_impact.part_id": None,
    "change_approval.decision": "approved",
    "procedure_execution.state": "running",
    "procedure_execution.results": "{}",
    "procedure_execution.outcome": None,
    "procedure_execution.finished_at": None,
    "prediction.kind": "failure",
    "contractor_member.team_id": None,
    "dashboard_metrics_cache.metric": "open_orders",
    "device_command.kind": "lock",
    "search_entry.entity": "comment",
    "enrolment_code.code_hash": bytes(32),
    "push_subscription.endpoint": "https://push.example.com/1",
    "push_subscription.revoked_at": None,
    "sealed_outbox.sha256": "0" * 64,
}


PLAN = ("subscription_plan", "code")
"""Each organization has a plan of its own, though plans are nobody's."""


def row_id(organization_id: UUID, table: str, branch: str = "main") -> str:
    """Id of the row that `fill` puts into a table."""
    return str(uuid5(organization_id, f"{table}/{branch}"))


def row_of(table: Table, organization_id: UUID, branch: str = "main") -> dict[str, Any]:
    """A legal row: every column has a value, but for references to the own table."""
    return {column.name: _value(table, column, organization_id, branch) for column in table.columns}


def fill(owner_url: str, organization_id: UUID, branch: str = "main") -> None:
    """Put one row of an organization into every table, as a superuser and inside one commit.

    Another branch is a second site with everything that hangs on it, in the same organization.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"SELECT set_config('app.commit_seq', '{COMMIT_SEQ}', true)"))
        for table in metadata.sorted_tables:
            if branch == "main" or table.name not in ONE_PER_ORGANIZATION:
                connection.execute(table.insert().values(row_of(table, organization_id, branch)))
        connection.execute(text("DELETE FROM search_entry WHERE words <> :own"), {"own": f"'{WORDS}'"})


class FilledDatabases:
    """One migrated and filled database per PostgreSQL, for tests that roll back whatever they write."""

    def __init__(self, clusters: Clusters, *organizations: tuple[UUID, str]) -> None:
        self._clusters = clusters
        self._organizations = organizations
        self._names: dict[str, str] = {}

    def url(self, end: str) -> str:
        """A superuser's URL; made at first use."""
        if end not in self._names:
            name = self._clusters.new_database(end, migrated=True)
            for organization_id, branch in self._organizations:
                fill(self._clusters.get(end).url(name), organization_id, branch)
            self._names[end] = name
        return self._clusters.get(end).url(self._names[end])

    def drop(self) -> None:
        """Drop them all."""
        for end, name in self._names.items():
            self._clusters.drop(end, name)


def _value(table: Table, column: Column[Any], organization_id: UUID, branch: str) -> Any:
    name = column.name
    if name == "organization_id" or (table.name == "organization" and name == "id"):
        return str(organization_id)
    for key in (name, f"{table.name}.{name}"):
        if key in FIXED_VALUES:
            return FIXED_VALUES[key]
    if isinstance(column.type, Guid):
        return _reference(table, column, organization_id, branch)
    if isinstance(column.type, Text | JsonText):
        return _text(table, name, organization_id, branch)
    return next(value for type_, value in VALUES if isinstance(column.type, type_))


def _reference(table: Table, column: Column[Any], organization_id: UUID, branch: str) -> str | None:
    if column.name == "id":
        return row_id(organization_id, table.name, branch)
    if column.name == "aggregate_id" and table.name in SYNCED:
        return row_id(organization_id, REGISTRY[table.name].aggregates[0], branch)
    targets = [key.column.table.name for key in column.foreign_keys]
    if table.name in targets:
        return None
    named = column.name.removesuffix("_id")
    return row_id(organization_id, targets[0] if targets else named, branch)


def _text(table: Table, name: str, organization_id: UUID, branch: str) -> str:
    spec = REGISTRY.get(table.name)
    if spec is not None and spec.by_name[name].words:
        return spec.by_name[name].words[0]
    if (table.name, name) == ("plugin", "name"):
        return f"plugin-{branch}"
    if name == "domain":
        return f"organization-{str(organization_id)[-1]}.example"
    if table.name == "organization_directory" or name == "plan_code" or (table.name, name) == PLAN:
        return f"organization-{str(organization_id)[-1]}"
    return f"{name} {branch}"
