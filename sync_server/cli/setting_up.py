"""Sets a server up from nothing: certificate, database, roles, schema, organization, first administrator (D-261).

Everything that can be wrong is looked at before anything is made. Every step looks whether it is done already, so that
a run which was stopped, at whatever step, is finished by the next one with the same words. Never shows a password, and
never takes one: an owner's URL comes from the environment.
"""

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import DuplicateDatabase, UniqueViolation
from psycopg.sql import SQL, Identifier

from sync_server.application.enrolling import make_code
from sync_server.application.first_steps import has_device, make_first_administrator
from sync_server.application.organizations import check_names, create_organization, find_organization
from sync_server.application.tenants.choices import Choices, choose
from sync_server.authz.passwords import Passwords
from sync_server.cli import certificates
from sync_server.cli.databases import check_revision
from sync_server.cli.devices import check_address
from sync_server.cli.parsing import lines_of
from sync_server.cli.there_already import (
    OWNER_URL,
    connected,
    require_own_database,
    require_own_roles,
    require_reached,
    require_rights,
    require_same_settings,
)
from sync_server.config import HIGHEST_PORT, ServerSettings
from sync_server.contract.rules.enrolment import code_link
from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage.engine import Database
from sync_server.storage.migrating import migrate
from sync_server.storage.roles import MIGRATOR, ROLES, role_password

Answer = tuple[dict[str, object], str]
ENVIRONMENT = "server.env"
REACHED_AT = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator said.

    Attributes:
        address: https URL under which devices reach the server.
        organization: Slug of the first organization.
        name: Its name for people.
        admin: Login of its first administrator.
        admin_name: His name for people.
        database: Name of the database to make.
        reached_at: host or host:port where the server reaches PostgreSQL; None: as the owner does.
        folder: Where settings and certificates lie.
        certificate: His own certificate and key; None: one is made for a pilot.
    """

    address: str
    organization: str
    name: str
    admin: str
    admin_name: str
    database: str
    reached_at: str | None
    folder: Path
    certificate: tuple[Path, Path] | None

    @property
    def host(self) -> str:
        return str(urlsplit(self.address).hostname)


def set_up(wanted: Wanted) -> Answer:
    """Do what is not done yet; give the link for the first administrator unless he has a device.

    Raises:
        Refused: Something that was said cannot be; nothing was made.
        EnvironmentFailure: The database or a folder cannot be used; says what to change.
    """
    owner = _checked(wanted)
    settings = _checked_with(ServerSettings.from_environment(), wanted, owner)
    for step in steps(wanted, settings, owner):
        step()
    with _database(settings) as database:
        link = _administrator(database, wanted)
    answer: dict[str, object] = {"organization": wanted.organization, "admin": wanted.admin, "link": link}
    told = [f"The server of {wanted.organization} is set up. Its settings lie in {wanted.folder / ENVIRONMENT}."]
    if wanted.certificate is None and not certificates.is_given(wanted.folder / "tls", host=wanted.host):
        told.append(f"Devices have to trust {wanted.folder / 'tls' / 'ca.crt'}, which speaks for {wanted.host} alone.")
    if link is None:
        told.append(f"{wanted.admin} has a device. More codes come from enrol-code.")
    else:
        told += [f"For {wanted.admin}, once, within 15 minutes; the password that he types with it is his:", link]
    return answer, lines_of(told)


def steps(wanted: Wanted, settings: ServerSettings, owner: str) -> list[Callable[[], object]]:
    """Give what is done before there is an organization, in this order; each step may be done again."""
    return [
        partial(_put_certificate, wanted),
        partial(_make_database, owner, wanted.database),
        partial(migrate, make_conninfo(owner, dbname=wanted.database), settings.secret),
        partial(_look_in, settings),
        partial(_put_environment, wanted, settings),
    ]


def write_pgbouncer_users(path: Path) -> Answer:
    """Write the roles and passwords by which PgBouncer lets the server in."""
    secret = ServerSettings.from_environment().secret
    names = [role.name for role in ROLES if role.login]
    lines = [f'"{name}" "{role_password(secret, name.removeprefix("cmms_"))}"\n' for name in names]
    certificates.write_whole(path, "".join(lines).encode(), mode=0o640)
    return {"file": str(path), "users": names}, f"{path} holds {len(names)} users; only PgBouncer may read it."


def _checked(wanted: Wanted) -> str:
    """Look at everything that was said, and whether the database can be made; give the owner's URL."""
    check_address(wanted.address)
    check_names(wanted.organization, wanted.name)
    if not wanted.admin.strip() or not wanted.admin.isprintable() or len(wanted.admin) > 200:
        raise Refused("invalid_value", "A login has 1 to 200 characters.")
    if not 1 <= len(wanted.admin_name.strip()) <= 200 or not wanted.admin_name.isprintable():
        raise Refused("invalid_value", "The name of the administrator must have 1 to 200 characters.")
    if not wanted.database.isidentifier() or len(wanted.database) > 63 or not wanted.database.isascii():
        raise Refused("invalid_value", "A database is named with letters, digits and underscores, at most 63.")
    if wanted.reached_at is not None and not _is_place(wanted.reached_at):
        raise Refused("invalid_value", "Where PostgreSQL is reached is written like 127.0.0.1:5432.")
    if wanted.certificate is not None:
        certificates.checked(*wanted.certificate, host=wanted.host)
    else:
        certificates.is_given(wanted.folder / "tls", host=wanted.host)
    owner = os.environ.get(OWNER_URL, "")
    if not owner:
        raise EnvironmentFailure(
            f"Set {OWNER_URL} to the URL of a PostgreSQL superuser, such as postgresql:///postgres."
        )
    require_rights(owner)
    require_own_database(owner, wanted.database, organization=wanted.organization)
    return owner


