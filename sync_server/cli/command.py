"""Reads the command line, runs one command, and turns what goes wrong into a sentence and an exit code."""

import signal
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Sequence
from functools import cache

from sync_server.cli.activity_parser import add_activity
from sync_server.cli.backup_parser import add_backups
from sync_server.cli.calendar_parser import add_calendar
from sync_server.cli.device_parser import add_device, add_enrolling
from sync_server.cli.finding_parser import add_finding
from sync_server.cli.making_parser import add_orders
from sync_server.cli.organization_parser import add_organization
from sync_server.cli.page_parser import add_pages
from sync_server.cli.parsing import WRONG, Answer, Parser, answering, complain, path_of, require_text
from sync_server.cli.permission_parser import add_permissions
from sync_server.cli.plan_parser import add_invoices, add_plans
from sync_server.cli.plugin_parser import add_plugins
from sync_server.cli.profile_parser import add_profiles
from sync_server.cli.record_parser import add_records
from sync_server.cli.request_parser import add_requests
from sync_server.cli.rescue_parser import add_rescue
from sync_server.cli.routine_parser import add_routine
from sync_server.cli.rule_parser import add_rules
from sync_server.cli.schedule_parser import add_schedules
from sync_server.cli.setup_parser import add_setup
from sync_server.cli.stock_parser import add_stock
from sync_server.errors import Bug, CmmsError
from sync_server.storage.origins import commanded

