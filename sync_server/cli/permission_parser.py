"""The commands that give a person permissions besides those of his role, and take them again."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering


def add_permissions(actions: "_SubParsersAction[Parser]") -> None:
    """Describe them. What each needs is imported when it runs."""
    permit = actions.add_parser("permit", help="let a person do what his role does not")
    forbid = actions.add_parser("forbid", help="take again what permit gave; what his role gives stays")
    for parser in (permit, forbid):
        parser.add_argument("login", metavar="LOGIN")
        parser.add_argument("resource", metavar="RESOURCE", help="an entity, such as work_order")
        parser.add_argument("action", metavar="ACTION", help="what with it, such as review; PERMISSIONS.md has all")
        parser.add_argument("--organization", required=True, metavar="SLUG")
    permit.add_argument("--scope", required=True, metavar="own|team|site|organization", help="how far")
    permit.add_argument("--site", metavar="CODE", help="at this site only")
    answering(permit, _permit)
    answering(forbid, _forbid)


def _permit(options: Namespace) -> Answer:
    from sync_server.cli import administration

    return administration.permit(
        options.login,
        options.organization,
        resource=options.resource,
        action=options.action,
        scope=options.scope,
        site_code=options.site,
    )


def _forbid(options: Namespace) -> Answer:
    from sync_server.cli import administration

    return administration.forbid(options.login, options.organization, resource=options.resource, action=options.action)
