"""Carrying an import out: all of it in one transaction, or nothing (D-21 in ../../README.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.imports import report
from sync_server.application.imports.drafts import OrderDraft
from sync_server.application.imports.guessing import guess_mapping
from sync_server.application.imports.orders import Placement, changed_order_row, new_order_row
from sync_server.application.imports.places import Places, find_places
from sync_server.application.imports.planning import ImportPlan, plan_import
from sync_server.application.imports.reading import Sheet, read_sheet
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key
from sync_server.storage import import_rows
from sync_server.storage.engine import Database
from sync_server.storage.import_rows import ImportRow

UNIT_ROWS = 1_000
"""Orders of one commit; all commits of an import are in one transaction, each statement below the time limit."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do. `kept` counts changed rows whose order somebody has edited here meanwhile."""

    plan: ImportPlan
    preview: str
    import_id: str | None
    site: str
    kept: int = 0


def run_import(
    database: Database,
    organization_id: str,
    path: Path,
    *,
    mapping_options: Sequence[str] = (),
    site_code: str | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Import work orders from a CSV file.

    Args:
        mapping_options: `COLUMN=field` as the person gave them.
        site_code: Site of rows that name none; the organization's first site when left out.
        dry_run: Only say what would happen.

    Raises:
        Refused: The file, the mapping or the site cannot be used; nothing was written.
    """
    sheet = read_sheet(path)
    mapping = guess_mapping(sheet, mapping_options)
    with database.transaction("worker", organization_id) as connection:
        import_rows.serialise(connection, organization_id)
        known = import_rows.of_organization(connection, organization_id)
        places = find_places(connection, organization_id, site_code, may_make=not dry_run)
        existing = {external_id: row.digest for external_id, row in known.items()}
        plan = plan_import(sheet, mapping, existing=existing, known_sites=places.sites)
        preview = report.preview(plan, sheet, mapping)
        if dry_run or not (plan.new or plan.changed):
            return ImportResult(plan, preview, None, places.default_name)
        run = _Run(connection, organization_id, str(uuid7()), instant_text(datetime.now(UTC)), places)
        run.open_batch(sheet, plan)
        for drafts in _units(plan.new):
            run.add(drafts)
        kept = sum(run.change(drafts, known) for drafts in _units(plan.changed))
    return ImportResult(plan, preview, run.import_id, places.default_name, kept)


def _units(drafts: Sequence[OrderDraft]) -> Iterable[Sequence[OrderDraft]]:
    return (drafts[start : start + UNIT_ROWS] for start in range(0, len(drafts), UNIT_ROWS))


@dataclass(frozen=True, slots=True)
class _Run:
    """An import under way in an open transaction."""

    connection: Connection[TupleRow]
    organization_id: str
    import_id: str
    at: str
    places: Places

    def open_batch(self, sheet: Sheet, plan: ImportPlan) -> None:
        """Write down what is imported, so that it can be undone by its id."""
        self.connection.execute(
            "insert into import_batch (kind, organization_id, id, file_name, file_sha256, created_at, new_count,"
            " changed_count, unchanged_count, rejected_count)"
            " values ('work_order', %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(self.organization_id, self.import_id, sheet.name, sheet.sha256, self.at),
                *(len(plan.new), len(plan.changed), len(plan.unchanged), len(plan.rejected)),
            ),
        )

    def add(self, drafts: Iterable[OrderDraft]) -> None:
        """Make new orders."""
        made = {str(uuid7()): draft for draft in drafts}
        rows: dict[Key, Row] = {
            ("work_order", row_id): new_order_row(
                draft, self._placement(draft), row_id=row_id, import_id=self.import_id, at=self.at, by=None
            )
            for row_id, draft in made.items()
        }
        self._write(UnitOfWork(self.connection, self.organization_id, None), rows, made)

    def change(self, drafts: Iterable[OrderDraft], known: dict[str, ImportRow]) -> int:
        """Change orders that nobody edited since the last import; give how many were left because somebody had."""
        work = UnitOfWork(self.connection, self.organization_id, None)
        by_id = {known[draft.external_id].work_order_id: draft for draft in drafts}
        work.lock([("work_order", row_id) for row_id in by_id])
        rows: dict[Key, Row] = {}
        for row_id, draft in by_id.items():
            stored = work.get("work_order", row_id)
            if stored is not None and stored["version"] == known[draft.external_id].version:
                row = changed_order_row(stored, draft, self._placement(draft), at=self.at, by=None)
                rows["work_order", row_id] = row
        self._write(work, rows, {row_id: by_id[row_id] for _, row_id in rows})
        return len(by_id) - len(rows)

    def _write(self, work: UnitOfWork, rows: dict[Key, Row], drafts: dict[str, OrderDraft]) -> None:
        if not rows:
            return
        work.put(rows)
        work.finish()
        left = [
            ImportRow(draft.external_id, row_id, draft.digest, int(work.changed["work_order", row_id]["version"] or 0))
            for row_id, draft in drafts.items()
        ]
        import_rows.write(self.connection, self.organization_id, self.import_id, left)

    def _placement(self, draft: OrderDraft) -> Placement:
        return self.places.of(draft.site_code, draft.asset_code)
