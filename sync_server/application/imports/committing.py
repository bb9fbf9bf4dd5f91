"""Carries out an import of work orders: all of it or nothing, in one transaction however many orders there are.

The plan is made before that transaction, which so never waits for Python; when another import was faster, it is made
again. Why one transaction, and what it costs: D-21 in ../../README.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.imports.guessing import guess_mapping
from sync_server.application.imports.identity import identities
from sync_server.application.imports.mapping import ColumnMapping
from sync_server.application.imports.places import DefaultSite, default_site, known_sites
from sync_server.application.imports.planning import ImportPlan, plan_import
from sync_server.application.imports.reading import Sheet, read_sheet
from sync_server.application.imports.settling import Settled, settle
from sync_server.application.imports.turns import wait_for_turn
from sync_server.application.imports.writing import write
from sync_server.contract.column_types import instant_text
from sync_server.errors import Refused, RetryLater
from sync_server.storage.engine import Database
from sync_server.storage.import_rows import Told, batch_state, read_told
from sync_server.storage.plan_limits import require_room

MOST_ROWS = 50_000
"""Of one file: while they are written, nobody else of the organization can commit."""
TRIES = 3
ENDED = ("closed", "cancelled", "rejected")
"""States of orders that are not open."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has done or, as a dry run, would do."""

    sheet: Sheet
    mapping: ColumnMapping
    settled: Settled
    default: DefaultSite
    dry_run: bool
    import_id: str | None
    """By which it can be undone; None when no order was written."""

    @property
    def plan(self) -> ImportPlan:
        """The plan as it was carried out."""
        return self.settled.plan

    @property
    def defaulted_count(self) -> int:
        """New orders of which nothing said where they belong."""
        return sum(draft.site_code is None and place.site_id == self.default.id for draft, place in self.settled.new)


def run_import(
    database: Database,
    organization_id: str,
    path: Path,
    *,
    mapping_options: Sequence[str] = (),
    site_code: str | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Import the work orders of a CSV file, or only look what that would do.

    Args:
        database: Migrated.
        organization_id: Whose orders they become.
        path: The file; at most MOST_ROWS rows.
        mapping_options: `COLUMN=field` each, before any guess.
        site_code: Site of rows that name none; None lets their asset decide, else the first site by code.
        dry_run: Write nothing.

    Raises:
        Refused: The file, an option or the site cannot be used; NeedsMapping when a person has to say more.
        RetryLater: Another import does not end, or the database is busy; nothing was written.
    """
    sheet = read_sheet(path)
    if sheet.row_count > MOST_ROWS:
        raise Refused("too_large", f"{sheet.name} has {sheet.row_count:,} rows; import at most {MOST_ROWS:,} at once.")
    run = _Run(database, organization_id, sheet, guess_mapping(sheet, mapping_options), site_code, dry_run)
    for attempt in range(1, TRIES + 1):
        try:
            if run.attempt():
                break
        except RetryLater:
            if attempt == TRIES:
                raise
    if run.result is None:
        raise RetryLater("Other imports of this organization were faster each time; nothing was written.")
    return run.result


@dataclass(slots=True)
class _Run:
    """One import, tried until the database takes it."""

    database: Database
    organization_id: str
    sheet: Sheet
    mapping: ColumnMapping
    site_code: str | None
    dry_run: bool
    import_id: str = field(default_factory=lambda: str(uuid7()))
    at: str = field(default_factory=lambda: instant_text(datetime.now(UTC)))
    result: ImportResult | None = None

    def attempt(self) -> bool:
        """Plan, and carry out; False when what the plan relied on has changed meanwhile."""
        named = identities(self.sheet.rows(), self.mapping.columns.get("external_id"))
        external_ids = [each.external_id for each in named]
        with self.database.transaction("worker", self.organization_id, read_only=True) as connection:
            if self.result is not None and batch_state(connection, self.organization_id, self.import_id):
                return True  # only the answer to COMMIT was lost
            known = self._look_up(connection, external_ids)
        self.result = None
        told, sites = known
        digests = {external_id: each.digest for external_id, each in told.items()}
        plan = plan_import(self.sheet, self.mapping, existing=digests, known_sites=sites)
        default = default_site(sites, self.site_code)
        with self.database.transaction("worker", self.organization_id, read_only=self.dry_run) as connection:
            if not self.dry_run:
                wait_for_turn(connection, self.organization_id)
            if self._look_up(connection, external_ids) == known:
                self.result = self._carry_out(connection, plan, told=told, sites=sites, default=default)
        return self.result is not None

    def _look_up(
        self, connection: Connection[TupleRow], external_ids: list[str]
    ) -> tuple[dict[str, Told], dict[str, str]]:
        """Read what a plan relies on: what was told about its orders, and the sites."""
        told = read_told(connection, self.organization_id, external_ids)
        return told, known_sites(connection, self.organization_id)

    def _carry_out(
        self,
        connection: Connection[TupleRow],
        plan: ImportPlan,
        *,
        told: dict[str, Told],
        sites: dict[str, str],
        default: DefaultSite,
    ) -> ImportResult:
        settled = settle(
            connection,
            self.organization_id,
            plan=plan,
            mapping=self.mapping,
            told=told,
            sites=sites,
            default=default,
            at=self.at,
            lock=not self.dry_run,
        )
        self._require_room(connection, settled, default)
        is_written = not self.dry_run and write(
            connection,
            self.organization_id,
            settled,
            sheet=self.sheet,
            told=told,
            default=default,
            import_id=self.import_id,
            at=self.at,
        )
        return ImportResult(
            sheet=self.sheet,
            mapping=self.mapping,
            settled=settled,
            default=default,
            dry_run=self.dry_run,
            import_id=self.import_id if is_written else None,
        )

    def _require_room(self, connection: Connection[TupleRow], settled: Settled, default: DefaultSite) -> None:
        """Refuse orders and a site for which the plan has no room, before anything is locked or written."""
        opened = sum(draft.values.get("status") not in ENDED for draft, _ in settled.new)
        require_room(connection, self.organization_id, "open_orders", adding=opened)
        if default.is_new and any(place.site_id == default.id for _, place in settled.new):
            require_room(connection, self.organization_id, "sites")
