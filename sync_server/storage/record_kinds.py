"""What kinds of records the office keeps on the server alone, and what may be given and changed of each.

Data only: application/office_records.py acts on it, and application/records/ adds what single kinds ask besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

from sync_server.contract.fields import ColumnSpec
from sync_server.storage.record_columns import specs
from sync_server.storage.tables_changes import REACHED, change_approval, change_impact, change_request
from sync_server.storage.tables_documents import controlled_document, document_relation, document_version
from sync_server.storage.tables_procedures import inspection_procedure, procedure_execution, procedure_version
from sync_server.storage.tables_projects import project, project_work_order


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record.

    Attributes:
        path: Its name in addresses and commands, many of them.
        table: Where it lies; its name is that of the kind.
        resource: Whose permissions in the matrix count.
        given: Columns that whoever makes one gives.
        editable: Columns that may be changed later.
        key: Column that people take for unique; None: there is none.
        parent: Column that names the record that it is a part of; None: it stands alone.
        create, delete: What making and deleting one is, in the matrix.
        open_in: States of it, or of what it is a part of, in which it is changed, made and deleted; empty: any.
    """

    path: str
    table: Table
    resource: str
    given: tuple[str, ...]
    editable: tuple[str, ...] = ()
    key: str | None = None
    parent: str | None = None
    create: str = "change"
    delete: str = "change"
    open_in: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.name

    @property
    def columns(self) -> Mapping[str, ColumnSpec]:
        """What is known of its columns, by name."""
        return {spec.name: spec for spec in specs(self.table)}

    @property
    def names(self) -> Mapping[str, str]:
        """Columns that somebody gives and that name rows which can be deleted, each with the table of those."""
        tables = self.table.metadata.tables
        found = {name: self.columns[name].references for name in self.given}
        return {name: table for name, table in found.items() if table and "deleted_at" in tables[table].columns}

    @property
    def may_be_deleted(self) -> bool:
        """Whether it can be deleted and brought back; others end by their state, or never."""
        return "deleted_at" in self.table.columns

    @property
    def parent_name(self) -> str | None:
        """Name of the kind that it is a part of."""
        return None if self.parent is None else self.columns[self.parent].references


_ALL: Final = (
    RecordKind(
        "projects",
        project,
        "project",
        given=("code", "name", "manager_id", "from_on", "until_on"),
        editable=("code", "name", "manager_id", "from_on", "until_on"),
        key="code",
        create="create",
        delete="delete",
    ),
    RecordKind(
        "project-work-orders",
        project_work_order,
        "project",
        given=("project_id", "work_order_id"),
        parent="project_id",
    ),
    RecordKind(
        "documents",
        controlled_document,
        "controlled_document",
        given=("number", "title", "owner_id"),
        editable=("number", "title", "owner_id"),
        key="number",
        create="create",
        delete="delete",
    ),
    RecordKind(
        "document-versions",
        document_version,
        "controlled_document",
        given=("document_id", "sha256", "file_name", "change_note"),
        editable=("sha256", "file_name", "change_note"),
        parent="document_id",
        open_in=frozenset({"draft"}),
    ),
    RecordKind(
        "document-relations",
        document_relation,
        "controlled_document",
        given=("document_id", "other_document_id", "kind"),
        parent="document_id",
    ),
    RecordKind(
        "procedures",
        inspection_procedure,
        "inspection_procedure",
        given=("code", "name", "asset_type_id"),
        editable=("code", "name", "asset_type_id"),
        key="code",
        create="create",
        delete="delete",
    ),
    RecordKind(
        "procedure-versions",
        procedure_version,
        "inspection_procedure",
        given=("procedure_id", "steps", "change_note"),
        editable=("steps", "change_note"),
        parent="procedure_id",
        open_in=frozenset({"draft"}),
    ),
    RecordKind(
        "procedure-executions",
        procedure_execution,
        "procedure_execution",
        given=("procedure_version_id", "asset_id", "work_order_id"),
        editable=("results",),
        parent="procedure_version_id",
        create="create",
        open_in=frozenset({"running"}),
    ),
    RecordKind(
        "changes",
        change_request,
        "change_request",
        given=("number", "title", "reason", "needed_approvals"),
        editable=("number", "title", "reason", "needed_approvals"),
        key="number",
        create="create",
        delete="delete",
        open_in=frozenset({"draft"}),
    ),
    RecordKind(
        "change-impacts",
        change_impact,
        "change_request",
        given=("change_request_id", *REACHED, "note"),
        parent="change_request_id",
        open_in=frozenset({"draft"}),
    ),
    RecordKind(
        "change-approvals",
        change_approval,
        "change_request",
        given=("change_request_id", "decision", "reason"),
        parent="change_request_id",
        create="decide",
        open_in=frozenset({"submitted"}),
    ),
)
KINDS: Final[Mapping[str, RecordKind]] = {kind.path: kind for kind in _ALL}
"""Path → kind."""
BY_NAME: Final[Mapping[str, RecordKind]] = {kind.name: kind for kind in _ALL}


def parts_of(kind: RecordKind) -> tuple[RecordKind, ...]:
    """Give the kinds whose records are parts of one of this kind."""
    return tuple(each for each in _ALL if each.parent_name == kind.name)
