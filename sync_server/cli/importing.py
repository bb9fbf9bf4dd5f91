"""Importing work orders from a file, and taking an import back."""

from collections.abc import Sequence
from pathlib import Path

from sync_server.application.imports import report
from sync_server.application.imports.committing import run_import
from sync_server.application.imports.undo import undo_import
from sync_server.application.organizations import find_organization
from sync_server.cli.administration import Answer
from sync_server.cli.databases import ready_database
from sync_server.config import ServerSettings
from sync_server.errors import Refused
from sync_server.storage.engine import Database


def import_work_orders(
    path: Path, slug: str, *, mappings: Sequence[str], site_code: str | None, dry_run: bool
) -> Answer:
    """Import a file, or say what would be imported."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = _organization(database, slug)
        result = run_import(
            database, organization_id, path, mapping_options=mappings, site_code=site_code, dry_run=dry_run
        )
    sentences = [result.preview, f"Orders that name no site belong to {result.site}."]
    if result.kept:
        sentences.append(f"{result.kept} changed rows were left out: somebody edited their orders here.")
    if dry_run:
        sentences.append("Nothing was written: this was a dry run.")
    elif result.import_id is None:
        sentences.append("Nothing was written: there was nothing new.")
    else:
        sentences.append(f"Done. To take it back: import undo {result.import_id} --organization {slug}")
    more = {"import_id": result.import_id, "dry_run": dry_run, "site": result.site, "kept": result.kept}
    return {**report.as_json(result.plan), **more}, "\n".join(sentences)


def undo(import_id: str, slug: str) -> Answer:
    """Take an import back."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        undone = undo_import(database, _organization(database, slug), import_id)
    sentence = f"{undone.deleted} orders were deleted."
    if undone.kept:
        some = ", ".join(undone.kept[:20])
        sentence += f" {len(undone.kept)} stay, because somebody worked on them: {some}."
    return {"deleted": undone.deleted, "kept": list(undone.kept)}, sentence


def _organization(database: Database, slug: str) -> str:
    """Give the organization with a slug. Raises Refused for none."""
    found = find_organization(database, slug)
    if found is None:
        raise Refused("not_found", f"There is no organization {slug}.")
    return found
