"""Controlled documents: numbered papers whose versions are written, reviewed, approved and withdrawn.

An approved version never changes; a database trigger refuses it whoever writes. One version at a time is valid.
"""

from sqlalchemy import CheckConstraint, Column, Index, text

from sync_server.contract.column_types import Text
from sync_server.storage.record_columns import named, natural_key, record_table, text_of, versions_of, words_of
from sync_server.storage.tables_tenancy import reference

RELATIONS = ("replaces", "refers_to", "part_of")

controlled_document = record_table(
    "controlled_document",
    *natural_key("controlled_document", "number", "As it is printed on it."),
    text_of("title", "What it is about."),
    named("owner_id", "Who answers for it. NULL: nobody said.", nullable=True),
    reference("controlled_document", "owner_id", "person"),
    comment="A paper whose versions are approved before they count. For the office: no device holds it.",
)

document_version = record_table(
    "document_version",
    *versions_of(
        "document_version",
        "document_id",
        "controlled_document",
        Column("sha256", Text, nullable=False, comment="Digest of its file, hex; the author has sent the bytes."),
        text_of("file_name", "What the file is called when it is saved."),
    ),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_document_version_sha256"),
    Index("ix_document_version_sha256", "organization_id", "sha256", info={"why": "who may read a file"}),
    comment="A version of a controlled document, with its file. Approved, it never changes; one is valid at a time.",
    may_be_deleted=False,
)

document_relation = record_table(
    "document_relation",
    named("document_id", "The document that says so."),
    named("other_document_id", "The one that it speaks of."),
    words_of("kind", "How they belong together.", RELATIONS),
    reference("document_relation", "document_id", "controlled_document"),
    reference("document_relation", "other_document_id", "controlled_document"),
    CheckConstraint(f"kind IN ({', '.join(map(repr, RELATIONS))})", name="ck_document_relation_kind"),
    Index(
        "ix_document_relation_document_id",
        "organization_id",
        "document_id",
        postgresql_where=text("deleted_at IS NULL"),
        info={"why": "what a document speaks of"},
    ),
    comment="That a controlled document replaces another one, refers to it, or is a part of it.",
)
