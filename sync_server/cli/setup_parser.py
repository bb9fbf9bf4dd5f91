"""The commands that set a server up, as they are typed. What they need is imported when one runs."""

from argparse import Namespace, _SubParsersAction
from pathlib import Path

from sync_server.cli.parsing import Answer, Parser, answering, path_of

FOLDER = Path("/etc/cmms-sync-server")
NEEDS_OWNER = "CMMS_OWNER_URL names a PostgreSQL superuser; the same words again go on where a run was stopped"


def add_setup(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    parser = commands.add_parser("setup", help="set a server up from nothing", description=NEEDS_OWNER)
    parser.add_argument("--address", required=True, metavar="URL", help="https address under which devices reach it")
    parser.add_argument("--organization", required=True, metavar="SLUG", help="the first organization")
    parser.add_argument("--name", required=True, help="its name for people")
    parser.add_argument("--admin", required=True, metavar="LOGIN", help="its first administrator")
    parser.add_argument("--admin-name", metavar="NAME", help="his name for people (else the login)")
    parser.add_argument("--database", default="cmms_field", metavar="NAME", help="database to make (else cmms_field)")
    parser.add_argument("--reached-at", metavar="HOST[:PORT]", help="where the server reaches PostgreSQL")
    parser.add_argument("--folder", type=path_of, default=FOLDER, help=f"for settings and certificates (else {FOLDER})")
    parser.add_argument("--certificate", type=path_of, metavar="FILE", help="PEM, with its chain; else one is made")
    parser.add_argument("--key", type=path_of, metavar="FILE", help="key of the certificate, PEM")
    answering(parser, _set_up)
    users = commands.add_parser("pgbouncer-users", help="write the users of a PgBouncer before the database")
    users.add_argument("file", type=path_of, metavar="FILE")
    answering(users, _pgbouncer_users)


def _set_up(options: Namespace) -> Answer:
    from sync_server.cli import setting_up
    from sync_server.errors import Refused

    if (options.certificate is None) != (options.key is None):
        raise Refused("invalid_value", "Give --certificate and --key together, or neither.")
    return setting_up.set_up(
        setting_up.Wanted(
            address=options.address,
            organization=options.organization,
            name=options.name,
            admin=options.admin,
            admin_name=options.admin_name or options.admin,
            database=options.database,
            reached_at=options.reached_at,
            folder=options.folder,
            certificate=None if options.certificate is None else (options.certificate, options.key),
        )
    )


def _pgbouncer_users(options: Namespace) -> Answer:
    from sync_server.cli import setting_up

    return setting_up.write_pgbouncer_users(options.file)
