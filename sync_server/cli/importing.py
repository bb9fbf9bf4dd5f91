"""Importing work orders from a file, and taking an import back."""

from collections.abc import Sequence
from pathlib import Path

from sync_server.application.imports.committing import ImportResult, run_import
from sync_server.application.imports.report import MOST_PRINTED, as_json, preview
from sync_server.application.imports.undo import Undone, undo_import
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings


def import_work_orders(
    path: Path, slug: str, *, mappings: Sequence[str], site_code: str | None, dry_run: bool
) -> Answer:
    """Import a file, or say what would be imported."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        result = run_import(
            database,
            known_organization(database, slug),
            path,
            mapping_options=mappings,
            site_code=site_code,
            dry_run=dry_run,
        )
    answer: dict[str, object] = {**as_json(result.plan), "dry_run": dry_run}
    if result.import_id is not None:
        answer["import_id"] = result.import_id
    if result.defaulted_count:
        answer["site"] = result.default.code
    lines = [preview(result.plan, result.sheet, result.mapping), *_remarks(result), _outcome(result, slug)]
    return answer, lines_of(lines)


def undo(import_id: str, slug: str) -> Answer:
    """Take an import back."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        undone = undo_import(database, known_organization(database, slug), import_id)
    answer: dict[str, object] = {
        "import_id": import_id,
        "deleted": undone.deleted_count,
        "kept": [{"number": each.number, "reason": each.reason} for each in undone.kept],
        "changed": undone.changed_count,
    }
    return answer, lines_of(_undone(undone))


def _remarks(result: ImportResult) -> list[str]:
    """Sentences about what the plan alone cannot know."""
    found, default, settled = [], result.default, result.settled
    if result.defaulted_count:
        why = "as asked" if default.is_asked_for else "a new one" if default.is_new else "the first by code"
        found.append(f"Orders that name no site: {result.defaulted_count:,}; they belong to {default.code}, {why}.")
    if settled.unknown_asset_count:
        found.append(
            f"Orders whose asset is not known here: {settled.unknown_asset_count:,}; what it is called stays with them."
        )
    if settled.kept_count:
        found.append(f"Left as they are, because somebody here has changed them since: {settled.kept_count:,}.")
    return found


def _outcome(result: ImportResult, slug: str) -> str:
    if result.dry_run:
        return "This was a dry run: nothing was written."
    if result.import_id is None:
        return "No order is new or changed."
    return f"Imported as {result.import_id}. To take it back: import undo {result.import_id} --organization {slug}"


def _undone(undone: Undone) -> list[str]:
    lines = [f"Deleted {undone.deleted_count:,} orders of this import, kept {len(undone.kept):,}."]
    lines += [f"{each.number} stays: {each.reason}." for each in undone.kept[:MOST_PRINTED]]
    if len(undone.kept) > MOST_PRINTED:
        lines.append(f"And {len(undone.kept) - MOST_PRINTED:,} more stay.")
    if undone.changed_count:
        lines.append(f"Orders that it changed and did not make stay as they are: {undone.changed_count:,}.")
    return lines
