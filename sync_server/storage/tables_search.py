"""What the office can search: the words of rows, in a table of their own, so that an edit of a row does not carry them.

Derived like the scope index, and without references like it. Triggers write it: `keep_new_words`,
`keep_changed_words` and `keep_tags`.
"""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.postgresql import TSVECTOR

from sync_server.contract.column_types import Boolean, Guid, Text
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata

SEARCHED = ("work_order", "asset", "asset_document", "comment")
"""Entities whose words are kept."""

search_entry = Table(
    "search_entry",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("entity", Text, nullable=False, comment="Entity of the row whose words these are."),
    Column("id", Guid, nullable=False, comment="Id of that row."),
    Column("aggregate_id", Guid, nullable=False, comment="Order or asset that it is of."),
    Column("site_id", Guid, nullable=False, comment="Site of that order or asset; decides who finds it."),
    Column(
        "live",
        Boolean,
        nullable=False,
        comment="Whether that order or asset is there; it is false while that is deleted.",
    ),
    Column(
        "words",
        TSVECTOR,
        nullable=False,
        comment="Words with their weight: A number, code and title, B all else, C the tags on it, by their ids."
        " Empty while the row is deleted.",
    ),
    PrimaryKeyConstraint("organization_id", "entity", "id", name="pk_search_entry"),
    CheckConstraint(f"entity IN ({', '.join(map(repr, SEARCHED))})", name="ck_search_entry_entity"),
    Index(
        "ix_search_entry_words",
        "organization_id",
        "words",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
        info={"why": "what of an organization holds a word"},
    ),
    Index(
        "ix_search_entry_aggregate_id",
        "organization_id",
        "aggregate_id",
        info={"why": "what follows an order or asset to another site"},
    ),
    comment="The words of a row that the office can search; written by triggers, in the commit of the row.",
)
