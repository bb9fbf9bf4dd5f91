"""Backing up, proving a backup, restoring one, and telling devices of a restore that nobody told them of."""

from pathlib import Path

from sync_server.app import blob_store
from sync_server.application import backups
from sync_server.cli.administration import Answer
from sync_server.cli.databases import CLUSTER_FOLDER, direct_url, is_running, ready_database
from sync_server.cli.stopping import tidy_when_stopped
from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure
from sync_server.storage import epochs

BY_HAND = "the runbook"


def back_up(folder: Path) -> Answer:
    """Write a backup below a folder."""
    settings = ServerSettings.from_environment()
    with tidy_when_stopped(), direct_url(settings) as url:
        made, manifest = backups.back_up(url, settings.secret, folder=folder, store=blob_store(settings))
    answer: dict[str, object] = {
        "backup": str(made),
        "files": len(manifest.files) - 1,
        "clocks": {organization_id: then.seq for organization_id, then in manifest.clocks.items()},
    }
    return answer, f"The backup is in {made}. It counts for the devices once verify has proved it."


def verify(backup: Path) -> Answer:
    """Prove a backup by restoring it into a database that is thrown away."""
    settings = ServerSettings.from_environment()
    with tidy_when_stopped(), ready_database(settings) as (database, _):
        durable = backups.prove(backup, settings.secret, database)
    answer: dict[str, object] = {"backup": str(backup), "durable": durable}
    if not durable:
        return answer, "The backup is good, but of a history that the server has left: devices keep what they have."
    return answer, f"The backup is good. Devices of {_organizations(len(durable))} hear of it."


def restore(backup: Path) -> Answer:
    """Put a backup in place of the database."""
    settings = ServerSettings.from_environment()
    if settings.database_url is None and is_running(settings.data_folder / CLUSTER_FOLDER):
        raise EnvironmentFailure("The server is running. Stop it before you restore.")
    with tidy_when_stopped(), direct_url(settings) as url:
        manifest, former = backups.restore(backup, url, settings.secret, store=blob_store(settings))
    answer: dict[str, object] = {
        "made_at": manifest.made_at,
        "clocks": {organization_id: then.seq for organization_id, then in manifest.clocks.items()},
        "former_database": former,
    }
    kept = f" The former database is kept as {former}." if former else ""
    return answer, f"Restored the backup of {manifest.made_at}. Devices send again what came after it.{kept}"


def rotate_epoch() -> Answer:
    """Begin a new epoch in every organization."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        rotated = epochs.rotate_all(database, reason=BY_HAND)
    return {"organizations": rotated}, f"A new epoch begins in {_organizations(len(rotated))}."


def _organizations(count: int) -> str:
    return f"{count} organization{'' if count == 1 else 's'}"
