"""Takes over what models expect of assets."""

from datetime import UTC, datetime
from pathlib import Path

from sync_server.application.imports.predictions import import_predictions
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.config import ServerSettings


def take_over(path: Path, slug: str) -> Answer:
    """Take over the predictions of a file."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        taken = import_predictions(database, known_organization(database, slug), path, now=datetime.now(UTC))
    return {"new": taken.new, "known": taken.known}, f"{taken.new:,} are new, {taken.known:,} were there already."
