"""What organizations have ordered: plans, subscriptions, invoices, and what they use. Records, no payments.

`subscription_plan` is above all tenants: everybody may read it, and no role that serves may write it. Nor may any of
them write a subscription or an invoice: whoever runs the server does, by command.
"""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from sync_server.contract.column_types import BigInteger, Decimals, Guid, Integer, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

KINDS: Final = ("people", "devices", "sites", "open_orders", "file_bytes")
"""What is counted every night; the first four have limits in a plan."""
INVOICE_STATES: Final = ("issued", "paid", "void")


def _limit(name: str, what: str) -> Column[int]:
    return Column(name, Integer, comment=f"How many {what} it has room for. NULL: any number.")


subscription_plan = Table(
    "subscription_plan",
    metadata,
    Column("code", Text, nullable=False, comment="Small letters, digits and hyphens."),
    Column("name", Text, nullable=False, comment="Name for people."),
    _limit("most_people", "active people"),
    _limit("most_devices", "devices that are neither revoked nor wiped"),
    _limit("most_sites", "sites"),
    _limit("most_open_orders", "orders that are neither closed, cancelled nor rejected"),
    Column("features", Text, nullable=False, server_default=text("'[]'"), comment="JSON list of words: what it opens."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was made."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last."),
    PrimaryKeyConstraint("code", name="pk_subscription_plan"),
    CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="ck_subscription_plan_code"),
    *(
        CheckConstraint(f"most_{name} >= 0", name=f"ck_subscription_plan_most_{name}")
        for name in ("people", "devices", "sites", "open_orders")
    ),
    comment="What may be ordered: limits and features. Of no organization; whoever serves only reads it.",
)

subscription = Table(
    "subscription",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("plan_code", Text, nullable=False, comment="What it has ordered."),
    Column("began_on", Date, nullable=False, comment="Its first day."),
    Column("ended_on", Date, comment="The day from which it does not hold any more. NULL: it holds."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was written down."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_subscription"),
    organization_reference("subscription"),
    ForeignKeyConstraint(["plan_code"], ["subscription_plan.code"], name="fk_subscription_plan_code"),
    CheckConstraint("ended_on >= began_on", name="ck_subscription_ended_on"),
    Index(
        "uq_subscription_organization_id",
        "organization_id",
        unique=True,
        postgresql_where=text("ended_on IS NULL"),
        info={"why": "the one that holds, asked for whenever something is limited"},
    ),
    comment="Which plan an organization has had, and since when. One holds at a time; without any nothing is limited.",
)

invoice = Table(
    "invoice",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("number", Text, nullable=False, comment="As it is printed."),
    Column("subscription_id", Guid, nullable=False, comment="What for."),
    Column("period_from", Date, nullable=False, comment="First day that it is for."),
    Column("period_until", Date, nullable=False, comment="Last day that it is for."),
    Column("due_on", Date, nullable=False, comment="When it is to be paid."),
    Column("amount", Decimals, nullable=False, comment="In its currency, taxes included."),
    Column("currency", Text, nullable=False, comment="Three large letters of ISO 4217."),
    Column("state", Text, nullable=False, server_default=text("'issued'"), comment="What has become of it."),
    Column("paid_on", Date, comment="When it was paid. NULL: it was not."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was issued."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_invoice"),
    reference("invoice", "subscription_id", "subscription"),
    UniqueConstraint("organization_id", "number", name="uq_invoice_number", info={"why": "one for each number"}),
    CheckConstraint("period_until >= period_from", name="ck_invoice_period_until"),
    CheckConstraint("amount >= 0 AND amount <> 'NaN'", name="ck_invoice_amount"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="ck_invoice_currency"),
    CheckConstraint(f"state IN ({', '.join(map(repr, INVOICE_STATES))})", name="ck_invoice_state"),
    CheckConstraint("(state = 'paid') = (paid_on IS NOT NULL)", name="ck_invoice_paid_on"),
    comment="What an organization was asked to pay. A record: nothing here moves money.",
)

usage_counter = Table(
    "usage_counter",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("kind", Text, nullable=False, comment="What is counted."),
    Column("counted_on", Date, nullable=False, comment="Day of the count, UTC."),
    Column("value", BigInteger, nullable=False, comment="How many there were; of files, how many bytes."),
    PrimaryKeyConstraint("organization_id", "kind", "counted_on", name="pk_usage_counter"),
    organization_reference("usage_counter"),
    CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name="ck_usage_counter_kind"),
    CheckConstraint("value >= 0", name="ck_usage_counter_value"),
    comment="What an organization uses, counted once a night.",
)
