"""The commands that write a generated page, for whoever changes what it tells."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering, path_of


def add_pages(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them. What each needs is imported when it runs."""
    permissions = commands.add_parser("permissions-page", help="write the page about who may do what")
    permissions.add_argument("file", type=path_of, metavar="FILE", help="sync_server/PERMISSIONS.md in a checkout")
    answering(permissions, _write_permissions)
    schema = commands.add_parser("schema-page", help="write the page about tables, policies, grants and functions")
    schema.add_argument("file", type=path_of, metavar="FILE", help="sync_server/SCHEMA.md in a checkout")
    answering(schema, _write_schema)


def _write_permissions(options: Namespace) -> Answer:
    from sync_server.cli import pages

    return pages.write_permissions_page(options.file)


def _write_schema(options: Namespace) -> Answer:
    from sync_server.cli import pages

    return pages.write_schema_page(options.file)
