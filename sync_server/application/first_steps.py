"""The first administrator of an organization, made so that a second run finds what the first has left."""

from secrets import token_urlsafe

from sync_server.application.organizations import Login, check_login, create_person, set_passwords
from sync_server.authz.passwords import Passwords
from sync_server.errors import Refused
from sync_server.storage.engine import Database

NOBODYS_BYTES = 32
"""Of a password that nobody knows: a code lets the administrator choose his own."""


def make_first_administrator(
    database: Database, organization_id: str, *, person_id: str, name: str, login: str, passwords: Passwords
) -> None:
    """Make a person who is administrator, with a login and no password that anybody knows; what is there stays.

    Args:
        database: Migrated.
        organization_id: Which organization.
        person_id: The same in every run.
        name: For people.
        login: What he types; if he has one already, it has to be this.
        passwords: Hashes.

    Raises:
        Refused: He has another login, or the login is somebody else's.
    """
    wanted = Login(person_id=person_id, login=login, password=token_urlsafe(NOBODYS_BYTES))
    check_login(database, organization_id, wanted)
    with database.transaction("authn", organization_id, read_only=True) as connection:
        person = connection.execute("select from person where id = %s", (person_id,)).fetchone()
        known = connection.execute("select login from user_credential where person_id = %s", (person_id,)).fetchone()
    if person is None:
        create_person(database, organization_id, name=name, role="admin", person_id=person_id)
    if known is None:
        set_passwords(database, organization_id, logins=[wanted], passwords=passwords)
    elif known[0].lower() != login.strip().lower():
        raise Refused("already_exists", f"The first administrator is {known[0]}. Say the same as then.")


def has_device(database: Database, organization_id: str) -> bool:
    """Whether anybody of the organization has ever enrolled one."""
    with database.transaction("worker", organization_id, read_only=True) as connection:
        found = connection.execute("select from device where organization_id = %s limit 1", (organization_id,))
        return found.fetchone() is not None
