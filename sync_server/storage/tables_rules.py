"""What an organization lets happen by itself. No device needs it: rules are followed where commits are made."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from sync_server.contract.column_types import Guid, Text, UTCDateTime
from sync_server.contract.entities.work_orders import PRIORITIES
from sync_server.contract.rules.automation import ACTIONS, EVENTS
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

TARGETS: Final = {"add_tag": "tag_id", "set_priority": "priority", "make_order": "work_order_template_id"}
"""Action → the column that says what with."""

rule = Table(
    "rule",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server; ids of what it makes follow from it."),
    Column("name", Text, nullable=False, comment="What it is called; of those that are on no two alike."),
    Column("event", Text, nullable=False, comment="On what it looks."),
    Column("conditions", Text, nullable=False, comment="JSON list of what has to be so; empty: nothing."),
    Column("action", Text, nullable=False, comment="What is done then."),
    Column("tag_id", Guid, comment="Tag that is added. NULL: something else is done."),
    Column("priority", Text, comment="Priority that the order gets. NULL: something else is done."),
    Column("work_order_template_id", Guid, comment="Template that an order is made of. NULL: something else is done."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was made; of several the oldest acts first."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was switched off, or made."),
    Column("off_at", UTCDateTime, comment="Since when it does nothing any more, for good. NULL: it is on."),
    Column("off_because", Text, comment="Why, in a sentence. NULL: it is on."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_rule"),
    organization_reference("rule"),
    reference("rule", "tag_id", "tag"),
    reference("rule", "work_order_template_id", "work_order_template"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="ck_rule_name"),
    CheckConstraint(f"event IN ({', '.join(map(repr, EVENTS))})", name="ck_rule_event"),
    CheckConstraint(f"action IN ({', '.join(map(repr, ACTIONS))})", name="ck_rule_action"),
    CheckConstraint(f"priority IN ({', '.join(map(repr, PRIORITIES))})", name="ck_rule_priority"),
    *(
        CheckConstraint(f"(action = '{action}') = ({column} IS NOT NULL)", name=f"ck_rule_{action}")
        for action, column in TARGETS.items()
    ),
    CheckConstraint("(off_at IS NULL) = (off_because IS NULL)", name="ck_rule_off_because"),
    Index(
        "ix_rule_event",
        "organization_id",
        "event",
        postgresql_where=text("off_at IS NULL"),
        info={"why": "those that are on, asked when an order is created, completed or returned"},
    ),
    Index(
        "uq_rule_name",
        "organization_id",
        "name",
        unique=True,
        postgresql_where=text("off_at IS NULL"),
        info={"why": "the one that is meant by its name"},
    ),
    comment="On an event, where conditions hold, one action. Only ever switched off; whoever wants another makes one.",
)
