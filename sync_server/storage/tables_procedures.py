"""Inspection procedures: versions of steps that are approved before they count, and what came of them on assets.

A database trigger refuses any change of an approved version, and of an execution that has ended.
"""

from sqlalchemy import CheckConstraint, Column, Index

from sync_server.contract.column_types import Text, UTCDateTime
from sync_server.contract.rules.procedures import NO_RESULTS
from sync_server.storage.record_columns import (
    json_of,
    named,
    natural_key,
    record_table,
    state_of,
    text_of,
    versions_of,
)
from sync_server.storage.tables_tenancy import reference

LONGEST_STEPS = 200_000
OUTCOMES = ("passed", "failed")

inspection_procedure = record_table(
    "inspection_procedure",
    *natural_key("inspection_procedure", "code", "Its short name, as people say it."),
    text_of("name", "What it is about."),
    named("asset_type_id", "Kind of asset that it is for. NULL: any.", nullable=True),
    reference("inspection_procedure", "asset_type_id", "asset_type"),
    comment="A test or inspection whose steps are approved before they count. For the office: no device holds it.",
)

procedure_version = record_table(
    "procedure_version",
    *versions_of(
        "procedure_version",
        "procedure_id",
        "inspection_procedure",
        json_of(
            "steps",
            "JSON list of steps, written like items of a checklist template (rules/template.py).",
            characters=LONGEST_STEPS,
        ),
    ),
    comment="A version of a procedure, with its steps. Approved, it never changes; one is valid at a time.",
    may_be_deleted=False,
)

procedure_execution = record_table(
    "procedure_execution",
    named("procedure_version_id", "The version that was valid when it began."),
    named("asset_id", "What was inspected."),
    named("work_order_id", "Order that it belonged to. NULL: to none.", nullable=True),
    json_of(
        "results",
        "JSON object: key of a step → what was found (rules/procedures.py).",
        characters=LONGEST_STEPS,
        default=NO_RESULTS,
    ),
    *state_of("procedure_execution"),
    Column("outcome", Text, comment="How it ended. NULL: it is not finished.", info={"words": OUTCOMES}),
    Column("finished_at", UTCDateTime, comment="When it ended. NULL: it goes on, or was given up."),
    reference("procedure_execution", "procedure_version_id", "procedure_version"),
    reference("procedure_execution", "asset_id", "asset"),
    reference("procedure_execution", "work_order_id", "work_order"),
    CheckConstraint(f"outcome IN ({', '.join(map(repr, OUTCOMES))})", name="ck_procedure_execution_outcome"),
    CheckConstraint(
        "num_nonnulls(outcome, finished_at) = CASE state WHEN 'finished' THEN 2 ELSE 0 END",
        name="ck_procedure_execution_finished_at",
    ),
    Index(
        "ix_procedure_execution_procedure_version_id",
        "organization_id",
        "procedure_version_id",
        info={"why": "how often a version was carried out"},
    ),
    Index("ix_procedure_execution_asset_id", "organization_id", "asset_id", info={"why": "inspections of an asset"}),
    comment="One time that a procedure was carried out, by who made the row. The office sees those at its sites.",
    may_be_deleted=False,
)
