"""The command that makes a work order of a template."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering


def add_orders(actions: "_SubParsersAction[Parser]") -> None:
    """Describe it. What it needs is imported when it runs."""
    make = actions.add_parser("make", help="make an order of a template")
    make.add_argument("template", metavar="TEMPLATE", help="name of the template")
    make.add_argument("--organization", required=True, metavar="SLUG")
    make.add_argument("--site", required=True, metavar="CODE", help="where")
    make.add_argument("--asset", metavar="CODE", help="on what")
    answering(make, _make)


def _make(options: Namespace) -> Answer:
    from sync_server.application.making_orders import make_of_template
    from sync_server.cli.administration import known_organization
    from sync_server.cli.databases import ready_database
    from sync_server.config import ServerSettings

    with ready_database(ServerSettings.from_environment()) as (database, _):
        order_id, number = make_of_template(
            database,
            known_organization(database, options.organization),
            template_name=options.template,
            site_code=options.site,
            asset_code=options.asset,
        )
    return {"work_order_id": order_id, "number": number}, f"{number} is made."
