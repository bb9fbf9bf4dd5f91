"""Organizations as a whole: made, listed, suspended, handed out, removed."""

import sys
from pathlib import Path

from sync_server.app import blob_store
from sync_server.application import removals
from sync_server.application.organizations import create_organization
from sync_server.application.tenants import branding, exporting, overview, removing, suspending
from sync_server.application.tenants.branding import Appearance
from sync_server.application.tenants.overview import Overview
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.cli.stopping import tidy_when_stopped
from sync_server.config import ServerSettings
from sync_server.contract.column_types import instant_text
from sync_server.storage import archives
from sync_server.storage.archives import Archive


def create(slug: str, name: str, *, domain: str | None, plan_code: str | None) -> Answer:
    """Make an organization."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = create_organization(database, slug, name, domain=domain, plan_code=plan_code)
    return {"organization_id": organization_id, "slug": slug}, f"The organization {slug} is there: {organization_id}."


def list_all() -> Answer:
    """List organizations, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = overview.organizations(database)
    lines = lines_of(_line(each) for each in found)
    return {"organizations": [_described(each) for each in found]}, lines or "There is no organization."


def show(slug: str) -> Answer:
    """Say what there is of one organization."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = overview.organization(database, slug)
    return _described(found), lines_of(_sentences(found))


def brand(slug: str, *, name: str | None, colour: str | None, help_text: str | None) -> Answer:
    """Say how an organization appears on its devices."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        branding.appear(database, known_organization(database, slug), Appearance(name, colour, help_text))
    return {"organization": slug}, f"Devices of {slug} show it after their next sync."


def suspend(slug: str, *, reason: str) -> Answer:
    """Let nobody sign in to an organization anew."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        suspending.suspend(database, known_organization(database, slug), reason=reason)
    said = f"Nobody signs in to {slug} anew. Who is signed in goes on sending what he records."
    return {"organization": slug, "state": "suspended"}, said


def resume(slug: str) -> Answer:
    """Let people sign in to an organization again."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        suspending.resume(database, known_organization(database, slug))
    return {"organization": slug, "state": "active"}, f"People sign in to {slug} again."


def export(slug: str, file: Path) -> Answer:
    """Write everything of an organization into a new file."""
    settings = ServerSettings.from_environment()
    with tidy_when_stopped(), ready_database(settings) as (database, _):
        organization_id = known_organization(database, slug)
        store = blob_store(settings)
        made = exporting.export(database, organization_id, slug=slug, store=store, file=file)
    rows, lost = sum(part.rows for part in made.files.values()), [*made.missing, *made.damaged]
    answer: dict[str, object] = {"file": str(file), "rows": rows, "blobs": made.blobs, "lost": lost}
    gone = f" {len(made.missing)} files are missing in the store, {len(made.damaged)} damaged." if lost else ""
    return answer, f"{file} holds all of {slug}: {rows} rows, {made.blobs} files.{gone}"


def list_archives(slug: str) -> Answer:
    """List what was archived of an organization, the newest first."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        with database.transaction("readonly", organization_id) as connection:
            found = archives.listed(connection, organization_id)
    lines = lines_of(
        f"{each.kept_in}  {each.kind}; until {each.until_on}; {each.row_count} rows; {each.sha256}" for each in found
    )
    return {"archives": [_archive(each) for each in found]}, lines or f"Nothing of {slug} is archived."


def remove(slug: str, *, lose_unsent: str | None) -> Answer:
    """Remove an organization, once its slug was typed again."""
    settings = ServerSettings.from_environment()
    with ready_database(settings) as (database, _):
        organization_id = overview.organization(database, slug).organization_id
        removed = removing.remove(
            database, organization_id, slug=_typed(slug), store=blob_store(settings), lose_unsent=lose_unsent
        )
    rows = sum(removed.rows.values())
    answer: dict[str, object] = {"organization": slug, "rows": removed.rows, "files": removed.files}
    return answer, f"{slug} is removed: {rows} rows, {removed.files} files. Backups made before still hold it."


def let_removals_pass(slug: str, *, days: int) -> Answer:
    """Let devices remove for some days what they keep from being removed at once."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        until = removals.let_pass(database, known_organization(database, slug), days=days)
    said = {"organization": slug, "until": instant_text(until)}
    if not days:
        return dict(said), f"Devices of {slug} keep again what would be removed at once."
    return dict(said), f"Devices of {slug} remove until {until:%Y-%m-%d %H:%M} UTC what they kept back."


def _typed(slug: str) -> str:
    """Read the slug that somebody types again."""
    if sys.stdin.isatty():
        print(f"Everything of {slug} will be gone, for good. Type its slug: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _line(each: Overview) -> str:
    counts = f"{each.people} people, {each.devices} devices, {each.sites} sites, {each.open_orders} open orders"
    return f"{each.slug}  {each.name}; {each.state}; {each.plan_code or 'no plan'}; {counts}"


def _sentences(each: Overview) -> list[str]:
    found = [_line(each), f"Its id is {each.organization_id}; it was made {instant_text(each.created_at)}."]
    if each.domain is not None:
        found.append(f"Its mail domain is {each.domain}.")
    found.append(
        f"Its night is that of {each.time_zone}; orders that ended leave their people after {each.days_with_people}"
        f" days and the review after {each.days_in_review}."
    )
    if each.enrols_by_code:
        found.append("A new device needs an enrolment code.")
    if each.suspended_at is not None:
        found.append(f"Suspended since {instant_text(each.suspended_at)}: {each.suspended_because}")
    if each.removal_began_at is not None:
        found.append(f"Its removal began {instant_text(each.removal_began_at)}; run it again until it is gone.")
    return found


def _archive(each: Archive) -> dict[str, object]:
    return {
        "kind": each.kind,
        "kept_in": each.kept_in,
        "from": each.from_on.isoformat() if each.from_on else None,
        "until": each.until_on.isoformat(),
        "rows": each.row_count,
        "sha256": each.sha256,
        "made_at": instant_text(each.made_at) if each.made_at else None,
    }


def _described(each: Overview) -> dict[str, object]:
    return {
        "organization_id": each.organization_id,
        "slug": each.slug,
        "name": each.name,
        "domain": each.domain,
        "state": each.state,
        "plan": each.plan_code,
        "created_at": instant_text(each.created_at),
        "time_zone": each.time_zone,
        "days_with_people": each.days_with_people,
        "days_in_review": each.days_in_review,
        "new_devices": "code" if each.enrols_by_code else "password",
        "suspended_because": each.suspended_because,
        "people": each.people,
        "devices": each.devices,
        "sites": each.sites,
        "open_orders": each.open_orders,
    }