INTERRUPTED = "Interrupted. What was done whole stays done; say the same again."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code: 0; 2 with a sentence on standard error; 130 when it was interrupted.

    Args:
        argv: The arguments after the program's name; None takes those of the process.
    """
    try:
        require_text(sys.argv[1:] if argv is None else argv)
        options = make_parser().parse_args(argv)
        with commanded(getattr(options, "words", options.command)):
            options.run(options)
    except Bug:
        raise
    except CmmsError as error:
        complain(error.sentence)
        return WRONG
    except KeyboardInterrupt:
        complain(INTERRUPTED)
        return 128 + signal.SIGINT
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1
    return 0


@cache  # a thousand commands of one process of tests describe them once
def make_parser() -> ArgumentParser:
    """Describe all commands. What each needs is imported when it runs, so that `--help` is quick."""
    parser = Parser(prog="cmms-sync-server", description="The sync server of cmms-field.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_migrate(commands.add_parser("migrate", help="make or update roles and schema"))
    _add_serve(commands.add_parser("serve", help="serve devices and the office"))
    _add_seed(commands.add_parser("seed", help="make the demonstration organizations"))
    _add_demo_server(commands.add_parser("demo-server", help="serve a demonstration with its own database"))
    activity = commands.add_parser("activity", help="see what was done, and whether all of it is there")
    add_activity(activity.add_subparsers(dest="action", required=True, metavar="ACTION"))
    orders = commands.add_parser("order", help="make work orders")
    add_orders(orders.add_subparsers(dest="action", required=True, metavar="ACTION"))
    imports = commands.add_parser("import", help="take over work orders from a file")
    _add_import(imports.add_subparsers(dest="action", required=True, metavar="ACTION"))
    add_backups(commands)
    add_calendar(commands)
    add_enrolling(commands)
    device = commands.add_parser("device", help="see devices; lock, check, wipe or revoke one")
    add_device(device.add_subparsers(dest="action", required=True, metavar="ACTION"))
    organization = commands.add_parser("organization", help="make, see, suspend or remove organizations")
    add_organization(organization.add_subparsers(dest="action", required=True, metavar="ACTION"))
    plan = commands.add_parser("plan", help="make and see what organizations may order")
    add_plans(plan.add_subparsers(dest="action", required=True, metavar="ACTION"))
    invoice = commands.add_parser("invoice", help="keep what organizations were asked to pay")
    add_invoices(invoice.add_subparsers(dest="action", required=True, metavar="ACTION"))
    records = commands.add_parser("record", help="keep projects, controlled documents and other records of the office")
    add_records(records.add_subparsers(dest="action", required=True, metavar="ACTION"))
    rule = commands.add_parser("rule", help="keep what an organization lets happen by itself")
    add_rules(rule.add_subparsers(dest="action", required=True, metavar="ACTION"))
    plugin = commands.add_parser("plugin", help="keep the register of the plugins that an organization knows")
    add_plugins(plugin.add_subparsers(dest="action", required=True, metavar="ACTION"))
    add_profiles(commands)
    request = commands.add_parser("request", help="see what was asked for, and decide about it")
    add_requests(request.add_subparsers(dest="action", required=True, metavar="ACTION"))
    rescue = commands.add_parser("rescue", help="take over what a device could not send")
    add_rescue(rescue.add_subparsers(dest="action", required=True, metavar="ACTION"))
    add_routine(commands)
    schedule = commands.add_parser("schedule", help="plan maintenance that comes again")
    add_schedules(schedule.add_subparsers(dest="action", required=True, metavar="ACTION"))
    add_setup(commands)
    add_stock(commands)
    add_finding(commands)
    add_pages(commands)
    user = commands.add_parser("user", help="add people who may sign in")
    _add_user(user.add_subparsers(dest="action", required=True, metavar="ACTION"))
    return parser


def _add_migrate(parser: ArgumentParser) -> None:
    answering(parser, _migrate)


def _add_serve(parser: ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (CMMS_HOST, else this machine only)")
    parser.add_argument("--port", type=_port, help="0 lets the system choose (CMMS_PORT, else 8470)")
    parser.set_defaults(run=_serve)


def _add_seed(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--size",
        choices=["small", "medium", "large"],
        default="small",
        help="small: two demonstrations; medium and large: 5 and 50 organizations of 20,000 orders each",
    )
    answering(parser, _seed)


def _add_demo_server(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=path_of, required=True, metavar="FOLDER", help="where everything of it lies")
    parser.add_argument("--no-seed", action="store_true", help="start without organizations")
    parser.add_argument("--port", type=_port, default=0, help="where to listen; 0 lets the system choose")
    parser.add_argument("--json", action="store_true", help="say on one line of JSON what is there")
    parser.set_defaults(run=_demo_server)


def _add_import(actions: "_SubParsersAction[Parser]") -> None:
    orders = actions.add_parser("work-orders", help="import a CSV file; columns are guessed, or given with --map")
    orders.add_argument("file", type=path_of, metavar="FILE")
    orders.add_argument("--organization", required=True, metavar="SLUG")
    orders.add_argument("--map", action="append", default=[], metavar="COLUMN=field", help="may be repeated")
    orders.add_argument("--site", metavar="CODE", help="site of rows that name none (else the first by code)")
    orders.add_argument("--dry-run", action="store_true", help="only say what would happen")
    answering(orders, _import_work_orders)
    undo = actions.add_parser("undo", help="delete the orders of an import that nobody worked on")
    undo.add_argument("import_id", metavar="IMPORT_ID")
    undo.add_argument("--organization", required=True, metavar="SLUG")
    answering(undo, _undo_import)


def _add_user(actions: "_SubParsersAction[Parser]") -> None:
    create = actions.add_parser("create", help="add a person; the password is read from standard input")
    create.add_argument("login", metavar="LOGIN")
    create.add_argument("--organization", required=True, metavar="SLUG")
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, help="technician, supervisor, planner, manager, admin or customer")
    create.add_argument("--site", action="append", default=[], metavar="CODE", help="site to enter; may be repeated")
    create.add_argument(
        "--by-code", action="store_true", help="read no password: he chooses one with an enrolment code"
    )
    answering(create, _create_user)
    add_permissions(actions)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _migrate(options: Namespace) -> Answer:
    from sync_server.cli import administration

    return administration.migrate_database()


def _serve(options: Namespace) -> None:
    from dataclasses import replace

    from sync_server.cli.serving import serve
    from sync_server.config import ServerSettings

    settings = ServerSettings.from_environment()
    host = settings.host if options.host is None else options.host
    port = settings.port if options.port is None else options.port
    serve(replace(settings, host=host, port=port))


def _seed(options: Namespace) -> Answer:
    from sync_server.cli import administration

    return administration.seed_demonstration() if options.size == "small" else administration.seed_size(options.size)


def _demo_server(options: Namespace) -> None:
    from sync_server.cli.demo_server import run_demo_server

    run_demo_server(options.data, port=options.port, with_seed=not options.no_seed, as_json=options.json)


def _import_work_orders(options: Namespace) -> Answer:
    from sync_server.cli import importing

    return importing.import_work_orders(
        options.file, options.organization, mappings=options.map, site_code=options.site, dry_run=options.dry_run
    )


def _undo_import(options: Namespace) -> Answer:
    from sync_server.cli import importing

    return importing.undo(options.import_id, options.organization)


def _create_user(options: Namespace) -> Answer:
    from sync_server.cli import administration

    return administration.make_user(
        options.login,
        options.organization,
        name=options.name,
        role=options.role,
        site_codes=options.site,
        by_code=options.by_code,
    )
