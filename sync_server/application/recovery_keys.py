"""Making an organization's recovery key: the public half is stored, the private half goes to whoever asked, once."""

from pathlib import Path

from sync_server.authz import recovery
from sync_server.errors import Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.new_file import SECRET, write_new_file


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
        write_new_file(private_key_file, f"{recovery.text_of(private_key)}\n".encode(), mode=SECRET)
        connection.execute(
            "update organization set recovery_public_key = %s, updated_at = clock_timestamp() where id = %s",
            (public_text, organization_id),
        )
        made = Entry("recovery_key.made", row_id=organization_id, new={"public_key": public_text})
        activity_log.append(connection, [made])
    return public_text
