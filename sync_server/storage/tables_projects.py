"""Projects: what several orders are done for together. Records of the office; no device holds them."""

from sqlalchemy import CheckConstraint, Column, Index, text

from sync_server.contract.column_types import Date
from sync_server.storage.record_columns import named, natural_key, record_table, state_of, text_of
from sync_server.storage.tables_tenancy import reference

LIVE = text("deleted_at IS NULL")

project = record_table(
    "project",
    *natural_key("project", "code", "Its short name, as people say it."),
    text_of("name", "What it is about."),
    named("manager_id", "Who answers for it. NULL: nobody said.", nullable=True),
    Column("from_on", Date, comment="First day that is planned. NULL: not planned."),
    Column("until_on", Date, comment="Last day that is planned. NULL: no end is planned."),
    *state_of("project"),
    reference("project", "manager_id", "person"),
    CheckConstraint("until_on >= from_on", name="ck_project_until_on"),
    comment="What several orders are done for together, with who answers for it. For the office: no device holds it.",
)

project_work_order = record_table(
    "project_work_order",
    named("project_id", "The project."),
    named("work_order_id", "The order that is done for it."),
    reference("project_work_order", "project_id", "project"),
    reference("project_work_order", "work_order_id", "work_order"),
    Index(
        "uq_project_work_order_work_order_id",
        "organization_id",
        "work_order_id",
        unique=True,
        postgresql_where=LIVE,
        info={"why": "an order is done for one project at most"},
    ),
    Index(
        "ix_project_work_order_project_id",
        "organization_id",
        "project_id",
        postgresql_where=LIVE,
        info={"why": "orders of a project"},
    ),
    comment="Which orders are done for a project. The office sees those of its sites.",
)
