"""Change requests: what is to be changed and why, what it reaches, and who has decided about it.

Decisions are only ever added to. A request that is taken back and handed in again begins a new round; those of former
rounds stay, and count no more.
"""

from sqlalchemy import CheckConstraint, Column, Index, text

from sync_server.contract.column_types import Integer
from sync_server.contract.rules.deciding import DECISIONS
from sync_server.storage.record_columns import (
    LONG,
    named,
    natural_key,
    record_table,
    state_of,
    text_of,
    words_of,
)
from sync_server.storage.tables_tenancy import reference

MOST_APPROVALS = 9
REACHED = {
    "asset_id": "asset",
    "document_id": "controlled_document",
    "procedure_id": "inspection_procedure",
    "part_id": "part",
}
"""What a change may reach: column → table. Each row names exactly one."""
LIVE = text("deleted_at IS NULL")

change_request = record_table(
    "change_request",
    *natural_key("change_request", "number", "As people call it."),
    text_of("title", "What is to be changed."),
    text_of("reason", "Why.", characters=LONG),
    Column(
        "needed_approvals",
        Integer,
        nullable=False,
        server_default=text("1"),
        comment="How many people have to approve it.",
        info={"bounds": (1, MOST_APPROVALS)},
    ),
    Column(
        "round", Integer, nullable=False, server_default=text("0"), comment="How often it was handed in. 0: never yet."
    ),
    *state_of("change_request"),
    CheckConstraint(f"needed_approvals BETWEEN 1 AND {MOST_APPROVALS}", name="ck_change_request_needed_approvals"),
    CheckConstraint("round >= 0 AND (round > 0 OR state IN ('draft', 'withdrawn'))", name="ck_change_request_round"),
    comment="A change that others decide about before it is made. For the office: no device holds it.",
)

change_impact = record_table(
    "change_impact",
    named("change_request_id", "The change."),
    *(
        named(column, f"What it reaches, when that is a row of {table}. NULL: it is something else.", nullable=True)
        for column, table in REACHED.items()
    ),
    text_of("note", "What becomes of it. NULL: nothing said.", nullable=True, characters=LONG),
    reference("change_impact", "change_request_id", "change_request"),
    *(reference("change_impact", column, table) for column, table in REACHED.items()),
    CheckConstraint(f"num_nonnulls({', '.join(REACHED)}) = 1", name="ck_change_impact_subject"),
    Index(
        "ix_change_impact_change_request_id",
        "organization_id",
        "change_request_id",
        postgresql_where=LIVE,
        info={"why": "what a change reaches"},
    ),
    comment="One thing that a change reaches. The office sees those at its sites, and those of no site.",
)

change_approval = record_table(
    "change_approval",
    named("change_request_id", "The change."),
    Column("round", Integer, nullable=False, comment="The round in which it was decided about."),
    words_of("decision", "What was decided.", DECISIONS),
    text_of("reason", "Why. NULL: nothing said.", nullable=True, characters=LONG),
    reference("change_approval", "change_request_id", "change_request"),
    CheckConstraint(f"decision IN ({', '.join(map(repr, DECISIONS))})", name="ck_change_approval_decision"),
    CheckConstraint("round >= 1", name="ck_change_approval_round"),
    CheckConstraint("decision <> 'rejected' OR reason IS NOT NULL", name="ck_change_approval_reason"),
    Index(
        "uq_change_approval_change_request_id",
        "organization_id",
        "change_request_id",
        "round",
        "created_by",
        unique=True,
        info={"why": "everybody decides once in a round"},
    ),
    comment="What one person has decided about a change, never who made it; only ever added to.",
    is_added_to_only=True,
)