def _checked_with(settings: ServerSettings, wanted: Wanted, owner: str) -> ServerSettings:
    """Look at what other runs and other servers have left; give the settings of this one. Raises EnvironmentFailure."""
    served = _served(owner, wanted)
    require_reached(served)
    require_same_settings(wanted.folder / ENVIRONMENT, served=served, data_folder=settings.data_folder)
    with connected(owner) as connection:
        require_own_roles(connection, settings.secret)
    return replace(settings, database_url=served)


def _is_place(text: str) -> bool:
    """Whether it is a host, or a host and a port."""
    port = text.partition(":")[2]
    return bool(REACHED_AT.fullmatch(text)) and (not port or 1 <= int(port) <= HIGHEST_PORT)


def _served(owner: str, wanted: Wanted) -> str:
    """URL by which the server reaches the database: as the migrator, whose password follows from the secret."""
    said = conninfo_to_dict(owner)
    host, port = str(said.get("host") or "/var/run/postgresql"), str(said.get("port") or 5432)
    if wanted.reached_at is not None:
        host, _, given = wanted.reached_at.partition(":")
        port = given or port
    return f"postgresql://{MIGRATOR}@/{wanted.database}?host={quote(host, safe='')}&port={quote(port, safe='')}"


def _put_certificate(wanted: Wanted) -> None:
    folder = wanted.folder / "tls"
    if wanted.certificate is None:
        if not certificates.is_given(folder, host=wanted.host):
            certificates.put_pilot(folder, host=wanted.host)
    else:
        certificate, key = wanted.certificate
        certificates.put_given(folder, certificate=certificate, key=key, host=wanted.host)


def _make_database(owner: str, name: str) -> None:
    with connected(owner) as connection:
        if connection.execute("select from pg_database where datname = %s", (name,)).fetchone() is None:
            with suppress(DuplicateDatabase, UniqueViolation):  # another run was quicker
                connection.execute(
                    SQL("create database {} encoding 'UTF8' template template0").format(Identifier(name))
                )


def _put_environment(wanted: Wanted, settings: ServerSettings) -> None:
    """Write the settings for systemd and the shell, unless they are there: an administrator may have added some."""
    path = wanted.folder / ENVIRONMENT
    if path.exists():
        return
    said = {
        "CMMS_DATABASE_URL": str(settings.database_url),
        "CMMS_DATA": str(settings.data_folder),
        "CMMS_HOST": settings.host,
        "CMMS_PORT": str(settings.port),
    }
    if settings.allow_old_postgres:
        said["CMMS_ALLOW_OLD_POSTGRES"] = "1"
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in said.items())
    certificates.write_whole(path, lines.encode(), mode=0o640)


def _look_in(settings: ServerSettings) -> None:
    """Come in as the server will, before its settings are written. Raises EnvironmentFailure."""
    with _database(settings):
        pass


@contextmanager
def _database(settings: ServerSettings) -> Iterator[Database]:
    with Database(
        str(settings.database_url), settings.secret, allow_old_postgres=settings.allow_old_postgres
    ) as database:
        check_revision(database)
        yield database


def _administrator(database: Database, wanted: Wanted) -> str | None:
    """Make organization and administrator where they are missing; give a new link, or None when he has a device."""
    organization_id = find_organization(database, wanted.organization)
    if organization_id is None:
        organization_id = create_organization(database, wanted.organization, wanted.name)
        print(f"Made the organization {wanted.organization}.", file=sys.stderr)
    person_id = str(uuid5(NAMESPACE_URL, f"cmms:{organization_id}:first-administrator"))
    make_first_administrator(
        database,
        organization_id,
        person_id=person_id,
        name=wanted.admin_name,
        login=wanted.admin,
        passwords=Passwords(),
    )
    if has_device(database, organization_id):
        return None
    choose(database, organization_id, Choices(enrols_by_code=True))
    made = make_code(database, organization_id, login=wanted.admin, sets_password=True)
    return code_link(wanted.address, organization=wanted.organization, login=wanted.admin, code=made.code)
