"""The register of plugins of an organization, as an administrator keeps it."""

from pathlib import Path

from sync_server.application.tenants import plugins
from sync_server.application.tenants.plugins import MOST_BYTES, Plugin
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure


def register(slug: str, file: Path) -> Answer:
    """Write a plugin down as its manifest says."""
    try:
        with file.open("rb") as opened:
            manifest = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise EnvironmentFailure(f"{file} cannot be read: {error.strerror}.") from error
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = plugins.register(database, known_organization(database, slug), manifest)
    return _described(found), f"{slug} knows {found.name} {found.version}. Nothing of it is run."


def list_all(slug: str) -> Answer:
    """List plugins, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = plugins.plugins(database, known_organization(database, slug))
    lines = lines_of(
        f"{each.name} {each.version}  {each.state}; of {each.publisher}; {each.manifest_sha256}" for each in found
    )
    return {"plugins": [_described(each) for each in found]}, lines or f"{slug} knows no plugins."


def judge(slug: str, name: str, version: str, *, state: str) -> Answer:
    """Say what an organization thinks of a plugin."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        plugins.judge(database, known_organization(database, slug), name, version, state=state)
    return {"organization": slug, "plugin": name, "version": version, "state": state}, f"{name} {version} is {state}."


def _described(plugin: Plugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "version": plugin.version,
        "publisher": plugin.publisher,
        "manifest_sha256": plugin.manifest_sha256,
        "state": plugin.state,
    }
