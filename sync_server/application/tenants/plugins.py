"""The register of plugins of an organization: what their manifests say, and what it thinks of them. Runs none."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import Final

import msgspec
from psycopg.rows import class_row

from sync_server.errors import Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database

MOST_BYTES: Final = 65_536
"""Of a manifest."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
VERSION: Final = re.compile(r"[0-9A-Za-z.+-]{1,40}")
LONGEST_PUBLISHER: Final = 200


class Manifest(msgspec.Struct, frozen=True):
    """What is read of a manifest; whatever else it says is only hashed."""

    name: str
    version: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """One version of a plugin. `state`: a word of `tables_plugins.STATES`."""

    name: str
    version: str
    publisher: str
    manifest_sha256: str
    state: str = "registered"


def register(database: Database, organization_id: str, manifest: bytes) -> Plugin:
    """Write a plugin down as its manifest says; the same manifest again changes nothing.

    Raises:
        Refused: It is no manifest, or another one of that name and version is known.
    """
    found = _read(manifest)
    with (
        database.transaction("worker", organization_id) as connection,
        connection.cursor(row_factory=class_row(Plugin)) as cursor,
    ):
        made = cursor.execute(
            "insert into plugin (organization_id, id, name, version, publisher, manifest_sha256, state, registered_at,"
            " updated_at) values (%s, %s, %s, %s, %s, %s, 'registered', clock_timestamp(), clock_timestamp())"
            " on conflict (organization_id, name, version) do nothing",
            (organization_id, str(uuid.uuid4()), found.name, found.version, found.publisher, found.manifest_sha256),
        )
        if made.rowcount:
            new = {"name": found.name, "version": found.version, "manifest_sha256": found.manifest_sha256}
            activity_log.append(connection, [Entry("plugin.registered", new=new)])
            return found
        stands = cursor.execute(
            "select name, version, publisher, manifest_sha256, state from plugin"
            " where organization_id = %s and name = %s and version = %s",
            (organization_id, found.name, found.version),
        ).fetchone()
    if stands is None or stands.manifest_sha256 != found.manifest_sha256:
        raise Refused("already_exists", f"Another {found.name} {found.version} is known already.")
    return stands


def plugins(database: Database, organization_id: str) -> list[Plugin]:
    """Give what is in the register, by name and version."""
    with database.transaction("readonly", organization_id, row_factory=class_row(Plugin)) as connection:
        return connection.execute(
            "select name, version, publisher, manifest_sha256, state from plugin where organization_id = %s"
            " order by name, registered_at, version",
            (organization_id,),
        ).fetchall()


def judge(database: Database, organization_id: str, name: str, version: str, *, state: str) -> None:
    """Say what an organization thinks of a plugin; again changes nothing. Raises Refused when it knows no such one."""
    with database.transaction("worker", organization_id) as connection:
        known = connection.execute(
            "select state from plugin where organization_id = %s and name = %s and version = %s for update",
            (organization_id, name.replace("\0", ""), version.replace("\0", "")),
        ).fetchone()
        if known is None:
            raise Refused("not_found", f"There is no plugin {name} {version}.")
        if known[0] == state:
            return
        connection.execute(
            "update plugin set state = %s, updated_at = clock_timestamp()"
            " where organization_id = %s and name = %s and version = %s",
            (state, organization_id, name, version),
        )
        told = Entry(f"plugin.{state}", old={"state": known[0]}, new={"name": name, "version": version})
        activity_log.append(connection, [told])


def _read(manifest: bytes) -> Plugin:
    """Read what a manifest says. Raises Refused."""
    try:
        if len(manifest) > MOST_BYTES:
            raise ValueError("too long")
        said = msgspec.json.decode(manifest, type=Manifest)
    except (ValueError, RecursionError) as error:
        sentence = "That is no manifest: a JSON object with name, version and publisher, of at most 64 KiB."
        raise Refused("invalid_value", sentence) from error
    publisher = said.publisher.strip()
    if not NAME.fullmatch(said.name) or not VERSION.fullmatch(said.version):
        raise Refused("invalid_value", "The manifest has no name of small letters, digits and hyphens, or no version.")
    if not 1 <= len(publisher) <= LONGEST_PUBLISHER or not publisher.isprintable():
        raise Refused("invalid_value", f"The publisher must have 1 to {LONGEST_PUBLISHER} characters.")
    return Plugin(said.name, said.version, publisher, hashlib.sha256(manifest).hexdigest())
