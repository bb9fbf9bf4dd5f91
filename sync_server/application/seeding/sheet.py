"""The sheet for what lies on the server alone: rows of tables that no device has, written as who may write them.

No such row moves the clock. A row that is there stays as it is, so that what was interrupted is completed.
"""

from dataclasses import dataclass, field
from typing import Final

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.files import File
from sync_server.contract.fields import Scalar
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.blobs import Owned
from sync_server.storage.engine import Database, DatabaseRole
from sync_server.storage.wire_rows import composed

WRITERS: Final[dict[DatabaseRole, frozenset[str]]] = {
    "worker": frozenset(
        (
            *("archive", "blob", "contractor", "contractor_member", "import_batch", "import_row"),
            *("maintenance_history", "maintenance_occurrence", "maintenance_schedule", "plugin", "prediction", "rule"),
        )
    ),
    "app_sync": frozenset(
        (
            *("change_approval", "change_impact", "change_request", "controlled_document", "document_relation"),
            *("document_version", "inspection_procedure", "procedure_execution", "procedure_version", "project"),
            *("project_work_order", "service_requester"),
        )
    ),
    "authn": frozenset(("vendor_contact",)),
}
"""Role → tables that it writes here."""
KEYED_OTHERWISE: Final = ("blob", "import_row", "maintenance_history", "maintenance_occurrence", "service_requester")
"""Tables whose rows have no id of their own."""

Values = dict[str, Scalar]


@dataclass(slots=True)
class Sheet:
    """Rows of one organization, in the order in which they are written, and bytes that some of them name."""

    content: Content
    rows: list[tuple[str, Values]] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)

    def add(self, table: str, name: str, /, **values: Scalar) -> str:
        """Add a row; give the id that follows from its table and a name that is its own there."""
        id_ = self.content.id_of(table, name)
        self.rows.append((table, values if table in KEYED_OTHERWISE else {"id": id_, **values}))
        return id_

    def keep(self, file: File, *, author_id: str, at: str) -> str:
        """Let an author have sent a file; give its digest."""
        size = len(file.content)
        self.files[file.sha256] = file
        values: Values = {"sha256": file.sha256, "author_id": author_id, "size_bytes": size, "received_bytes": size}
        self.add("blob", file.sha256, **values, complete_at=at, created_at=at)
        return file.sha256


def write(database: Database, sheet: Sheet, *, store: BlobStore) -> None:
    """Write the bytes, then the rows. What is there stays as it is."""
    organization_id = sheet.content.organization_id
    for sha256, file in sheet.files.items():
        store.put(Owned(organization_id, "", sha256).name, file.content)
    for role, tables in WRITERS.items():
        with database.transaction(role, organization_id) as connection:
            for table, values in sheet.rows:
                if table in tables:
                    names = ("organization_id", *values)
                    places = ", ".join(f"%({name})s" for name in names)
                    insert = f"insert into {table} ({', '.join(names)}) values ({places}) on conflict do nothing"
                    connection.execute(composed(insert), {**values, "organization_id": organization_id})
