"""Making an organization's recovery key: the public half is stored, the private half goes to whoever asked, once."""

import os
from pathlib import Path

from sync_server.authz import recovery
from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.blob_store import sync
from sync_server.storage.engine import Database

NOT_WRITTEN = "The key cannot be written to {}. Nothing was changed."


def make_recovery_key(
    database: Database, organization_id: str, private_key_file: Path, *, replace: bool = False
) -> str:
    """Make a key pair, write the private half into a new file and store the public one; give that as base64url.

    The file is on the disk before the organization seals anything to it.

    Raises:
        Refused: `already_exists`: there is a key (`replace` makes another: what was sealed to the old one still needs
            the old one), or a file of that name.
        EnvironmentFailure: the file cannot be written.
    """
    private_key = recovery.new_private_key()
    public_text = recovery.text_of(private_key.public_key())
    with database.transaction("migrator", organization_id) as connection:
        found = connection.execute(
            "select recovery_public_key is not null from organization where id = %s for no key update",
            (organization_id,),
        ).fetchone()
        if found and found[0] and not replace:
            raise Refused("already_exists", "The organization has a recovery key. --replace makes another one.")
        _write(private_key_file, recovery.text_of(private_key))
        connection.execute(
            "update organization set recovery_public_key = %s, updated_at = clock_timestamp() where id = %s",
            (public_text, organization_id),
        )
        made = Entry("recovery_key.made", row_id=organization_id, new={"public_key": public_text})
        activity_log.append(connection, [made])
    return public_text


def _write(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refused("already_exists", f"There is a file {path.name} already; choose another name.") from error
    except OSError as error:
        raise EnvironmentFailure(NOT_WRITTEN.format(path.name)) from error
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync(path.absolute().parent)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise EnvironmentFailure(NOT_WRITTEN.format(path.name)) from error
