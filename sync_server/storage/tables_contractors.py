"""Companies whose people work on orders of the organization, and until when they are insured. Of the server alone.

Who belongs to one is a person or a team that is there already: orders are given to these as to anybody.
"""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from sync_server.contract.column_types import Date, Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

contractor = Table(
    "contractor",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("code", Text, nullable=False, comment="Its number at the organization."),
    Column("name", Text, nullable=False, comment="What people call it."),
    Column("insured_until", Date, comment="Last day on which its people are insured. NULL: nobody said."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was written down."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last."),
    Column("deleted_at", UTCDateTime, comment="Since when it gets no orders any more; it stays. NULL: it does."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_contractor"),
    organization_reference("contractor"),
    Index(
        "uq_contractor_code",
        "organization_id",
        "code",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
        info={"why": "one for each code of those that get orders"},
    ),
    comment="A company whose people work on orders. The whole office sees it; no device needs it offline.",
)


def _one_of(column: str) -> Index:
    where = text(f"{column} IS NOT NULL")
    said = {"why": "each belongs to one company at most"}
    return Index(
        f"uq_contractor_member_{column}", "organization_id", column, unique=True, postgresql_where=where, info=said
    )


contractor_member = Table(
    "contractor_member",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("contractor_id", Guid, nullable=False, comment="The company."),
    Column("person_id", Guid, comment="Who belongs to it. NULL: a team does."),
    Column("team_id", Guid, comment="Which team belongs to it, with everybody in it. NULL: a person does."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was written down."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_contractor_member"),
    reference("contractor_member", "contractor_id", "contractor"),
    reference("contractor_member", "person_id", "person"),
    reference("contractor_member", "team_id", "team"),
    CheckConstraint("num_nonnulls(person_id, team_id) = 1", name="ck_contractor_member_member"),
    _one_of("person_id"),
    _one_of("team_id"),
    Index(
        "ix_contractor_member_contractor_id",
        "organization_id",
        "contractor_id",
        info={"why": "who belongs to a company"},
    ),
    comment="A person or team that belongs to a company.",
)
